"""How long guessing has to wait."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csms.domain.accounts.patience import FOR_EMAIL, FORGET_AFTER, Patience, neighbourhood

NOON = datetime(2030, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("failures", "wait_s"), [(0, 0), (4, 0), (5, 15), (6, 30), (7, 60), (10, 480), (11, 900), (12, 900), (10**9, 900)]
)
def test_a_pause_doubles_up_to_a_quarter_of_an_hour(failures: int, wait_s: int) -> None:
    assert FOR_EMAIL.wait_s(failures, NOON, NOON) == wait_s


def test_a_pause_passes() -> None:
    assert FOR_EMAIL.wait_s(5, NOON, NOON + timedelta(seconds=14.2)) == 1
    assert FOR_EMAIL.wait_s(5, NOON, NOON + timedelta(seconds=15)) == 0


def test_a_day_forgives() -> None:
    patient = Patience(free=0, first_s=10**6, most_s=10**6)
    assert patient.wait_s(1, NOON, NOON + FORGET_AFTER) > 0
    assert patient.wait_s(1, NOON, NOON + FORGET_AFTER + timedelta(seconds=1)) == 0


@given(free=st.integers(0, 50), failures=st.integers(0, 10**6), past=st.timedeltas(timedelta(0), timedelta(hours=30)))
def test_more_failures_never_wait_less_and_nobody_waits_for_ever(free: int, failures: int, past: timedelta) -> None:
    patience = Patience(free)
    wait = patience.wait_s(failures, NOON, NOON + past)
    assert 0 <= wait <= patience.most_s
    assert wait <= patience.wait_s(failures + 1, NOON, NOON + past)
    assert patience.wait_s(failures, NOON, NOON + past + timedelta(seconds=wait)) == 0


@pytest.mark.parametrize(
    ("address", "counts_as"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("unknown", "unknown"),
        ("x" * 200, "x" * 64),
    ],
)
def test_a_neighbourhood_is_what_one_host_can_roam_in(address: str, counts_as: str) -> None:
    assert neighbourhood(address) == counts_as
