"""How figures are made of what was seen, and what the open loop counts as latency."""

import asyncio
import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from time import perf_counter

from bench.fleet import Fleet, wait_until
from bench.load import Timetable, percentile, spread
from bench.mix import CYCLE
from websockets.asyncio.server import ServerConnection

FleetAt = Callable[..., AbstractAsyncContextManager[Fleet]]
ANSWER = {"transactionId": 1, "idTagInfo": {"status": "Accepted"}}


def test_percentiles_are_nearest_ranks() -> None:
    values = [float(value) for value in range(1, 101)]

    assert (percentile(values, 0.5), percentile(values, 0.99), percentile([], 0.5)) == (50.0, 99.0, 0.0)


async def test_in_the_open_loop_the_wait_for_a_slow_answer_counts_for_the_calls_that_became_due_meanwhile(
    fleet_at: FleetAt,
) -> None:
    may_answer = asyncio.Event()

    async def answer_late(connection: ServerConnection) -> None:
        async for text in connection:
            await may_answer.wait()
            await connection.send(json.dumps([3, json.loads(text)[1], ANSWER]))

    async with fleet_at(answer_late) as fleet:
        await fleet.grow(1, at_once=1)
        (station,) = fleet.stations
        timetable = Timetable(fleet, per_second=1000)
        while len(station.due) < 2:
            await timetable.run(0.005)
        due, answered_at = list(station.due)[:2], perf_counter()
        may_answer.set()
        await wait_until(lambda: len(fleet.latencies_s) >= 3, timeout_s=10)

    assert fleet.errors == {}
    assert fleet.latencies_s[1] >= answered_at - due[0]
    assert fleet.latencies_s[2] >= answered_at - due[1]


async def test_the_open_loop_begins_with_stations_all_over_the_mix(fleet_at: FleetAt) -> None:
    count = 0

    async def answer(connection: ServerConnection) -> None:
        nonlocal count
        async for text in connection:
            count += 1
            await connection.send(json.dumps([3, json.loads(text)[1], ANSWER | {"transactionId": count}]))

    async with fleet_at(answer) as fleet:
        await fleet.grow(len(CYCLE) + 2, at_once=1)
        await spread(fleet)
        steps = [station.script.step for station in fleet.stations]

    assert steps == [*range(len(CYCLE)), 0, 1]
    assert fleet.errors == {}
