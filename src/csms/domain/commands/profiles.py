"""A charging profile in our words, as the catalogue and commands carry it, and what the specification demands of one."""

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from csms.kit.errors import Invalid

STATION_MAX: Final = "station_max"
SESSION_DEFAULT: Final = "session_default"
SESSION: Final = "session"

Purpose = Literal["station_max", "session_default", "session"]
Unit = Literal["A", "W"]
Rate = Annotated[
    float, Meta(ge=0, le=10_000_000, description="in the schedule's unit; at most one digit after the point")
]
Seconds = Annotated[int, Meta(ge=0, le=366 * 86_400)]


class InvalidProfile(Invalid):
    """This charging profile is not what OCPP 1.6 allows."""

    code = "invalid_charging_profile"


class Period(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """From `start_s` after the start of the schedule on: this limit. `phases` tells how many carry it (without it 3)."""

    start_s: Seconds
    limit: Rate
    phases: Annotated[int, Meta(ge=1, le=3)] | None = None


class Profile(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Limits over time, what they are for, and when they apply (OCPP 1.6 §7.8, §7.13).

    Amperes are for each phase. `start_at` is where an absolute schedule begins, or the first run of a recurring one; a
    relative one begins with the session. `number` is what the station knows it by, given when it is sent.
    """

    purpose: Purpose
    kind: Literal["absolute", "recurring", "relative"]
    unit: Unit
    periods: Annotated[list[Period], Meta(min_length=1, max_length=1024)]
    stack_level: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 0
    recurrence: Literal["daily", "weekly"] | None = None
    start_at: Annotated[datetime, Meta(tz=True)] | None = None
    duration_s: Annotated[int, Meta(ge=1, le=366 * 86_400)] | None = None
    min_rate: Rate | None = None
    valid_from: Annotated[datetime, Meta(tz=True)] | None = None
    valid_to: Annotated[datetime, Meta(tz=True)] | None = None
    number: Annotated[int, Meta(ge=0, le=2**31 - 1)] | None = None


def checked(profile: Profile, field: str = "profile") -> Profile:
    """The profile, if nothing is wrong with it; raises InvalidProfile with every fault."""
    faults = list(_faults(profile))
    if faults:
        raise InvalidProfile(" ".join(faults), field=field)
    return profile


def checked_place(profile: Profile, evse: int) -> None:
    """§3.13.1: a limit of the station is set for the whole of it, one of a session on the evse where it runs."""
    if profile.purpose == STATION_MAX and evse != 0:
        raise InvalidProfile("A station_max profile is for evse 0, the whole station.", field="evse")
    if profile.purpose == SESSION and evse == 0:
        raise InvalidProfile("A session profile is for the evse where the session runs.", field="evse")


def _faults(profile: Profile) -> Iterator[str]:
    starts = [period.start_s for period in profile.periods]
    if starts[0] != 0:
        yield "The first period starts at 0 s (§5.16.4)."
    if any(later <= earlier for earlier, later in pairwise(starts)):
        yield "Periods stand in order of their starts."
    rates = [profile.min_rate or 0, *(period.limit for period in profile.periods)]
    if any(round(rate, 1) != rate for rate in rates):
        yield "A limit has at most one digit after the point (§7.14)."
    if (profile.kind == "recurring") != (profile.recurrence is not None):
        yield "A recurrence goes with the kind recurring, and only with it (errata 3.56)."
    if profile.kind == "relative" and profile.start_at is not None:
        yield "A relative schedule has no start_at: it begins with the session (§7.9)."
    if profile.kind != "relative" and profile.start_at is None:
        yield f"An {profile.kind} schedule needs start_at.".replace("An r", "A r")
    if profile.valid_from is not None and profile.valid_to is not None and profile.valid_from >= profile.valid_to:
        yield "valid_from is before valid_to."
