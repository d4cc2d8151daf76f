"""The whole system with a TLS door, and stations with passwords, keys and certificates."""

from dataclasses import dataclass
from typing import Any, Final

from csms.kit.ids import station_password
from csms.simulator import ConnectorSpec, Station

from .stage import Stage

CPO: Final = "Blue Charging"
SECURED: Final = {"ocpp_tls": "127.0.0.1:0", "cpo_name": CPO}


@dataclass
class SecureStage(Stage):
    """Its stations have a password, unless `password=None`, and are told whose they are."""

    async def built(self, identity: str, *connectors: ConnectorSpec, speed: float = 50.0, **options: Any) -> Station:
        options.setdefault("password", station_password())
        options.setdefault("configuration", {"CpoName": CPO})
        return await super().built(identity, *connectors, speed=speed, **options)

    async def root(self) -> str:
        """Our authority's certificate, PEM."""
        root: str = (await self.get("/certificates/authority"))["certificate"]
        return root

    async def certificate(self, state: str, station: str = "CS-1", count: int = 1) -> Any:
        """The station's newest certificate once so many are in this state."""
        path = f"/certificates?station={station}&state={state}"
        return (await self.becomes(path, lambda shown: shown["total"] == count))["items"][0]

    async def certify(self, station: Station) -> Any:
        """Let the station trust us and give it a certificate."""
        await self.post(f"/stations/{station.identity}/certificates/install", {}, wait=10)
        await self.post(f"/stations/{station.identity}/certificates/renew", wait=10)
        return await self.certificate("installed", station.identity)

    async def security(self, identity: str = "CS-1") -> Any:
        return await self.get(f"/stations/{identity}/security")
