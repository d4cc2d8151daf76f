"""A server with short time-outs, and stations that connect to it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from csms.app.wiring import Server
from csms.domain.accounts import service as accounts
from csms.domain.accounts.rules import Role

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


Ask = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
async def ask() -> AsyncIterator[Ask]:
    """An operator's script: `await ask(server, "POST", "/stations/A/ocpp/Reset", json=…)`, with an administrator's key."""
    async with AsyncExitStack() as stack:
        clients: dict[str, httpx.AsyncClient] = {}

        async def request(server: Server, method: str, path: str, **options: Any) -> httpx.Response:
            if server.http_url not in clients:
                now = server.context.clock.now()
                async with server.context.database.unit() as session:
                    _, key = await accounts.create_api_key(
                        session, "tests", [accounts.NewGrant(Role.ADMINISTRATOR)], now
                    )
                client = httpx.AsyncClient(
                    base_url=f"{server.http_url}/api/v1",
                    headers={"Authorization": f"Bearer {key}"},
                    timeout=60,
                    trust_env=False,
                )
                clients[server.http_url] = await stack.enter_async_context(client)
            return await clients[server.http_url].request(method, path, **options)

        yield request
