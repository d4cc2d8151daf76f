"""The whole system with an administrator, and strict simulated stations that refuse whatever OCPP 1.6 does not allow."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx

from csms.app.wiring import Server
from csms.domain.stations.credentials import seal_generated
from csms.simulator import ConnectorSpec, Fleet, Station, StationSpec

from .server import add_id_token, add_station, rows, serving
from .waiting import until

EMAIL, PASSWORD = "ana@example.org", "three random words"


@dataclass
class Stage:
    """`api` is signed in as an administrator; `station` switches a simulated station on."""

    server: Server
    api: httpx.AsyncClient
    fleets: list[Fleet] = field(default_factory=list)

    async def station(self, identity: str = "CS-1", *connectors: ConnectorSpec, **options: Any) -> Station:
        """Online, booted, and staying online by itself; options are those of its spec, and the `speed` of its clock."""
        station = await self.built(identity, *connectors, **options)
        station.keep_online = True
        await station.come_online()
        return station

    async def built(self, identity: str, *connectors: ConnectorSpec, speed: float = 50.0, **options: Any) -> Station:
        """A station of ours that is not switched on yet; a generated password, if it has one, is known to us."""
        secret = {}
        if (password := options.get("password")) is not None:
            credential = seal_generated(self.server.context.station_key, identity, password)
            secret = {"credential_kind": credential.kind, "credential": credential.sealed}
        await add_station(self.server.context.database, identity, **secret)
        spec = StationSpec(identity, connectors or (ConnectorSpec(meter_start_wh=5000),), **options)
        fleet = Fleet(self.server.ocpp_url, [spec], speed=speed, tls_url=self.server.ocpp_tls_url)
        self.fleets.append(fleet)
        return fleet[identity]

    async def switched_off(self) -> None:
        """End every station; none may have heard anything that OCPP 1.6 forbids."""
        fleets, self.fleets = self.fleets, []
        for fleet in fleets:
            await fleet.stop()
        for fleet in fleets:
            assert not fleet.violations
            assert not fleet.failures

    async def id_token(self, uid: str, **columns: Any) -> None:
        await add_id_token(self.server.context.database, uid, **columns)

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

    async def rows(self, table: str, **where: Any) -> list[dict[str, Any]]:
        await self.server.recorder.drained()
        return await rows(self.server.context.database, table, **where)

    async def facts(self, kind: str) -> list[dict[str, Any]]:
        await self.server.recorder.drained()
        return [item["detail"] for item in (await self.get("/facts", kind=kind))["items"]]

    @classmethod
    @asynccontextmanager
    async def set_up(cls, data: Path, **settings: Any) -> AsyncIterator[Self]:
        async with (
            serving(data, admin_email=EMAIL, admin_password=PASSWORD, **settings) as server,
            httpx.AsyncClient(
                base_url=server.http_url, headers={"Sec-Fetch-Site": "same-origin"}, timeout=60, trust_env=False
            ) as api,
        ):
            signed = await api.post("/api/v1/sign-in", json={"email": EMAIL, "password": PASSWORD})
            assert signed.status_code < 300, signed.text
            stage = cls(server, api)
            yield stage
            await stage.switched_off()


def _json(answer: httpx.Response) -> Any:
    assert answer.status_code < 300, answer.text
    return answer.json() if answer.content else None
