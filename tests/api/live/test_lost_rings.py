"""Live data while rings are lost: over a NATS server that is stopped and started, and by a bus that is deaf."""

import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import httpx
import pytest
from bench.services import NatsServer
from sqlalchemy import update

from csms.adapters.bus.memory import MemoryBus
from csms.adapters.bus.nats import NatsBus, Polls
from csms.api.context import ApiContext
from csms.api.live.hub import LiveHub, Pace
from csms.api.live.listener import Interest
from csms.domain.stations.model import Link, Station
from csms.kit.bus import Bus
from csms.kit.tasks import Tasks

from ...harness.waiting import until
from .test_hub import Event, identities, next_events

PACE = Pace(look_s=0, heartbeat_s=60, longest_s=60, doubt_s=0.02)


class DeafBus(MemoryBus):
    """Loses every ring."""

    slow_poll_s = 0.05

    def ring(self, subject: str) -> None:
        pass


@asynccontextmanager
async def listening(context: ApiContext, bus: Bus) -> AsyncIterator[LiveHub]:
    hub = LiveHub(context.database, bus, context.tasks, PACE)
    yield hub
    hub.stop()
    await until(lambda: hub.idle)


async def rename(context: ApiContext, identity: str, name: str) -> None:
    """As another process does it: nobody here is told."""
    async with context.database.unit() as session:
        await session.execute(update(Station).where(Station.identity == identity).values(name=name))


def named(events: list[Event]) -> list[tuple[str, str]]:
    return [(kind, f"{said['identity']} {said.get('name', '')}".strip()) for kind, said in events]


@pytest.fixture
async def stations(admin: httpx.AsyncClient) -> list[str]:
    for identity in ("CS-1", "CS-2", "CS-3"):
        await admin.post("/api/v1/stations", json={"identity": identity})
    return ["CS-1", "CS-2", "CS-3"]


async def test_what_nobody_rang_for_is_found_by_looking(
    context: ApiContext, admin: httpx.AsyncClient, stations: list[str]
) -> None:
    async with listening(context, DeafBus()) as hub:
        stream = hub.stream(Interest())
        [snapshot] = await next_events(stream)
        assert identities(snapshot) == stations
        await rename(context, "CS-2", "Gate")
        assert named(await next_events(stream)) == [("station", "CS-2 Gate")]
        await admin.delete("/api/v1/stations/CS-3")
        assert named(await next_events(stream)) == [("removed", "CS-3")]
        await admin.post("/api/v1/stations", json={"identity": "CS-4", "name": "New"})
        assert named(await next_events(stream)) == [("station", "CS-4 New")]
        await stream.aclose()


async def test_what_is_shown_to_a_newcomer_is_told_to_the_others(context: ApiContext, stations: list[str]) -> None:
    """Else it would count as known, and they would never hear of it."""
    async with listening(context, DeafBus()) as hub:
        first = hub.stream(Interest())
        await next_events(first)
        await rename(context, "CS-1", "Gate")
        second = hub.stream(Interest())
        await next_events(second)
        assert named(await next_events(first)) == [("station", "CS-1 Gate")]
        await first.aclose()
        await second.aclose()


async def test_a_sign_of_life_alone_is_no_news(context: ApiContext, stations: list[str]) -> None:
    async with listening(context, DeafBus()) as hub:
        stream = hub.stream(Interest())
        await next_events(stream)
        async with context.database.unit() as session:
            await session.execute(update(Link).values(seen_at=context.clock.now()))
        await rename(context, "CS-3", "Gate")
        assert named(await next_events(stream)) == [("station", "CS-3 Gate")]
        await stream.aclose()


@pytest.fixture
def server() -> Iterator[NatsServer]:
    made = NatsServer()
    made.start()
    yield made
    made.stop(signal.SIGKILL)


async def test_without_its_broker_live_data_is_late_and_then_heals(
    context: ApiContext, stations: list[str], server: NatsServer
) -> None:
    tasks, slow = Tasks(), Polls(well_s=3600, troubled_s=0.05)
    buses = [NatsBus(server.url, tasks, prefix="live", name=name, polls=slow) for name in ("api", "gateway")]
    for bus in buses:
        await bus.start()
    api, gateway = buses
    async with listening(context, api) as hub:
        stream = hub.stream(Interest())
        await next_events(stream)
        server.stop(signal.SIGKILL)
        await until(lambda: api.trouble is not None and gateway.trouble is not None)
        await rename(context, "CS-2", "In the dark")
        assert named(await next_events(stream)) == [("station", "CS-2 In the dark")]

        await rename(context, "CS-3", "At dawn")
        server.start()
        await until(lambda: api.trouble is None and gateway.trouble is None)
        assert named(await next_events(stream)) == [("station", "CS-3 At dawn")]

        async with context.database.view() as session:
            ring = f"live.{(await session.scalars(Station.__table__.select())).first()}"
        await rename(context, "CS-1", "By day")
        news: list[Event] = []

        async def hear() -> None:
            news.extend(await next_events(stream))

        hearing = tasks.start(hear(), name="hearing")

        def rung() -> bool:
            gateway.ring(ring)
            return bool(news)

        await until(rung)
        await hearing
        assert named(news) == [("station", "CS-1 By day")]
        await stream.aclose()
    for bus in buses:
        await bus.close()
    await tasks.stop()
