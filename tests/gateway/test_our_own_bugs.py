"""A bug of ours in what one frame means: that frame is kept, nobody waits for ever, and the station goes on."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from csms.app.wiring import Server
from csms.gateway.dialects.quirks.repairs import REPAIRS, Repair

from ..harness.server import add_station, rows
from ..harness.sockets import StationSocket
from ..harness.waiting import until
from .conftest import Ask, Connect, Serve


def broken(*_: Any) -> Any:
    raise ZeroDivisionError("a bug")


async def set_up(serve: Serve, connect: Connect) -> tuple[Server, StationSocket]:
    server = await serve()
    await add_station(server.context.database, "A")
    return server, await connect(server, "A")


async def test_in_a_decision_it_is_told_and_the_next_connection_starts_anew(serve: Serve, connect: Connect) -> None:
    server, socket = await set_up(serve, connect)
    right = server.hub.dialect
    handlers = right.handlers | {"Authorize": right.handlers["Authorize"]._replace(decide=broken)}
    server.hub.dialect = replace(right, handlers=handlers)
    frame = await (await socket.start_call("Authorize", {"idTag": "X"}))
    assert frame[2] == "InternalError"
    assert await socket.closed() == 1011
    await server.recorder.drained()
    assert [row["outcome"] for row in await rows(server.context.database, "frames")] == ["error"]
    server.hub.dialect = right
    again = await connect(server, "A")
    assert await again.call("Authorize", {"idTag": "X"}) == {"idTagInfo": {"status": "Invalid"}}


async def test_in_a_repair_the_frame_is_taken_as_it_came(
    serve: Serve, connect: Connect, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(REPAIRS, "null_fields", Repair(broken, of_form=True))
    monkeypatch.setitem(REPAIRS, "connector_id", Repair(broken, of_form=False))
    server, socket = await set_up(serve, connect)
    on = await ask(server, "POST", "/stations/A/quirks", json={"repairs": ["null_fields", "connector_id"]})
    assert on.status_code == 200
    (link,) = server.hub.links.values()
    await until(lambda: link.live.quirks is not None, what="its repairs")
    for number in range(3):
        frame = await (await socket.start_call("Heartbeat", {"nothing": None}))
        assert (frame[0], frame[2]) == (4, "FormationViolation"), number
        assert "currentTime" in await socket.call("Heartbeat", {})


async def test_in_what_an_answer_means_its_command_fails_and_the_next_one_works(
    serve: Serve, connect: Connect, ask: Ask
) -> None:
    server, socket = await set_up(serve, connect)
    right = server.hub.dialect
    server.hub.dialect = replace(right, learn=broken)
    asked = clear_cache(ask, server)
    await socket.answer(await socket.next_call(), {"status": "Accepted"})
    assert (await asked).json()["code"] == "InternalError"
    assert await socket.closed() == 1011
    (frame,) = await rows(server.context.database, "frames", action="ClearCache")
    assert b"Accepted" in frame["answer"]
    server.hub.dialect = right
    again = await connect(server, "A")
    asked = clear_cache(ask, server)
    await again.answer(await again.next_call(), {"status": "Accepted"})
    assert (await asked).json() == {"outcome": "result", "payload": {"status": "Accepted"}}
    assert [row["state"] for row in await rows(server.context.database, "commands")] == ["failed", "accepted"]


def clear_cache(ask: Ask, server: Server) -> Any:
    return asyncio.ensure_future(ask(server, "POST", "/stations/A/ocpp/ClearCache", params={"wait": 30}, json={}))
