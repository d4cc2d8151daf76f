"""A server with a TLS door, an administrator, and strict simulated stations with keys and certificates."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from csms.app.wiring import Server
from csms.domain.stations.credentials import seal_generated
from csms.kit.ids import station_password
from csms.simulator import ConnectorSpec, Fleet, Station, StationSpec

from ...harness.server import add_station, rows, serving
from ...harness.waiting import until

EMAIL, PASSWORD = "ana@example.org", "three random words"
CPO = "Blue Charging"


@dataclass
class Stage:
    """`api` is signed in as an administrator; `station` switches a simulated station on; `root` is our authority's, PEM."""

    server: Server
    api: httpx.AsyncClient
    root: str = ""
    fleets: list[Fleet] = field(default_factory=list)

    async def station(self, identity: str = "CS-1", *, speed: float = 50.0, **options: Any) -> Station:
        """With a password, unless `password=None`; it stays online by itself."""
        password = options.pop("password", station_password())
        secret = {}
        if password is not None:
            credential = seal_generated(self.server.context.station_key, identity, password)
            secret = {"credential_kind": credential.kind, "credential": credential.sealed}
        await add_station(self.server.context.database, identity, **secret)
        options.setdefault("configuration", {"CpoName": CPO})
        spec = StationSpec(identity, (ConnectorSpec(),), password=password, **options)
        fleet = Fleet(self.server.ocpp_url, [spec], speed=speed, tls_url=self.server.ocpp_tls_url)
        self.fleets.append(fleet)
        station = fleet[identity]
        station.keep_online = True
        await station.come_online()
        return station

    async def get(self, path: str, **params: Any) -> Any:
        return _json(await self.api.get(f"/api/v1{path}", params=params or None))

    async def post(self, path: str, body: Any = None, **params: Any) -> Any:
        return _json(await self.api.post(f"/api/v1{path}", json=body, params=params))

    async def put(self, path: str, body: Any = None) -> Any:
        return _json(await self.api.put(f"/api/v1{path}", json=body))

    async def refused(self, path: str, body: Any = None, **params: Any) -> tuple[int, str]:
        answer = await self.api.post(f"/api/v1{path}", json=body, params=params)
        return answer.status_code, answer.json()["code"]

    async def becomes(self, path: str, what: Callable[[Any], bool], within_s: float = 30) -> Any:
        """What the API shows at a path once it looks like this."""

        async def look() -> Any:
            shown = await self.get(path)
            return shown if what(shown) else None

        return await until(look, within_s, path)

    async def certificate(self, state: str, station: str = "CS-1", count: int = 1) -> Any:
        """The station's newest certificate once so many are in this state."""
        path = f"/certificates?station={station}&state={state}"
        return (await self.becomes(path, lambda shown: shown["total"] == count))["items"][0]

    async def certify(self, station: Station) -> Any:
        """Let the station trust us and give it a certificate."""
        await self.post(f"/stations/{station.identity}/certificates/install", {}, wait=10)
        await self.post(f"/stations/{station.identity}/certificates/renew", wait=10)
        return await self.certificate("installed", station.identity)

    async def rows(self, table: str, **where: Any) -> list[dict[str, Any]]:
        await self.server.recorder.drained()
        return await rows(self.server.context.database, table, **where)

    async def facts(self, kind: str) -> list[dict[str, Any]]:
        await self.server.recorder.drained()
        return [item["detail"] for item in (await self.get("/facts", kind=kind))["items"]]

    async def security(self, identity: str = "CS-1") -> Any:
        return await self.get(f"/stations/{identity}/security")


def _json(answer: httpx.Response) -> Any:
    assert answer.status_code < 300, answer.text
    return answer.json() if answer.content else None


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with (
        serving(
            tmp_path / "data", admin_email=EMAIL, admin_password=PASSWORD, ocpp_tls="127.0.0.1:0", cpo_name=CPO
        ) as server,
        httpx.AsyncClient(
            base_url=server.http_url, headers={"Sec-Fetch-Site": "same-origin"}, timeout=60, trust_env=False
        ) as api,
    ):
        signed = await api.post("/api/v1/sign-in", json={"email": EMAIL, "password": PASSWORD})
        assert signed.status_code < 300, signed.text
        stage = Stage(server, api)
        stage.root = (await stage.get("/certificates/authority"))["certificate"]
        yield stage
        for fleet in stage.fleets:
            await fleet.stop()
            assert not fleet.violations
            assert not fleet.failures
