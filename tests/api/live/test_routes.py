"""Live data over a real connection."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
import uvicorn

from csms.api.app import create_app
from csms.api.context import ApiContext


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - what is awaited has no event of its own
            await asyncio.sleep(0.005)


@pytest.fixture
async def served(context: ApiContext, admin: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """An administrator's client of a server on a free port; `served.hub` is the hub behind it."""
    app = create_app(context)
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=5))
    running = asyncio.create_task(server.serve([listening]))
    base = f"http://127.0.0.1:{listening.getsockname()[1]}"
    async with httpx.AsyncClient(base_url=base, headers=admin.headers, timeout=10) as client:
        client.hub = app.state.live
        yield client
    app.state.live.stop()
    server.should_exit = True
    async with asyncio.timeout(10):
        await running
    await until(lambda: app.state.live.idle)


async def told(lines: AsyncIterator[str]) -> tuple[str, Any]:
    async with asyncio.timeout(10):
        name = await anext(lines)
        data = await anext(lines)
        assert await anext(lines) == ""
    return name.removeprefix("event: "), json.loads(data.removeprefix("data: "))


async def test_a_browser_watches_and_leaves(served: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    await admin.post("/api/v1/stations", json={"identity": "CS-1"})
    async with served.stream("GET", "/api/v1/live", params={"station": ["CS-1", "CS-2"]}) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["cache-control"] == "no-store"
        lines = response.aiter_lines()
        name, snapshot = await told(lines)
        assert (name, [station["identity"] for station in snapshot["stations"]]) == ("snapshot", ["CS-1"])
        await admin.patch("/api/v1/stations/CS-1", json={"name": "Gate"})
        name, station = await told(lines)
        assert (name, station["name"]) == ("station", "Gate")
        assert served.hub.listeners == 1
    await until(lambda: served.hub.listeners == 0)


async def test_the_server_ends_streams_when_it_stops(served: httpx.AsyncClient) -> None:
    async with served.stream("GET", "/api/v1/live") as response:
        lines = response.aiter_lines()
        await told(lines)
        served.hub.stop()
        async with asyncio.timeout(10):
            assert [line async for line in lines if line] == []


async def test_who_may_not_look_is_told_so(served: httpx.AsyncClient, client: httpx.AsyncClient) -> None:
    nobody = await client.get("/api/v1/live")
    assert (nobody.status_code, nobody.json()["code"]) == (401, "not_signed_in")
    assert (await served.get("/api/v1/live", params={"stations": "CS-1"})).status_code == 422
    assert (await served.get("/api/v1/live", params={"location": "here"})).status_code == 422
