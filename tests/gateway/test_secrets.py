"""A station's password is nowhere in the database: not while it waits, not in a frame, not in an answer that tells it."""

import asyncio
from pathlib import Path
from typing import Any

from sqlalchemy import select

from csms.app.wiring import Server
from csms.kit.tables import Base

from ..harness.server import add_station, rows
from .conftest import Ask, Connect, Serve

SECRET = "wh4t-nobody-else-may-read"
HIDDEN = "••••••••"


async def stored(server: Server, folder: Path) -> bytes:
    """Every row of every table, and every byte of the embedded database's files."""
    await server.recorder.drained()
    async with server.context.database.view() as session:
        everything = repr([(await session.execute(select(table))).all() for table in Base.metadata.sorted_tables])
    return everything.encode() + _files(folder)


def _files(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*.db*"))


async def change(server: Server, ask: Ask, path: str, body: dict[str, str], wait: int) -> Any:
    return await ask(server, "POST", f"/stations/A/{path}", json=body, params={"wait": wait})


async def test_a_new_password_waits_sealed_and_is_heard_by_its_station_alone(
    serve: Serve, connect: Connect, ask: Ask, tmp_path: Path
) -> None:
    server = await serve()
    await add_station(server.context.database, "A")
    body = {"key": "AuthorizationKey", "value": SECRET}
    await change(server, ask, "commands/change-configuration", body, wait=0)
    assert SECRET.encode() not in await stored(server, tmp_path)

    socket = await connect(server, "A")
    call = await socket.next_call()
    assert call[2:] == ["ChangeConfiguration", body]
    assert SECRET.encode() not in await stored(server, tmp_path)
    await socket.answer(call, {"status": "Accepted"})

    asked = asyncio.ensure_future(change(server, ask, "ocpp/ChangeConfiguration", body, wait=30))
    call = await socket.next_call()
    assert call[2:] == ["ChangeConfiguration", body]
    await socket.answer(call, {"status": "Rejected"})
    assert (await asked).json()["payload"] == {"status": "Rejected"}

    rotated = await ask(server, "POST", "/stations/A/password/rotate", json={"password": SECRET})
    assert rotated.status_code == 202, rotated.text
    call = await socket.next_call()
    assert call[3]["value"] == SECRET
    await socket.answer(call, {"status": "Accepted"})
    await server.recorder.drained()
    assert SECRET.encode() not in await stored(server, tmp_path)
    frames = await rows(server.context.database, "frames")
    assert [HIDDEN in frame["call"].decode() for frame in frames] == [True, True, True]


async def test_a_station_that_tells_its_password_is_not_quoted(
    serve: Serve, connect: Connect, ask: Ask, tmp_path: Path
) -> None:
    server = await serve()
    await add_station(server.context.database, "A")
    socket = await connect(server, "A")
    asked = asyncio.ensure_future(change(server, ask, "commands/get-configuration", {}, wait=30))
    call = await socket.next_call()
    keys = [
        {"key": "authorizationKey", "readonly": False, "value": SECRET},
        {"key": "HeartbeatInterval", "readonly": False, "value": "300"},
    ]
    await socket.answer(call, {"configurationKey": keys})
    answer = (await asked).json()["answer"]
    assert answer == {"configurationKey": [{**keys[0], "value": HIDDEN}, keys[1]]}
    assert SECRET.encode() not in await stored(server, tmp_path)
    [frame] = await rows(server.context.database, "frames")
    assert b'"300"' in frame["answer"]
    reported = {row["key"]: row["value"] for row in await rows(server.context.database, "configuration_keys")}
    assert reported == {"authorizationKey": HIDDEN, "HeartbeatInterval": "300"}


async def test_neither_is_one_that_tells_it_late_or_wrongly(
    serve: Serve, connect: Connect, ask: Ask, tmp_path: Path
) -> None:
    server = await serve()
    await add_station(server.context.database, "A")
    socket = await connect(server, "A")
    asked = asyncio.ensure_future(change(server, ask, "commands/get-configuration", {}, wait=30))
    call = await socket.next_call()
    told = [{"key": "AuthorizationKey", "value": SECRET}]  # readonly is missing
    await socket.answer(call, {"configurationKey": told})
    assert (await asked).json()["state"] == "failed"
    await socket.answer([2, "never-asked"], {"configurationKey": told})
    await socket.call("Heartbeat", {})
    assert SECRET.encode() not in await stored(server, tmp_path)
    outcomes = {frame["outcome"] for frame in await rows(server.context.database, "frames")}
    assert outcomes >= {"error", "unmatched"}
