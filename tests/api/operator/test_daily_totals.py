"""Daily totals: what reactions to facts have counted, by location and local day."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from csms.api.context import ApiContext
from csms.app.reactions import REACTIONS
from csms.jobs.relay import Relay
from csms.kit.ids import uuid7

from .conftest import World


@pytest.fixture
def relay(context: ApiContext) -> Relay:
    return Relay(database=context.database, clock=context.clock, reactions=REACTIONS, worker=uuid7(context.clock.now()))


async def days(viewer: httpx.AsyncClient, **asked: str) -> list[tuple[str, int, int, int]]:
    answer = await viewer.get("/api/v1/daily-totals", params={"from": "2030-01-30", "to": "2030-02-01", **asked})
    assert answer.status_code == 200, answer.text
    return [(day["day"], day["sessions"], day["energy_wh"], day["faults"]) for day in answer.json()]


async def test_sessions_energy_and_faults_stand_on_their_local_days(
    viewer: httpx.AsyncClient, world: World, relay: Relay
) -> None:
    harbour = await world.location("Harbour", time_zone="Asia/Shanghai")
    await world.station("CS-1", location_id=harbour)
    await world.station("CS-2")
    late = datetime(2030, 1, 30, 17, tzinfo=UTC)  # past midnight in Shanghai
    await world.ended("CS-1", 7_000, started_at=late)
    await world.ended("CS-2", 500, started_at=late)
    for number, identity in ((1, "CS-1"), (2, "CS-2")):
        await world.fact(identity, "SessionEnded", session_id=number, detail={"energy_wh": (7_000, 500)[number - 1]})
    await world.fact("CS-1", "ConnectorFaulted", at=late - timedelta(hours=2))
    await world.fact("CS-2", "ConnectorFaulted", detail={"occurred_at": "2030-01-30T23:59:59Z"})  # told a day later
    while await relay.relay():
        pass
    assert await days(viewer, location=harbour) == [
        ("2030-01-30", 0, 0, 1), ("2030-01-31", 1, 7_000, 0), ("2030-02-01", 0, 0, 0),
    ]  # fmt: skip
    assert await days(viewer) == [("2030-01-30", 1, 500, 2), ("2030-01-31", 1, 7_000, 0), ("2030-02-01", 0, 0, 0)]


async def test_a_session_that_had_more_is_counted_anew(viewer: httpx.AsyncClient, world: World, relay: Relay) -> None:
    """We ended it, then it went on; meanwhile it counts nowhere, and in the end once."""
    await world.station("CS-1")
    await world.ended("CS-1", 900)

    async def told(kind: str, energy_wh: int) -> list[tuple[str, int, int, int]]:
        await world.fact("CS-1", kind, session_id=1, detail={"energy_wh": energy_wh})
        while await relay.relay():
            pass
        return (await days(viewer))[1:2]

    assert await told("SessionEnded", 400) == [("2030-01-31", 1, 400, 0)]
    assert await told("SessionReopened", 450) == [("2030-01-31", 0, 0, 0)]
    assert await told("SessionEnded", 700) == [("2030-01-31", 1, 700, 0)]
    assert await told("SessionEnded", 900) == [("2030-01-31", 1, 900, 0)]


async def test_what_waits_together_counts_as_if_it_had_come_one_by_one(
    viewer: httpx.AsyncClient, world: World, relay: Relay
) -> None:
    await world.station("CS-1")
    for energy_wh in (100, 200, 300):
        await world.ended("CS-1", energy_wh)
    for session, kind, energy_wh in (
        (1, "SessionEnded", 100), (2, "SessionEnded", 150), (2, "SessionReopened", 150), (3, "SessionEnded", 250),
        (3, "SessionReopened", 250), (2, "SessionEnded", 200),
    ):  # fmt: skip
        await world.fact("CS-1", kind, session_id=session, detail={"energy_wh": energy_wh})
    await world.fact("CS-1", "ConnectorFaulted")
    await world.fact("CS-1", "ConnectorFaulted")
    assert await relay.relay()
    assert (await days(viewer))[1:2] == [("2030-01-31", 2, 300, 2)]
    await world.fact("CS-1", "SessionEnded", session_id=3, detail={"energy_wh": 300})
    assert await relay.relay()
    assert (await days(viewer))[1:2] == [("2030-01-31", 3, 600, 2)]


@pytest.mark.parametrize(
    ("asked", "status", "count"),
    [
        ({"from": "2030-01-01", "to": "2029-12-31"}, 200, 0),
        ({"from": "2030-01-01", "to": "2031-03-01"}, 422, None),
        ({"from": "yesterday", "to": "2031-03-01"}, 422, None),
        ({"from": "9999-12-30", "to": "9999-12-31"}, 200, 2),
        ({"to": "2031-03-01"}, 422, None),
    ],
)
async def test_what_cannot_be_asked(viewer: httpx.AsyncClient, asked: Any, status: int, count: int | None) -> None:
    answer = await viewer.get("/api/v1/daily-totals", params=asked)
    assert answer.status_code == status
    if count is not None:
        assert len(answer.json()) == count
