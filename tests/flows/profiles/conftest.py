"""A server, an administrator, and strict simulated stations that refuse whatever OCPP 1.6 does not allow."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from csms.app.wiring import Server
from csms.simulator import ConnectorSpec, Fleet, Station, StationSpec

from ...harness.server import add_id_token, add_station, rows, serving
from ...harness.waiting import until

EMAIL, PASSWORD = "ana@example.org", "three random words"


@dataclass
class Stage:
    """`api` is signed in as an administrator; `station` switches a simulated station on."""

    server: Server
    api: httpx.AsyncClient
    fleets: list[Fleet] = field(default_factory=list)

    async def station(self, identity: str = "CS-1", *connectors: ConnectorSpec, **options: Any) -> Station:
        await add_station(self.server.context.database, identity)
        speed = options.pop("speed", 50.0)
        spec = StationSpec(identity, connectors or (ConnectorSpec(meter_start_wh=5000),), **options)
        fleet = Fleet(self.server.ocpp_url, [spec], speed=speed)
        self.fleets.append(fleet)
        station = fleet[identity]
        station.keep_online = True
        await station.come_online()
        return station

    async def id_token(self, uid: str, **columns: Any) -> None:
        await add_id_token(self.server.context.database, uid, **columns)

    async def get(self, path: str, **params: Any) -> Any:
        return _json(await self.api.get(f"/api/v1{path}", params=params))

    async def post(self, path: str, body: Any = None, **params: Any) -> Any:
        return _json(await self.api.post(f"/api/v1{path}", json=body, params=params))

    async def put(self, path: str, body: Any = None) -> Any:
        return _json(await self.api.put(f"/api/v1{path}", json=body))

    async def becomes(self, path: str, what: Callable[[Any], bool], within_s: float = 20) -> Any:
        """What the API shows at a path once it looks like this."""

        async def look() -> Any:
            shown = await self.get(path)
            return shown if what(shown) else None

        return await until(look, within_s, path)

    async def rows(self, table: str, **where: Any) -> list[dict[str, Any]]:
        await self.server.recorder.drained()
        return await rows(self.server.context.database, table, **where)

    async def facts(self, kind: str) -> list[dict[str, Any]]:
        await self.server.recorder.drained()
        return [item["detail"] for item in (await self.get("/facts", kind=kind))["items"]]


def _json(answer: httpx.Response) -> Any:
    assert answer.status_code < 300, answer.text
    return answer.json() if answer.content else None


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with (
        serving(tmp_path / "data", admin_email=EMAIL, admin_password=PASSWORD) as server,
        httpx.AsyncClient(
            base_url=server.http_url, headers={"Sec-Fetch-Site": "same-origin"}, timeout=60, trust_env=False
        ) as api,
    ):
        signed = await api.post("/api/v1/sign-in", json={"email": EMAIL, "password": PASSWORD})
        assert signed.status_code < 300, signed.text
        stage = Stage(server, api)
        yield stage
        for fleet in stage.fleets:
            await fleet.stop()
            assert not fleet.violations
            assert not fleet.failures
