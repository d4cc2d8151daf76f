"""Ids: sortable outside, growing inside, the same again in a replay."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from csms.kit.clock import from_microseconds, microseconds
from csms.kit.ids import FrameIds, secret, station_password, uuid7, uuid7_of

FIRST, LAST = (datetime(year, 1, 1) for year in (1970, 2500))  # noqa: DTZ001 - hypothesis gives the zone
TIMES = st.datetimes(FIRST, LAST, timezones=st.just(UTC))
NOW = datetime(2030, 1, 1, tzinfo=UTC)


@given(TIMES)
def test_a_uuid7_carries_its_millisecond_version_and_variant(at: datetime) -> None:
    value = uuid7(at)
    assert (value.version, value.variant) == (7, "specified in RFC 4122")
    assert value.int >> 80 == microseconds(at) // 1000


@given(TIMES, TIMES)
def test_uuid7s_sort_by_time_to_the_millisecond(one: datetime, other: datetime) -> None:
    first, second = sorted((one, other))
    if microseconds(first) // 1000 < microseconds(second) // 1000:
        assert uuid7(first) < uuid7(second)


def test_uuid7s_of_one_moment_differ() -> None:
    assert len({uuid7(NOW) for _ in range(1000)}) == 1000


@given(TIMES, st.integers(), st.integers())
def test_a_uuid7_of_parts_is_the_same_for_the_same_parts_alone(at: datetime, one: int, other: int) -> None:
    assert uuid7_of(at, one, other) == uuid7_of(at, one, other)
    assert uuid7_of(at, one, other).version == 7
    assert (uuid7_of(at, one, other) == uuid7_of(at, other, one)) == (one == other)


def test_parts_are_told_apart_also_where_their_texts_run_together() -> None:
    assert uuid7_of(NOW, 1, 23) != uuid7_of(NOW, 12, 3)


@given(st.lists(st.integers(-3_000_000, 3_000_000), min_size=1, max_size=50))
def test_frame_ids_only_grow_however_the_clock_jumps(jumps: list[int]) -> None:
    ids, at, given_out = FrameIds(), NOW, []
    for jump in jumps:
        at += timedelta(microseconds=jump)
        given_out.append(ids.next(at))
    assert given_out == sorted(set(given_out))


def test_a_frame_id_is_the_microsecond_of_arrival() -> None:
    ids = FrameIds()
    assert from_microseconds(ids.next(NOW)) == NOW
    assert from_microseconds(ids.next(NOW)) == NOW + timedelta(microseconds=1)
    assert from_microseconds(ids.next(NOW + timedelta(seconds=1))) == NOW + timedelta(seconds=1)


def test_passwords_fit_a_station_and_never_repeat() -> None:
    """16 to 20 bytes, as hexadecimal digits (security white paper A00.FR.205)."""
    made = {station_password() for _ in range(100)}
    assert len(made) == 100
    assert all(len(bytes.fromhex(password)) == 20 for password in made)
    assert len({secret() for _ in range(100)}) == 100
