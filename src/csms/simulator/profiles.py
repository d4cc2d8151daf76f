"""Charging profiles: which are installed, what they allow at a moment, and the composite schedule (OCPP 1.6 §3.13)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from msgspec import UNSET

from csms.ocpp import v16
from csms.simulator.spec import ConnectorSpec

VOLTAGE = 230.0

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Installed:
    """A profile, where it was set, and for TxProfile the station's own number of the transaction it is for."""

    connector_id: int
    profile: v16.ChargingProfile
    transaction_number: int | None


def watts(limit: float, unit: v16.ChargingRateUnit, phases: int) -> float:
    """A limit in W; amperes count for each of `phases`."""
    return limit if unit == "W" else limit * VOLTAGE * phases


def _phases(connector: ConnectorSpec, wanted: object) -> int:
    available = 3 if connector.kind == "DC" else connector.phases
    return min(available, wanted) if isinstance(wanted, int) and wanted > 0 else available


def _recurrence(profile: v16.ChargingProfile) -> timedelta | None:
    if profile.charging_profile_kind != "Recurring":
        return None
    return _DAY if profile.recurrency_kind == "Daily" else 7 * _DAY


def _schedule_start(profile: v16.ChargingProfile, at: datetime, charging_since: datetime) -> datetime:
    """When the run of the schedule began that is in force at `at`."""
    start = profile.charging_schedule.start_schedule
    if start is UNSET or profile.charging_profile_kind == "Relative":
        return charging_since
    period = _recurrence(profile)
    return start if period is None or at < start else start + (at - start) // period * period


def _period_at(
    profile: v16.ChargingProfile, at: datetime, charging_since: datetime
) -> v16.ChargingSchedulePeriod | None:
    """What the profile says for the moment `at`; None where it says nothing."""
    if profile.valid_from is not UNSET and at < profile.valid_from:
        return None
    if profile.valid_to is not UNSET and at >= profile.valid_to:
        return None
    schedule = profile.charging_schedule
    elapsed_s = (at - _schedule_start(profile, at, charging_since)).total_seconds()
    if elapsed_s < 0 or (schedule.duration is not UNSET and elapsed_s >= schedule.duration):
        return None
    begun = [period for period in schedule.charging_schedule_period if period.start_period <= elapsed_s]
    return max(begun, key=lambda period: period.start_period, default=None)


