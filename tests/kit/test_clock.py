"""Microseconds and moments are the same thing."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from csms.kit.clock import SystemClock, from_microseconds, microseconds

FIRST, LAST = (datetime(year, 1, 1) for year in (1900, 2500))  # noqa: DTZ001 - hypothesis gives the zone
ZONES = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(FIRST, LAST, timezones=ZONES)


@given(MOMENTS)
def test_a_moment_survives_the_way_there_and_back_to_the_microsecond(at: datetime) -> None:
    back = from_microseconds(microseconds(at))
    assert back == at
    assert back.tzinfo is UTC


@given(MOMENTS, MOMENTS)
def test_microseconds_sort_as_moments_do(one: datetime, other: datetime) -> None:
    assert (microseconds(one) < microseconds(other)) == (one < other)


def test_the_machines_clock_is_aware_and_its_seconds_never_run_backwards() -> None:
    clock = SystemClock()
    assert clock.now().tzinfo is UTC
    seconds = [clock.monotonic() for _ in range(100)]
    assert seconds == sorted(seconds)
