"""A gateway that ends: stations are told to come back, and what is under way is brought to its end first."""

import asyncio
from typing import Any

from csms.domain.stations.bells import place_of_gateway
from csms.gateway.proxies import Proxies
from csms.gateway.server import Gateway

from ..harness.server import add_station, rows, tune
from ..harness.waiting import until
from .conftest import Ask, Connect, Serve

GOING_AWAY = 1001
STATUS = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}


async def test_who_owes_an_answer_may_give_it_and_goes_then(serve: Serve, connect: Connect, ask: Ask) -> None:
    server = await serve()
    for identity in ("A", "B"):
        await add_station(server.context.database, identity)
    busy, free = await connect(server, "A"), await connect(server, "B")
    asked = asyncio.ensure_future(ask(server, "POST", "/stations/A/commands/clear-cache", params={"wait": 30}, json={}))
    call = await busy.next_call()
    draining = asyncio.ensure_future(server.hub.drain(60.0))
    assert await free.closed() == GOING_AWAY
    assert server.hub.links.keys() == {next(iter(server.hub.links))}, "one is waited for"
    await busy.answer(call, {"status": "Accepted"})
    assert await busy.closed() == GOING_AWAY
    await draining  # not to the end of its time: nobody is left
    answer = await asked
    assert (answer.status_code, answer.json()["state"]) == (200, "accepted")


async def test_a_gateway_is_there_as_long_as_it_holds_links(serve: Serve, connect: Connect, ask: Ask) -> None:
    """A command for a station that has not been told to go waits for it to come back; it is not refused as offline."""
    server = await serve()
    tune(server, name="leaving")
    gateway = Gateway(server.hub, b"k" * 32, None, None, Proxies.of(""))
    await gateway.start()
    await add_station(server.context.database, "A")
    busy = await connect(server, "A")
    asked = asyncio.ensure_future(ask(server, "POST", "/stations/A/commands/clear-cache", params={"wait": 30}, json={}))
    call = await busy.next_call()
    stopping = asyncio.ensure_future(gateway.stop(60.0))
    await until(lambda: gateway.leaving)
    place = place_of_gateway("leaving")
    assert await server.hub.bus.is_there(place)
    await busy.answer(call, {"status": "Accepted"})
    await stopping
    await asked
    assert not await server.hub.bus.is_there(place)


async def test_nobody_is_waited_for_longer_than_that(serve: Serve, connect: Connect, ask: Ask) -> None:
    server = await serve()
    await add_station(server.context.database, "A")
    silent = await connect(server, "A")
    asked = asyncio.ensure_future(ask(server, "POST", "/stations/A/commands/clear-cache", params={"wait": 30}, json={}))
    await silent.next_call()
    await server.hub.drain(0.1)
    assert await silent.closed() == GOING_AWAY
    answer = (await asked).json()
    assert (answer["state"], answer["error_code"]) == ("failed", "ConnectionLost")


async def test_what_was_taken_is_answered_before_the_farewell(serve: Serve, connect: Connect) -> None:
    """And what comes after it is not taken: the station says it again elsewhere."""
    server = await serve()
    database = server.context.database
    await add_station(database, "A")
    socket = await connect(server, "A")
    await server.recorder.drained()
    release = asyncio.Event()
    written = server.recorder._writer.write

    async def slow(batch: Any) -> Any:
        await release.wait()
        return await written(batch)

    server.recorder._writer.write = slow  # type: ignore[method-assign]
    taken = await socket.start_call("StatusNotification", STATUS)
    link = next(iter(server.hub.links.values()))
    await until(lambda: link._in_flight, what="the frame is taken")
    draining = asyncio.ensure_future(server.hub.drain())
    await until(lambda: link.closing, what="nothing more is taken")
    late = await socket.start_call("StatusNotification", STATUS)
    release.set()
    assert (await asyncio.wait_for(taken, 10))[0] == 3
    assert await socket.closed() == GOING_AWAY
    await draining
    assert isinstance(late.exception(), ConnectionError)
    await server.recorder.drained()
    assert len(await rows(database, "frames")) == 1
