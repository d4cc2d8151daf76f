"""What charging profiles together allow: the composite schedule (OCPP 1.6 §3.13, §5.7), pure.

How the specification is read where it leaves room: a profile prevails at a moment if it has the highest stack level of
those that *say something* then, so that lower levels fill gaps (errata 3.43); a default profile of an evse takes the place
of the station's at the same level for that evse (§3.13.1); where no session profile says anything, the default does.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from csms.domain.commands.profiles import SESSION, SESSION_DEFAULT, STATION_MAX, Period, Profile, Unit

_RECURRENCE: Final = {"daily": timedelta(days=1), "weekly": timedelta(days=7)}
TOLERANCE: Final = 0.11  # stations round to one digit


class Supply(NamedTuple):
    """What the evse is connected to; volts between phase and neutral."""

    voltage_v: float = 230.0
    phases: int = 3


class Placed(NamedTuple):
    """A profile on an evse (0: the station)."""

    evse: int
    profile: Profile


class Interval(NamedTuple):
    """From `start_s` on this limit; None: no profile limits anything."""

    start_s: int
    limit: float | None


class Exceeded(NamedTuple):
    """Where a station says it would allow more than its profiles do."""

    start_s: int
    limit: float
    reported: float


def converted(limit: float, given: Unit, wanted: Unit, phases: int, voltage_v: float) -> float:
    """Watts are the sum of all phases, amperes are those of each (§7.13)."""
    if given == wanted:
        return limit
    return limit * voltage_v * phases if wanted == "W" else limit / (voltage_v * phases)


def convert_profile(profile: Profile, unit: Unit, supply: Supply) -> Profile:
    """The same limits in the other unit, rounded down to a tenth so that none is exceeded."""
    if profile.unit == unit:
        return profile

    def turned(limit: float, phases: int | None) -> float:
        exact = converted(limit, profile.unit, unit, phases or supply.phases, supply.voltage_v)
        return math.floor(exact * 10 + 1e-6) / 10

    periods = [Period(period.start_s, turned(period.limit, period.phases), period.phases) for period in profile.periods]
    least = None if profile.min_rate is None else turned(profile.min_rate, None)
    return _replaced(profile, unit, periods, least)


def _replaced(profile: Profile, unit: Unit, periods: list[Period], min_rate: float | None) -> Profile:
    fields = {name: getattr(profile, name) for name in profile.__struct_fields__}
    return Profile(**(fields | {"unit": unit, "periods": periods, "min_rate": min_rate}))


def composite(
    placed: Sequence[Placed],
    evse: int,
    start: datetime,
    duration_s: int,
    unit: Unit,
    *,
    supply: Supply = Supply(),  # noqa: B008 - immutable
    charging_since: datetime | None = None,
) -> list[Interval]:
    """The limits of an evse (0: the station) in the seconds from `start` on, equal neighbours merged.

    `charging_since` is when its session began; without a session, relative schedules are taken to begin at `start`, and
    session profiles say nothing.
    """
    since = charging_since or start
    layers = _layers(placed, evse, charging=charging_since is not None)
    intervals: list[Interval] = []
    for second in _moments(layers, start, duration_s, since):
        limit = _limit(layers, start + timedelta(seconds=second), since, unit, supply)
        if not intervals or intervals[-1].limit != limit:
            intervals.append(Interval(second, limit))
    return intervals


Layers = tuple[
    list[Profile], list[Profile], list[Profile]
]  # of the station, of the session, defaults; highest level first


def _layers(placed: Sequence[Placed], evse: int, *, charging: bool) -> Layers:
    own_levels = {item.profile.stack_level for item in placed if _is(item, SESSION_DEFAULT, evse) and evse > 0}
    defaults = [
        item.profile
        for item in placed
        if evse > 0
        and (
            _is(item, SESSION_DEFAULT, evse)
            or (_is(item, SESSION_DEFAULT, 0) and item.profile.stack_level not in own_levels)
        )
    ]
    session = [item.profile for item in placed if charging and evse > 0 and _is(item, SESSION, evse)]
    station = [item.profile for item in placed if _is(item, STATION_MAX, 0)]
    return _by_level(station), _by_level(session), _by_level(defaults)


def _is(item: Placed, purpose: Literal["station_max", "session_default", "session"], evse: int) -> bool:
    return item.profile.purpose == purpose and item.evse == evse


def _by_level(profiles: list[Profile]) -> list[Profile]:
    return sorted(profiles, key=lambda profile: -profile.stack_level)


def _limit(layers: Layers, at: datetime, since: datetime, unit: Unit, supply: Supply) -> float | None:
    station, session, defaults = (_prevailing(layer, at, since, unit, supply) for layer in layers)
    own = session if session is not None else defaults
    limits = [limit for limit in (station, own) if limit is not None]
    return min(limits, default=None)


def _prevailing(profiles: Iterable[Profile], at: datetime, since: datetime, unit: Unit, supply: Supply) -> float | None:
    for profile in profiles:
        period = period_at(profile, at, since)
        if period is not None:
            phases = period.phases or supply.phases
            return converted(period.limit, profile.unit, unit, min(phases, supply.phases), supply.voltage_v)
    return None


def period_at(profile: Profile, at: datetime, since: datetime) -> Period | None:
    """The period of the schedule in force at a moment, None where the profile says nothing."""
    if profile.valid_from is not None and at < profile.valid_from:
        return None
    if profile.valid_to is not None and at >= profile.valid_to:
        return None
    elapsed_s = (at - _run_start(profile, at, since)).total_seconds()
    if elapsed_s < 0 or (profile.duration_s is not None and elapsed_s >= profile.duration_s):
        return None
    return [period for period in profile.periods if period.start_s <= elapsed_s][-1]


def _run_start(profile: Profile, at: datetime, since: datetime) -> datetime:
    """When the run of the schedule began that `at` falls into; a recurring one starts anew each time (§5.16.4)."""
    first = profile.start_at
    if profile.kind == "relative" or first is None:
        return since
    if profile.recurrence is None or at < first:
        return first
    return first + (at - first) // _RECURRENCE[profile.recurrence] * _RECURRENCE[profile.recurrence]


def _moments(layers: Layers, start: datetime, duration_s: int, since: datetime) -> list[int]:
    """The whole seconds of the window at which a limit may change, the first always."""
    found = {0}
    end = start + timedelta(seconds=duration_s)
    for profile in (profile for layer in layers for profile in layer):
        for at in _edges(profile, start, end, since):
            second = math.ceil((at - start).total_seconds())
            if 0 < second < duration_s:
                found.add(second)
    return sorted(found)


def _edges(profile: Profile, start: datetime, end: datetime, since: datetime) -> Iterator[datetime]:
    yield from (at for at in (profile.valid_from, profile.valid_to) if at is not None)
    run = _run_start(profile, start, since)
    while run < end:
        yield from (run + timedelta(seconds=period.start_s) for period in profile.periods)
        if profile.duration_s is not None:
            yield run + timedelta(seconds=profile.duration_s)
        if profile.recurrence is None:
            return
        run += _RECURRENCE[profile.recurrence]


def exceeded(ours: Sequence[Interval], reported: Sequence[Interval], duration_s: int) -> list[Exceeded]:
    """Where the station's own schedule allows more than ours: a profile is missing there, or read otherwise.

    Less is no contradiction: a station also knows its own limits (§5.7).
    """
    moments = sorted({item.start_s for item in (*ours, *reported) if item.start_s < duration_s})
    found = []
    for second in moments:
        limit, said = _at(ours, second), _at(reported, second)
        if limit is not None and said is not None and said > limit + TOLERANCE:
            found.append(Exceeded(second, limit, said))
    return found


def _at(intervals: Sequence[Interval], second: int) -> float | None:
    begun = [item.limit for item in intervals if item.start_s <= second]
    return begun[-1] if begun else None
