"""A server with a TLS door, and what stations need to come in by it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from csms.app.wiring import Server
from csms.domain.stations.credentials import seal_generated
from csms.kit.ids import station_password

from ...harness.certificates import Pair, TestAuthority, client_context
from ...harness.server import add_station, rows, serving
from ...harness.sockets import StationSocket, open_station
from ...harness.waiting import until


@dataclass
class TlsDoor:
    """`root` is what stations must trust; `foreign` is trusted by nobody, `trusted` is the operator's authority."""

    server: Server
    root: Path
    trusted: TestAuthority
    foreign: TestAuthority
    stack: AsyncExitStack

    async def station(self, identity: str, profile: int = 0, **columns: Any) -> str:
        """Adds a station; gives its password."""
        password = station_password()
        credential = seal_generated(self.server.context.station_key, identity, password)
        secret = {"credential_kind": credential.kind, "credential": credential.sealed}
        database = self.server.context.database
        await add_station(database, identity, security_profile=profile, **(secret | columns))
        return password

    async def connect(
        self, identity: str, *, password: str | None = None, certificate: Pair | None = None, **options: Any
    ) -> StationSocket:
        """Over TLS, trusting the server's root."""
        assert self.server.ocpp_tls_url is not None
        context = options.pop("context", None) or client_context(self.root, certificate)
        return await self.open(self.server.ocpp_tls_url, identity, password, ssl=context, **options)

    async def plain(self, identity: str, password: str | None = None) -> StationSocket:
        return await self.open(self.server.ocpp_url, identity, password)

    async def open(self, url: str, identity: str, password: str | None, **options: Any) -> StationSocket:
        if password is not None:
            scheme, _, rest = url.partition("://")
            url = f"{scheme}://{identity}:{password}@{rest}"
        socket = await open_station(url, identity, **options)
        self.stack.push_async_callback(socket.leave)
        return socket

    async def links(self, identity: str) -> dict[str, Any]:
        await self.server.recorder.drained()
        [station] = await rows(self.server.context.database, "stations", identity=identity)
        [link] = await rows(self.server.context.database, "links", station_id=station["id"])
        return link

    async def attempts(self, *problems: str | None) -> list[dict[str, Any]]:
        """What was kept, once it is these problems, oldest first."""

        async def look() -> list[dict[str, Any]]:
            found = await rows(self.server.context.database, "connection_attempts")
            return found if [row["problem"] for row in found] == list(problems) else []

        return await until(look, what=f"attempts {problems}")


Open = Callable[..., Awaitable[TlsDoor]]


@pytest.fixture
async def open_door(tmp_path: Path) -> AsyncIterator[Open]:
    """Starts the server; keyword arguments are settings."""
    async with AsyncExitStack() as stack:

        async def start(**settings: Any) -> TlsDoor:
            trusted, foreign = TestAuthority(tmp_path, "Operator CA"), TestAuthority(tmp_path, "Foreign CA")
            ours: dict[str, Any] = {"ocpp_tls": "127.0.0.1:0", "ocpp_tls_trusted": str(trusted.path)}
            data = tmp_path / "data"
            server = await stack.enter_async_context(serving(data, **(ours | settings)))
            return TlsDoor(server, data / "pki" / "root.pem", trusted, foreign, stack)

        yield start


@pytest.fixture
async def door(open_door: Open) -> TlsDoor:
    return await open_door()
