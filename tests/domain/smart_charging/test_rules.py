"""The composite schedule beside a reading of the specification second by second."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csms.domain.commands.profiles import InvalidProfile, Period, Profile, checked, checked_place
from csms.domain.smart_charging.rules import Interval, Placed, Supply, composite, convert_profile, exceeded

T0 = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
WINDOW_S = 400
SUPPLY = Supply(230.0, 3)


def seconds(low, high):
    return st.integers(low, high).map(lambda second: T0 + timedelta(seconds=second))


@st.composite
def profiles(draw):
    kind = draw(st.sampled_from(["absolute", "recurring", "relative"]))
    starts = [0, *sorted(draw(st.sets(st.integers(1, 300), max_size=3)))]
    return Profile(
        purpose=draw(st.sampled_from(["station_max", "session_default", "session"])),
        kind=kind,
        stack_level=draw(st.integers(0, 3)),
        unit=draw(st.sampled_from(["A", "W"])),
        periods=[
            Period(start, float(draw(st.integers(0, 200))), draw(st.sampled_from([None, 1, 3]))) for start in starts
        ],
        recurrence=draw(st.sampled_from(["daily", "weekly"])) if kind == "recurring" else None,
        # days and weeks ago, so that a run may end or begin within the window
        start_at=None
        if kind == "relative"
        else draw(seconds(-200, 300)) - timedelta(days=draw(st.sampled_from([0, 1, 7, 8]))),
        duration_s=draw(st.none() | st.integers(1, 400) | st.just(86_400 + 100)),
        valid_from=draw(st.none() | seconds(-100, 200)),
        valid_to=draw(st.none() | seconds(201, 500)),
    )


@st.composite
def installations(draw):
    """As a station holds them: one an evse, purpose and level."""
    found = {}
    for profile in draw(st.lists(profiles(), max_size=6)):
        evse = {"station_max": 0, "session": 1}.get(profile.purpose)
        evse = draw(st.sampled_from([0, 1, 2])) if evse is None else evse
        found[evse, profile.purpose, profile.stack_level] = Placed(evse, profile)
    return list(found.values())


def brute_limit(placed, evse, at, since, charging, unit):  # noqa: C901 - literal, not elegant
    """§3.13.1-3.13.3, §5.16.4 and errata 3.43 read literally for one moment."""

    def says(profile):
        if profile.valid_from is not None and at < profile.valid_from:
            return None
        if profile.valid_to is not None and not at < profile.valid_to:
            return None
        if profile.kind == "relative":
            runs = [since]
        elif profile.kind == "absolute":
            runs = [profile.start_at]
        else:
            step = timedelta(days=1 if profile.recurrence == "daily" else 7)
            runs = [profile.start_at + step * number for number in range(12)]
        begun = [run for run in runs if run <= at]
        if not begun:
            return None
        elapsed = (at - begun[-1]).total_seconds()
        if profile.duration_s is not None and elapsed >= profile.duration_s:
            return None
        period = None
        for candidate in profile.periods:
            if candidate.start_s <= elapsed:
                period = candidate
        phases = period.phases or 3
        watts = period.limit if profile.unit == "W" else period.limit * 230.0 * phases
        if profile.unit == unit:
            return period.limit
        return watts if unit == "W" else period.limit / (230.0 * phases)

    def highest(chosen):
        for level in range(3, -1, -1):
            for profile in chosen:
                if profile.stack_level == level and says(profile) is not None:
                    return says(profile)
        return None

    def of(purpose, place):
        return [item.profile for item in placed if item.profile.purpose == purpose and item.evse == place]

    station = highest(of("station_max", 0))
    own = None
    if evse > 0:
        here = of("session_default", evse)
        default = highest(
            here
            + [
                profile
                for profile in of("session_default", 0)
                if profile.stack_level not in {other.stack_level for other in here}
            ]
        )
        session = highest(of("session", evse)) if charging else None
        own = default if session is None else session
    return min((limit for limit in (station, own) if limit is not None), default=None)


@settings(max_examples=150, deadline=None)
@given(
    placed=installations(),
    evse=st.sampled_from([0, 1, 2]),
    unit=st.sampled_from(["A", "W"]),
    charging_for=st.none() | st.integers(0, 300),
)
def test_it_is_what_the_specification_says_for_every_second(placed, evse, unit, charging_for):
    since = None if charging_for is None else T0 - timedelta(seconds=charging_for)
    intervals = composite(placed, evse, T0, WINDOW_S, unit, supply=SUPPLY, charging_since=since)
    assert intervals[0].start_s == 0
    at = 0
    for second in range(WINDOW_S):
        while at + 1 < len(intervals) and intervals[at + 1].start_s <= second:
            at += 1
        moment = T0 + timedelta(seconds=second)
        expected = brute_limit(placed, evse, moment, since or T0, since is not None, unit)
        assert intervals[at].limit == expected, second


@settings(max_examples=100, deadline=None)
@given(placed=installations(), evse=st.sampled_from([0, 1]))
def test_neighbours_differ_and_stand_in_order(placed, evse):
    intervals = composite(placed, evse, T0, WINDOW_S, "W", charging_since=T0)
    for earlier, later in pairwise(intervals):
        assert earlier.start_s < later.start_s < WINDOW_S
        assert earlier.limit != later.limit


@given(profile=profiles(), unit=st.sampled_from(["A", "W"]))
def test_a_converted_limit_is_never_exceeded(profile, unit):
    other = convert_profile(profile, unit, SUPPLY)
    assert other.unit == unit
    for before, after in zip(profile.periods, other.periods, strict=True):
        watts = [
            period.limit * (1 if kind == "W" else 230.0 * (period.phases or 3))
            for period, kind in ((before, profile.unit), (after, unit))
        ]
        assert watts[1] <= watts[0] + 1e-3
        assert watts[0] - watts[1] <= 0.1 * 230 * 3 + 1e-3


def plain(**more):
    base = {"purpose": "session", "kind": "relative", "stack_level": 0, "unit": "A", "periods": [Period(0, 16.0)]}
    return Profile(**(base | more))


@pytest.mark.parametrize(
    "wrong",
    [
        {"periods": [Period(5, 16.0)]},
        {"periods": [Period(0, 16.0), Period(60, 10.0), Period(60, 8.0)]},
        {"periods": [Period(0, 16.05)]},
        {"kind": "recurring", "start_at": T0},
        {"recurrence": "daily"},
        {"start_at": T0},
        {"kind": "absolute"},
        {"valid_from": T0, "valid_to": T0},
    ],
)
def test_what_the_specification_forbids_is_refused(wrong):
    with pytest.raises(InvalidProfile):
        checked(plain(**wrong))


def test_purposes_have_their_places():
    assert checked(plain()) == plain()
    checked_place(plain(), 1)
    checked_place(plain(purpose="session_default"), 0)
    with pytest.raises(InvalidProfile):
        checked_place(plain(), 0)
    with pytest.raises(InvalidProfile):
        checked_place(plain(purpose="station_max"), 1)


def test_a_station_that_allows_more_than_its_profiles_is_found_out():
    ours = [Interval(0, 10.0), Interval(60, 6.0)]
    assert exceeded(ours, [Interval(0, 10.0), Interval(60, 6.1)], 120) == []
    assert [item.start_s for item in exceeded(ours, [Interval(0, 10.0)], 120)] == [60]
    assert exceeded([Interval(0, None)], [Interval(0, 22_000.0)], 120) == []
