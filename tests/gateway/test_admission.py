"""Admission: who gets in, who waits, who comes again when."""

import asyncio
import math

import pytest

from csms.gateway.admission import BURST_S, LEAST_S, MOST_S, Boots, Crowded, Gate
from csms.kit.clock import SystemClock


async def test_so_many_are_inside_at_once_the_others_follow_in_order() -> None:
    gate = Gate(SystemClock(), at_once=2, most_waiting=10)
    came: list[int] = []

    async def visit(number: int) -> None:
        place = await gate.enter()
        came.append(number)
        await asyncio.sleep(0)
        assert gate.inside <= 2
        place.leave()
        place.leave()  # twice does no harm

    await asyncio.gather(*(visit(number) for number in range(10)))
    assert came == list(range(10))
    assert (gate.inside, gate.waiting) == (0, 0)


async def test_a_line_that_is_too_long_is_not_joined() -> None:
    gate = Gate(SystemClock(), at_once=1, most_waiting=1)
    place = await gate.enter()
    waiting = asyncio.create_task(gate.enter())
    await asyncio.sleep(0)
    with pytest.raises(Crowded):
        await gate.enter()
    place.leave()
    (await waiting).leave()


async def test_who_leaves_the_line_takes_no_place() -> None:
    gate = Gate(SystemClock(), at_once=1, most_waiting=10)
    place = await gate.enter()
    impatient, patient = asyncio.create_task(gate.enter()), asyncio.create_task(gate.enter())
    await asyncio.sleep(0)
    impatient.cancel()
    place.leave()
    await patient
    assert gate.inside == 1


async def test_who_leaves_at_the_moment_of_being_let_in_gives_the_place_back() -> None:
    gate = Gate(SystemClock(), at_once=1, most_waiting=10)
    place = await gate.enter()
    unlucky, patient = asyncio.create_task(gate.enter()), asyncio.create_task(gate.enter())
    await asyncio.sleep(0)
    place.leave()
    unlucky.cancel()
    await patient
    assert gate.inside == 1


class Steps:
    """A clock that the loop's timers move on."""

    def __init__(self) -> None:
        self._began = asyncio.get_running_loop().time()

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time() - self._began


async def test_a_rate_lets_them_in_one_after_the_other() -> None:
    clock = Steps()
    gate = Gate(clock, at_once=100, most_waiting=100, per_s=200.0)  # type: ignore[arg-type]
    came_at: list[float] = []

    async def visit() -> None:
        await gate.enter()
        came_at.append(clock.monotonic())

    await asyncio.gather(*(visit() for _ in range(6)))
    assert came_at[-1] >= 5 / 200
    assert gate.inside == 6


def no_jitter(low: float, _high: float) -> float:
    return low


def test_boots_at_a_rate_that_can_be_taken_are_all_taken() -> None:
    boots = Boots(per_s=100, busy_after_s=5)
    assert all(boots.wait_s(number, number / 100, 0.0) is None for number in range(5_000))


def test_a_burst_is_taken_and_the_rest_comes_again_at_moments_of_their_own() -> None:
    boots = Boots(per_s=10, busy_after_s=5, jitter=no_jitter)
    waits = [boots.wait_s(number, 1000.0, 0.0) for number in range(500)]
    taken = waits.count(None)
    assert taken == pytest.approx(10 * BURST_S, abs=1)
    later = [wait for wait in waits if wait is not None]
    assert min(later) == LEAST_S
    assert max(later) == 50
    spread = [wait for wait in later if wait > LEAST_S]
    assert max(spread.count(wait) for wait in set(spread)) <= 11, "more at once than can be taken"


def test_who_comes_again_in_time_is_taken_whatever_happens() -> None:
    boots = Boots(per_s=1, busy_after_s=5)
    for number in range(100):
        boots.wait_s(number, 0.0, 0.0)
    wait = boots.wait_s(1000, 0.0, 0.0)
    assert wait is not None
    assert boots.awaited(1000, wait / 2)
    assert boots.wait_s(1000, wait / 2, 0.0) == math.ceil(wait - wait / 2), "too early: the same moment still holds"
    assert boots.wait_s(1000, float(wait), 60.0) is None
    assert not boots.awaited(1000, float(wait))


def test_while_commits_lag_everybody_comes_after_that() -> None:
    boots = Boots(per_s=1000, busy_after_s=5)
    assert boots.wait_s(1, 0.0, 4.9) is None
    wait = boots.wait_s(2, 0.0, 20.0)
    assert wait is not None
    assert wait >= 40
    assert (boots.wait_s(3, 0.0, 1e9) or 0) == MOST_S


def test_who_never_comes_again_is_not_awaited_for_ever() -> None:
    boots = Boots(per_s=1000, busy_after_s=5)
    wait = boots.wait_s(1, 0.0, 20.0)
    assert wait is not None
    assert not boots.awaited(1, wait + LEAST_S + 1.0)
