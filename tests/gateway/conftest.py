"""A server with short time-outs, and stations that connect to it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from csms.app.wiring import Server

from ..harness.server import serving
from ..harness.sockets import StationSocket, open_station

Connect = Callable[..., Awaitable[StationSocket]]
Serve = Callable[..., Awaitable[Server]]


@pytest.fixture
async def serve(tmp_path: Path) -> AsyncIterator[Serve]:
    """Starts the server on the test's own directory; keyword arguments are settings."""
    async with AsyncExitStack() as stack:

        async def start(**settings: Any) -> Server:
            return await stack.enter_async_context(serving(tmp_path / "data", **settings))

        yield start


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Opens stations' sockets and closes those that are still open."""
    sockets: list[StationSocket] = []

    async def open_one(server: Server, identity: str, **options: Any) -> StationSocket:
        sockets.append(await open_station(server.ocpp_url, identity, **options))
        return sockets[-1]

    yield open_one
    for socket in sockets:
        await socket.leave()
