"""The certification cases: one running system a file, a station and id tokens of its own for each case.

Cases that an operator starts are started over the API, and every case looks there for what came of it. Stations are strict: what
we send is checked against the schema, and a violation fails the case.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from csms.simulator import ConnectorSpec, Station

from ..harness.conversation import Expected, in_order, written
from ..harness.secure_stage import SECURED, SecureStage
from ..harness.waiting import until
from ..setups import SETUP

BRISK = 200.0
"""For stations whose time-outs are waited for: simulated seconds in a real one."""


@dataclass
class Case:
    """One case; its id is its station's identity."""

    stage: SecureStage
    identity: str

    async def card(self, name: str = "A", **columns: Any) -> str:
        """An id token that is good, unless the columns say otherwise."""
        uid = f"{self.identity}-{name}"
        await self.stage.id_token(uid, **columns)
        return uid

    async def station(self, *connectors: ConnectorSpec, speed: float = 20.0, **options: Any) -> Station:
        options.setdefault("password", None)
        return await self.stage.station(self.identity, *connectors, speed=speed, **options)

    def path(self, path: str = "") -> str:
        return f"/stations/{self.identity}{path}"

    async def post(self, path: str, body: Any = None, **params: Any) -> Any:
        """Something the operator asks of the station; what it has become once the station answered."""
        return await self.stage.post(self.path(path), body if body is not None else {}, wait=10, **params)

    async def command(self, verb: str, **payload: Any) -> Any:
        return await self.post(f"/commands/{verb}", payload)

    async def talk(self) -> list[dict[str, Any]]:
        """Every call and answer so far, oldest first."""
        await self.stage.server.recorder.drained()
        frames: list[dict[str, Any]] = (await self.stage.get(self.path("/frames"), limit=500))["items"]
        return sorted(frames, key=lambda frame: int(frame["id"]))

    async def conversation(self, *expected: Expected) -> list[dict[str, Any]]:
        """The frames that are these, in this order, as soon as all have been exchanged."""
        frames: list[dict[str, Any]] = []

        async def complete() -> list[dict[str, Any]] | None:
            nonlocal frames
            frames = await self.talk()
            found = in_order(expected, frames)
            return found if len(found) == len(expected) else None

        try:
            found: list[dict[str, Any]] = await until(complete)
        except AssertionError:
            missing = expected[len(in_order(expected, frames))]
            pytest.fail(f"{missing} is missing in\n{written(frames)}")
        return found

    async def said(self, action: str) -> list[Any]:
        """The payloads of all calls of an action."""
        return [frame["call"][3] for frame in await self.talk() if frame["action"] == action]

    async def shows(self, evse: int = 1, **expected: Any) -> Any:
        """The first connector of an evse (0: the station) as soon as the operator sees it so."""

        def so(shown: Any) -> bool:
            plugs = [plug for one in shown["evses"] if one["number"] == evse for plug in one["connectors"]]
            plug = shown["status"] if evse == 0 else next(iter(plugs), None)
            return plug is not None and all(plug[name] == value for name, value in expected.items())

        return await self.stage.becomes(self.path(), so)

    async def sessions(self) -> list[dict[str, Any]]:
        await self.stage.server.recorder.drained()
        found: list[dict[str, Any]] = (await self.stage.get("/sessions", station=self.identity))["items"]
        return found

    async def session(self, **expected: Any) -> dict[str, Any]:
        """The station's only session as soon as the operator sees it so."""
        path = f"/sessions?station={self.identity}"

        def so(shown: Any) -> bool:
            return len(shown["items"]) == 1 and all(
                shown["items"][0][name] == value for name, value in expected.items()
            )

        found: dict[str, Any] = (await self.stage.becomes(path, so))["items"][0]
        return found

    async def nothing_to_review(self) -> None:
        assert (await self.stage.get("/review", station=self.identity))["items"] == []

    async def facts(self, kind: str) -> list[dict[str, Any]]:
        await self.stage.server.recorder.drained()
        found = await self.stage.get("/facts", kind=kind, station=self.identity)
        return [item["detail"] for item in found["items"]]


@pytest.fixture(autouse=True)
def _databases() -> None:
    """The database stays for the whole file."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SecureStage]:
    data = tmp_path_factory.mktemp("certification") / "data"
    async with SecureStage.set_up(data, **SECURED) as stage:
        yield stage
    SETUP.postgres.forget()


@pytest_asyncio.fixture(loop_scope="module")
async def case(system: SecureStage, request: pytest.FixtureRequest) -> AsyncIterator[Case]:
    marker = request.node.get_closest_marker("case")
    assert marker is not None, "each test is of a case"
    yield Case(system, marker.args[0])
    await system.switched_off()