class Profiles:
    """The profiles of one station."""

    __slots__ = ("_installed",)

    def __init__(self) -> None:
        self._installed: list[Installed] = []

    def __len__(self) -> int:
        return len(self._installed)

    def install(
        self,
        connector_id: int,
        profile: v16.ChargingProfile,
        transaction_number: int | None = None,
        *,
        most: int | None = None,
    ) -> bool:
        """Add a profile in the place of one with its id, or with its purpose and level there (§5.16.3, §5.16.4).

        False, and nothing is changed, when there would be more than `most`.
        """
        new = Installed(connector_id, profile, transaction_number)
        kept = [other for other in self._installed if not _replaces(new, other)]
        if most is not None and len(kept) >= most:
            return False
        self._installed = [*kept, new]
        return True

    def clear(self, request: v16.ClearChargingProfile) -> bool:
        """Remove what matches every given field; an id decides alone. False when nothing matched (§5.5)."""
        kept = [installed for installed in self._installed if not _matches(installed, request)]
        cleared = len(kept) < len(self._installed)
        self._installed = kept
        return cleared

    def end_transaction(self, number: int) -> None:
        """A TxProfile lives as long as its transaction (§3.13.1)."""
        self._installed = [installed for installed in self._installed if installed.transaction_number != number]

    def limit_w(
        self,
        connector_id: int,
        connector: ConnectorSpec,
        at: datetime,
        *,
        charging_since: datetime | None = None,
        transaction_number: int | None = None,
        sharing: int = 1,
    ) -> float:
        """What the connector may deliver at `at`, W, never more than it is built for.

        The limit of the whole station is divided by the number of connectors that are `sharing` it.
        """
        since = charging_since or at
        limit_w = connector.max_power_w
        overall = self._prevailing(self._of("ChargePointMaxProfile", 0, None), connector, at, since)
        if overall is not None:
            limit_w = min(limit_w, overall / max(sharing, 1))
        own = self._prevailing(self._of("TxProfile", connector_id, transaction_number), connector, at, since)
        if own is None:
            own = self._prevailing(self._of("TxDefaultProfile", connector_id, None), connector, at, since)
        return limit_w if own is None else min(limit_w, own)

    def station_limit_w(self, connectors: Iterable[ConnectorSpec], at: datetime) -> float:
        """What all connectors together may draw at `at`, W."""
        built_for = list(connectors)
        total_w = sum(connector.max_power_w for connector in built_for)
        overall = self._prevailing(self._of("ChargePointMaxProfile", 0, None), built_for[0], at, at)
        return total_w if overall is None else min(total_w, overall)

    def changes_between(self, start: datetime, end: datetime, charging_since: datetime) -> list[datetime]:
        """Every moment in [start, end) at which a limit may change, in order, `start` first."""
        moments = {start}
        for installed in self._installed:
            moments.update(at for at in _changes(installed.profile, start, end, charging_since) if start < at < end)
        return sorted(moments)

    def _of(
        self, purpose: v16.ChargingProfilePurpose, connector_id: int, transaction_number: int | None
    ) -> list[v16.ChargingProfile]:
        found = [
            installed
            for installed in self._installed
            if installed.profile.charging_profile_purpose == purpose
            and installed.connector_id in (0, connector_id)
            and (purpose != "TxProfile" or installed.transaction_number == transaction_number)
        ]
        own_levels = {installed.profile.stack_level for installed in found if installed.connector_id}
        return [
            installed.profile
            for installed in found
            if installed.connector_id == connector_id or installed.profile.stack_level not in own_levels
        ]

    @staticmethod
    def _prevailing(
        profiles: list[v16.ChargingProfile], connector: ConnectorSpec, at: datetime, charging_since: datetime
    ) -> float | None:
        """The limit of the highest level that says something for this moment, W (§3.13.2)."""
        for profile in sorted(profiles, key=lambda profile: -profile.stack_level):
            period = _period_at(profile, at, charging_since)
            if period is not None:
                phases = _phases(connector, period.number_phases)
                return watts(float(period.limit), profile.charging_schedule.charging_rate_unit, phases)
        return None


def _replaces(new: Installed, other: Installed) -> bool:
    if new.profile.charging_profile_id == other.profile.charging_profile_id:
        return True
    return (new.connector_id, new.profile.charging_profile_purpose, new.profile.stack_level) == (
        other.connector_id,
        other.profile.charging_profile_purpose,
        other.profile.stack_level,
    )


def _matches(installed: Installed, request: v16.ClearChargingProfile) -> bool:
    if request.id is not UNSET:
        return installed.profile.charging_profile_id == request.id
    return all(
        wanted is UNSET or wanted == actual
        for wanted, actual in (
            (request.connector_id, installed.connector_id),
            (request.charging_profile_purpose, installed.profile.charging_profile_purpose),
            (request.stack_level, installed.profile.stack_level),
        )
    )


def _changes(
    profile: v16.ChargingProfile, start: datetime, end: datetime, charging_since: datetime
) -> Iterator[datetime]:
    yield from (at for at in (profile.valid_from, profile.valid_to) if at is not UNSET)
    schedule = profile.charging_schedule
    recurrence = _recurrence(profile)
    run = _schedule_start(profile, start, charging_since)
    while run < end:
        yield from (run + timedelta(seconds=period.start_period) for period in schedule.charging_schedule_period)
        if schedule.duration is not UNSET:
            yield run + timedelta(seconds=schedule.duration)
        if recurrence is None:
            return
        run += recurrence


def composite(
    limits_w: Iterable[tuple[datetime, float]],
    start: datetime,
    duration_s: int,
    unit: Literal["A", "W"],
    phases: int,
) -> v16.ChargingSchedule:
    """A schedule from limits at moments in order (the first is `start`), equal neighbours merged."""
    periods: list[v16.ChargingSchedulePeriod] = []
    for at, limit_w in limits_w:
        amount = limit_w if unit == "W" else limit_w / VOLTAGE / phases
        limit = v16.ChargingRate(Decimal(f"{amount:.1f}"))
        if not periods or periods[-1].limit != limit:
            second = int((at - start).total_seconds())
            periods.append(v16.ChargingSchedulePeriod(start_period=second, limit=limit))
    return v16.ChargingSchedule(
        charging_rate_unit=unit, charging_schedule_period=periods, duration=duration_s, start_schedule=start
    )
