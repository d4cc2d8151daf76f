"""Live data: a snapshot, then what changed."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from csms.api.context import ApiContext
from csms.api.live import hub as hub_module
from csms.api.live import listener as listener_module
from csms.api.live.hub import LiveHub, Pace
from csms.api.live.listener import Interest
from csms.kit.errors import Unavailable

QUICK = Pace(look_s=0, heartbeat_s=60, longest_s=60)
Event = tuple[str, Any]


def events(chunk: bytes) -> list[Event]:
    """The events of a chunk: name and data."""
    found = []
    for block in chunk.decode().split("\n\n")[:-1]:
        name, data = block.split("\n")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def identities(event: Event) -> list[str]:
    return [station["identity"] for station in event[1]["stations"]]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - what is awaited has no event of its own
            await asyncio.sleep(0.005)


@pytest.fixture
async def hub(context: ApiContext) -> AsyncIterator[LiveHub]:
    made = LiveHub(context.database, context.bus, context.tasks, QUICK)
    yield made
    made.stop()
    await until(lambda: made.idle)


@pytest.fixture
async def stations(admin: httpx.AsyncClient) -> list[str]:
    for identity in ("CS-1", "CS-2", "CS-3"):
        await admin.post("/api/v1/stations", json={"identity": identity})
    return ["CS-1", "CS-2", "CS-3"]


async def next_events(stream: AsyncIterator[bytes]) -> list[Event]:
    async with asyncio.timeout(10):
        return events(await anext(stream))


async def test_a_listener_sees_all_stations_and_then_each_change(
    admin: httpx.AsyncClient, hub: LiveHub, stations: list[str]
) -> None:
    stream = hub.stream(Interest())
    [snapshot] = await next_events(stream)
    assert (snapshot[0], snapshot[1]["part"], snapshot[1]["last"]) == ("snapshot", 0, True)
    assert identities(snapshot) == stations
    shown = (await admin.get("/api/v1/stations/CS-1")).json()
    assert snapshot[1]["stations"][0] == shown

    changed = (await admin.patch("/api/v1/stations/CS-2", json={"name": "Gate"})).json()
    assert await next_events(stream) == [("station", changed)]
    await admin.delete("/api/v1/stations/CS-2")
    assert await next_events(stream) == [("removed", {"identity": "CS-2"})]
    made = (await admin.post("/api/v1/stations", json={"identity": "CS-4"})).json()["station"]
    assert await next_events(stream) == [("station", made)]
    await stream.aclose()
    assert hub.listeners == 0


async def test_what_is_not_asked_for_is_not_told(admin: httpx.AsyncClient, hub: LiveHub, stations: list[str]) -> None:
    stream = hub.stream(Interest(identities=frozenset({"CS-3", "CS-9"})))
    assert identities((await next_events(stream))[0]) == ["CS-3"]
    await admin.patch("/api/v1/stations/CS-1", json={"name": "not for you"})
    await admin.delete("/api/v1/stations/CS-2")
    await admin.post("/api/v1/stations", json={"identity": "CS-9"})
    [(name, told)] = await next_events(stream)
    assert (name, told["identity"]) == ("station", "CS-9")
    await stream.aclose()


async def test_stations_come_to_a_location_and_leave_it(
    admin: httpx.AsyncClient, hub: LiveHub, stations: list[str]
) -> None:
    await admin.post("/api/v1/organisations", json={"name": "Blue Charging"})
    place = {"name": "Harbour", "time_zone": "UTC"}
    location = (await admin.post("/api/v1/locations", json=place)).json()["id"]
    stream = hub.stream(Interest(location_id=UUID(location)))
    assert identities((await next_events(stream))[0]) == []
    for moved_to, told in ((location, "station"), (None, "removed")):
        await admin.patch("/api/v1/stations/CS-1", json={"location_id": moved_to})
        [(name, data)] = await next_events(stream)
        assert (name, data["identity"]) == (told, "CS-1")
    await stream.aclose()


async def test_many_changes_of_a_station_are_told_once(
    admin: httpx.AsyncClient, context: ApiContext, stations: list[str]
) -> None:
    hub = LiveHub(context.database, context.bus, context.tasks, QUICK._replace(look_s=0.05))
    stream = hub.stream(Interest())
    await next_events(stream)
    for number in range(50):
        context.bus.ring(f"live.{number % 2 + 1}")
    told = await next_events(stream)
    assert [data["identity"] for _, data in told] == ["CS-1", "CS-2"]
    hub.stop()
    assert [chunk async for chunk in stream] == []
    await until(lambda: hub.idle)


async def test_who_cannot_follow_gets_a_fresh_snapshot(
    admin: httpx.AsyncClient,
    context: ApiContext,
    hub: LiveHub,
    stations: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listener_module, "MOST_WAITING", 2)
    slow, quick = hub.stream(Interest()), hub.stream(Interest(identities=frozenset({"CS-3"})))
    await next_events(slow)
    await next_events(quick)
    for identity in stations:
        await admin.patch(f"/api/v1/stations/{identity}", json={"name": "new"})
    assert [data["identity"] for _, data in await next_events(quick)] == ["CS-3"]
    [snapshot] = await next_events(slow)
    assert snapshot[0] == "snapshot"
    assert [station["name"] for station in snapshot[1]["stations"]] == ["new"] * 3
    await admin.patch("/api/v1/stations/CS-1", json={"name": "newer"})
    assert [(name, data["name"]) for name, data in await next_events(slow)] == [("station", "newer")]
    await slow.aclose()
    await quick.aclose()


async def test_a_large_network_comes_in_parts(
    hub: LiveHub, admin: httpx.AsyncClient, stations: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "A_LOOK", 2)
    stream = hub.stream(Interest())
    first, second = (await next_events(stream))[0], (await next_events(stream))[0]
    assert (identities(first), first[1]["part"], first[1]["last"]) == (["CS-1", "CS-2"], 0, False)
    assert (identities(second), second[1]["part"], second[1]["last"]) == (["CS-3"], 1, True)
    await stream.aclose()


async def test_a_silent_stream_shows_that_it_lives_and_ends_in_time(context: ApiContext) -> None:
    hub = LiveHub(context.database, context.bus, context.tasks, Pace(0, heartbeat_s=0.02, longest_s=1))
    chunks = [chunk async for chunk in hub.stream(Interest())]
    assert events(chunks[0])[0][0] == "snapshot"
    assert set(chunks[1:]) == {b": still here\n\n"}
    await until(lambda: hub.idle)


async def test_stopping_ends_every_stream_and_begins_none(hub: LiveHub) -> None:
    stream = hub.stream(Interest())
    await next_events(stream)
    waiting = asyncio.create_task(anext(stream, None))
    await asyncio.sleep(0)
    hub.stop()
    async with asyncio.timeout(10):
        assert not await waiting
        assert [chunk async for chunk in hub.stream(Interest())] == []
    await stream.aclose()


async def test_listening_begins_again_after_everybody_left(
    admin: httpx.AsyncClient, hub: LiveHub, stations: list[str]
) -> None:
    for name in ("first", "second"):
        stream = hub.stream(Interest())
        await next_events(stream)
        await admin.patch("/api/v1/stations/CS-1", json={"name": name})
        assert [data["name"] for _, data in await next_events(stream)] == [name]
        await stream.aclose()
        await until(lambda: hub.idle)


class Flickering:
    """A database that cannot be read while `gone`."""

    def __init__(self, context: ApiContext) -> None:
        self._database = context.database
        self.unit = self._database.unit
        self.gone = False
        self.refused = 0

    @asynccontextmanager
    async def view(self) -> AsyncIterator[AsyncSession]:
        if self.gone:
            self.refused += 1
            raise Unavailable
        async with self._database.view() as session:
            yield session


async def test_after_a_database_that_was_away_everything_is_told_anew(
    admin: httpx.AsyncClient, context: ApiContext, stations: list[str]
) -> None:
    database = Flickering(context)
    hub = LiveHub(database, context.bus, context.tasks, QUICK)
    stream = hub.stream(Interest())
    await next_events(stream)
    database.gone = True
    await admin.patch("/api/v1/stations/CS-1", json={"name": "missed"})
    await until(lambda: database.refused > 0)
    database.gone = False
    [snapshot] = await next_events(stream)
    assert (snapshot[0], snapshot[1]["stations"][0]["name"]) == ("snapshot", "missed")
    hub.stop()
    await stream.aclose()
    await until(lambda: hub.idle)
