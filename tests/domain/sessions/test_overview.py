"""The rules behind the overview: energy is spread evenly, and none of it gets lost or counted twice."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from csms.domain.sessions.overview import STEP, Charge, a_week_before, day_start, energy_between, power_curve

NOON = datetime(2030, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_half_of_a_session_that_is_half_inside_counts() -> None:
    charge = Charge(NOON, NOON + 2 * HOUR, 10_000)
    assert energy_between([charge], NOON + HOUR, NOON + 5 * HOUR) == 5_000
    assert energy_between([charge], NOON - HOUR, NOON + 5 * HOUR) == 10_000
    assert energy_between([charge], NOON + 3 * HOUR, NOON + 5 * HOUR) == 0


def test_energy_of_no_time_counts_once_where_it_began() -> None:
    charge = Charge(NOON, NOON, 700)
    assert energy_between([charge], NOON - HOUR, NOON) == 0
    assert energy_between([charge], NOON, NOON + HOUR) == 700


def test_eleven_kilowatts_for_an_hour_are_four_quarters_of_eleven_kilowatts() -> None:
    curve = power_curve([Charge(NOON, NOON + HOUR, 11_000)], NOON - STEP, NOON + HOUR + STEP)
    assert [point.power_w for point in curve] == [0, 11_000, 11_000, 11_000, 11_000, 0]
    assert curve[0].at == NOON - STEP


moments = st.integers(-600, 600).map(lambda minutes: NOON + timedelta(minutes=minutes))
charges = st.builds(
    lambda start, minutes, wh: Charge(start, start + timedelta(minutes=minutes), wh),
    moments,
    st.integers(0, 300),
    st.integers(0, 90_000),
)


@given(st.lists(charges, max_size=8), moments, st.integers(1, 60))
def test_the_area_of_the_curve_is_the_energy_delivered(found: list[Charge], since: datetime, steps: int) -> None:
    until = since + steps * STEP
    area = sum(point.power_w for point in power_curve(found, since, until)) * (STEP / HOUR)
    assert abs(area - energy_between(found, since, until)) <= 0.05 * steps + 0.01


def test_a_day_begins_where_people_are_and_a_week_ago_is_the_same_hour_across_daylight_saving() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    now = datetime(2030, 4, 2, 8, 30, tzinfo=UTC)  # summer time began on 31 March
    assert day_start(now, berlin).astimezone(UTC) == datetime(2030, 4, 1, 22, tzinfo=UTC)
    assert a_week_before(now, berlin).astimezone(UTC) == datetime(2030, 3, 26, 9, 30, tzinfo=UTC)
