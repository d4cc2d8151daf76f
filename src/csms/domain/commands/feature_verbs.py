"""What features ask of stations: like the verbs people use, but placed by the features alone, which keep records of them."""

from datetime import datetime

from csms.domain.commands.profiles import Profile
from csms.domain.commands.verbs import Verb


class ReserveNow(Verb, frozen=True):
    """Keep an evse (0: any) for an id token, and the group it belongs to, until a time."""

    reservation: int
    evse: int
    id_token: str
    expires_at: datetime
    group_id: str | None = None


class CancelReservation(Verb, frozen=True):
    """Give a reserved evse free."""

    reservation: int


class ListEntry(Verb, frozen=True):
    """An id token of a local list; `remove` takes it out of a differential one."""

    uid: str
    expires_at: str | None = None
    group_id: str | None = None
    remove: bool = False


class SendLocalList(Verb, frozen=True):
    """Replace a station's local list (`full`) or change it; afterwards it has this version."""

    version: int
    full: bool
    entries: list[ListEntry]


class GetLocalListVersion(Verb, frozen=True):
    """Ask which version of the local list the station has."""


class SetChargingProfile(Verb, frozen=True):
    """Give an evse (0: the station) a charging profile; `transaction_id` names the session of a session profile."""

    evse: int
    profile: Profile
    transaction_id: int | None = None


class ClearChargingProfile(Verb, frozen=True):
    """Remove the profile with this number, else all that match what is given."""

    number: int | None = None
    evse: int | None = None
    purpose: str | None = None
    stack_level: int | None = None


class GetCompositeSchedule(Verb, frozen=True):
    """Ask what all profiles together allow in the next seconds."""

    evse: int
    duration_s: int
    unit: str | None = None


class GetDiagnostics(Verb, frozen=True):
    """Ask for an upload of diagnostics to a location."""

    location: str
    retries: int | None = None
    retry_interval_s: int | None = None
    since: datetime | None = None
    until: datetime | None = None


class GetLog(Verb, frozen=True):
    """Ask for an upload of the diagnostics or security log under a request number."""

    kind: str
    number: int
    location: str
    retries: int | None = None
    retry_interval_s: int | None = None
    since: datetime | None = None
    until: datetime | None = None


class UpdateFirmware(Verb, frozen=True):
    """Have a firmware fetched from a location, not before a time, and installed."""

    location: str
    retrieve_at: datetime
    retries: int | None = None
    retry_interval_s: int | None = None


class SignedFirmware(Verb, frozen=True):
    """The same with a signature that the station checks, under a request number."""

    number: int
    location: str
    retrieve_at: datetime
    signing_certificate: str
    signature: str
    install_at: datetime | None = None
    retries: int | None = None
    retry_interval_s: int | None = None
