"""What station frames mean for a station and its connectors: pure functions over its live state."""

from datetime import datetime
from typing import NamedTuple

from csms.domain.stations.changes import ConnectorStatus, EvseSeen, StationBooted
from csms.kit.changes import Change
from csms.kit.facts import Fact, belated, detail

ACCEPTED = "accepted"
AVAILABLE = "available"
FAULTED = "faulted"
UNKNOWN = "unknown"


class ConnectorState:
    """The last reported status of a connector, and since when (our time; None: not known)."""

    __slots__ = ("error_code", "since", "status")

    def __init__(self, status: str, error_code: str | None, since: datetime | None = None) -> None:
        self.status = status
        self.error_code = error_code
        self.since = since


class StationState:
    """What the link's process knows of a station; a cache of what is committed.

    `registration` is how its BootNotification is answered; `booted` says that it was accepted once, so that a reconnect
    without BootNotification is served (OCPP 1.6 §4.2). `connectors` by (evse, number); (0, 0) is the station itself.
    `limits`: the most power in W that an evse gives, for those of which it was said.
    """

    __slots__ = ("booted", "booted_at", "connectors", "id", "identity", "limits", "registration", "serial_number")

    def __init__(
        self,
        station_id: int,
        identity: str,
        registration: str,
        booted: bool,
        serial_number: str | None = None,
        booted_at: datetime | None = None,
    ) -> None:
        self.id = station_id
        self.identity = identity
        self.registration = registration
        self.booted = booted
        self.booted_at = booted_at
        self.serial_number = serial_number
        self.connectors: dict[tuple[int, int], ConnectorState] = {}
        self.limits: dict[int, int] | None = None  # most have none

    def limit_w(self, evse: int) -> int | None:
        """The most power that an evse gives, None if nobody has said it."""
        return None if self.limits is None else self.limits.get(evse)

    @property
    def served(self) -> bool:
        """Whether its calls are answered: it was accepted and has said so."""
        return self.booted and self.registration == ACCEPTED


class Boot(NamedTuple):
    """What a station says of itself when it boots."""

    vendor: str | None
    model: str | None
    serial_number: str | None
    firmware_version: str | None
    iccid: str | None
    imsi: str | None
    meter_type: str | None
    meter_serial_number: str | None


class Status(NamedTuple):
    """A connector's report; `at` is the station's time, None if it gave none."""

    evse: int
    number: int
    status: str
    error_code: str | None
    info: str | None
    vendor_id: str | None
    vendor_error_code: str | None
    at: datetime | None


def boot(state: StationState, what: Boot, now: datetime, changes: list[Change]) -> str:
    """The registration to answer; sessions that were open stay open (a station may continue them)."""
    accepted = state.registration == ACCEPTED
    state.booted = state.booted or accepted
    state.booted_at = now
    state.serial_number = what.serial_number
    changes.append(StationBooted(*what, now if state.booted else None, now, state.id))
    said = detail(registration=state.registration, firmware_version=what.firmware_version)
    changes.append(Fact("StationBooted", now, state.id, None, said))
    return state.registration


def report_status(state: StationState, what: Status, now: datetime, changes: list[Change]) -> None:
    """Take a status as it comes, in order of arrival; becoming faulted and recovering are facts."""
    key = (what.evse, what.number)
    before = state.connectors.get(key)
    if before is None:
        announce(state, what.evse, what.number, changes)
        before = state.connectors[key]
    occurred_at = None if what.at is None else belated(what.at, now)
    if what.status == FAULTED and (before.status != FAULTED or before.error_code != what.error_code):
        said = detail(evse=what.evse, connector=what.number, error_code=what.error_code, info=what.info,
                      vendor_error_code=what.vendor_error_code, occurred_at=occurred_at)  # fmt: skip
        changes.append(Fact("ConnectorFaulted", now, state.id, None, said))
    elif before.status == FAULTED and what.status != FAULTED:
        said = detail(evse=what.evse, connector=what.number, status=what.status, occurred_at=occurred_at)
        changes.append(Fact("ConnectorRecovered", now, state.id, None, said))
    if before.status != what.status or before.since is None:
        before.since = now
    before.status = what.status
    before.error_code = what.error_code
    changes.append(ConnectorStatus(state.id, *what[:-1], what.at or now, before.since))


def announce(state: StationState, evse: int, number: int, changes: list[Change]) -> None:
    """Learn of an evse and connector not heard of before; its status is unknown until it is reported."""
    if (evse, number) in state.connectors:
        return
    state.connectors[evse, number] = ConnectorState(UNKNOWN, None)
    if evse > 0:
        changes.append(EvseSeen(state.id, evse))
    changes.append(ConnectorStatus(state.id, evse, number, UNKNOWN, None, None, None, None, None, None))
