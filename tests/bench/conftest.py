"""A fleet of the benchmark and a server that behaves as a test wants it."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from bench.fleet import Fleet
from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

Handler = Callable[[ServerConnection], Awaitable[None]]
FleetAt = Callable[..., AbstractAsyncContextManager[Fleet]]


@pytest.fixture
def fleet_at() -> FleetAt:
    """A fleet for a server whose connections are handled by `handler`, once the boot was accepted unless it wants that too."""

    @asynccontextmanager
    async def fleet(handler: Handler, *, accepts_boot: bool = True) -> AsyncIterator[Fleet]:
        async def serve_station(connection: ServerConnection) -> None:
            if accepts_boot:
                await _accept_boot(connection)
            await handler(connection)

        async with serve(serve_station, "127.0.0.1", 0, subprotocols=[Subprotocol("ocpp1.6")]) as server:
            host, port = server.sockets[0].getsockname()
            stations = Fleet([f"ws://{host}:{port}/ocpp"], echo=False)
            yield stations
            stations.shrink(0)

    return fleet


async def _accept_boot(connection: ServerConnection) -> None:
    message_id = json.loads(await connection.recv())[1]
    accepted = {"status": "Accepted", "currentTime": "2026-01-01T00:00:00Z", "interval": 300}
    await connection.send(json.dumps([3, message_id, accepted]))
