"""Whatever a server does wrong is counted as an error."""

import asyncio
import json
import os
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from bench.fleet import Fleet, wait_until
from bench.load import closed_loop
from bench.orders import ClosedLoop
from websockets.asyncio.server import ServerConnection

FleetAt = Callable[..., AbstractAsyncContextManager[Fleet]]


async def test_an_error_as_an_answer_is_counted_and_the_station_goes_on(fleet_at: FleetAt) -> None:
    async def refuse_all(connection: ServerConnection) -> None:
        async for text in connection:
            await connection.send(json.dumps([4, json.loads(text)[1], "InternalError", "", {}]))

    async with fleet_at(refuse_all) as fleet:
        await fleet.grow(2, at_once=2)
        window = await closed_loop(fleet, ClosedLoop(warm_up_s=0, seconds=0.2, parts={"server": [os.getpid()]}))

    assert fleet.errors["Heartbeat: CALLERROR InternalError"] >= 2
    assert window.messages >= 2


async def test_a_rejected_boot_is_an_error(fleet_at: FleetAt) -> None:
    async def reject(connection: ServerConnection) -> None:
        message_id = json.loads(await connection.recv())[1]
        refusal = {"status": "Rejected", "currentTime": "2026-01-01T00:00:00Z", "interval": 300}
        await connection.send(json.dumps([3, message_id, refusal]))
        await connection.wait_closed()

    async with fleet_at(reject, accepts_boot=False) as fleet:
        await fleet.grow(1, at_once=1)

    assert fleet.errors == {"BootNotification: Rejected": 1}


async def test_a_connection_that_the_server_closes_is_an_error(fleet_at: FleetAt) -> None:
    async def hang_up(connection: ServerConnection) -> None:
        await connection.close()

    async with fleet_at(hang_up) as fleet:
        await fleet.grow(1, at_once=1)
        await wait_until(lambda: fleet.errors.total() > 0, timeout_s=10)

    assert fleet.errors == {"the server closed a connection": 1}


async def test_a_connection_closed_before_the_boot_is_answered_is_an_error_and_the_station_is_left_out(
    fleet_at: FleetAt,
) -> None:
    async def hang_up(connection: ServerConnection) -> None:
        await connection.recv()

    async with fleet_at(hang_up, accepts_boot=False) as fleet:
        await fleet.grow(1, at_once=1)

    assert fleet.stations == []
    assert fleet.errors.total() == 1


async def test_calls_of_the_server_are_answered_and_their_arrival_noted(fleet_at: FleetAt) -> None:
    answers: asyncio.Queue[object] = asyncio.Queue()

    async def trigger(connection: ServerConnection) -> None:
        await connection.send(json.dumps([2, "from-server", "TriggerMessage", {"requestedMessage": "Heartbeat"}]))
        await answers.put(json.loads(await connection.recv()))
        await connection.wait_closed()

    async with fleet_at(trigger) as fleet:
        await fleet.grow(1, at_once=1)
        async with asyncio.timeout(10):
            assert await answers.get() == [4, "from-server", "NotImplemented", "", {}]

    assert len(fleet.calls_s["TriggerMessage"]) == 1
    assert fleet.errors == {}
