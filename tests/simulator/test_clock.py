"""Stepped time jumps from timer to timer and never overtakes an answer."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from csms.simulator import PacedClock, SteppedClock

START = datetime(2026, 3, 2, tzinfo=UTC)


async def test_timers_fire_in_order_at_their_times(clock):
    fired = []
    begun = clock.now()
    for seconds in (30, 10, 20):
        clock.call_later(seconds, lambda: fired.append((clock.now() - begun).total_seconds()))
    cancelled = clock.call_later(15, lambda: fired.append("cancelled"))
    cancelled.cancel()
    await clock.advance(25)
    assert fired == [10, 20]
    assert clock.now() == begun + timedelta(seconds=25)
    await clock.advance(5)
    assert fired == [10, 20, 30]


async def test_a_process_sleeps_its_way_through():
    clock = SteppedClock(START)
    seen = []

    async def process():
        for _ in range(3):
            await clock.sleep(60)
            seen.append(clock.now().minute)

    task = asyncio.create_task(process())
    await clock.advance(600)
    assert seen == [1, 2, 3]
    await task


async def test_time_waits_for_what_is_on_its_way():
    clock = SteppedClock(START)
    fired = []
    clock.call_later(1, lambda: fired.append(1))
    clock.hold()
    advancing = asyncio.create_task(clock.advance(2))
    for _ in range(100):
        await asyncio.sleep(0)
    assert fired == []
    clock.release()
    await advancing
    assert fired == [1]


async def test_paced_time_runs_faster_than_real_time():
    clock = PacedClock(START, speed=100_000)
    await clock.sleep(3600)
    assert clock.now() - START >= timedelta(seconds=3599)


async def test_time_does_not_stand_still():
    with pytest.raises(ValueError, match="speed"):
        PacedClock(speed=0)
