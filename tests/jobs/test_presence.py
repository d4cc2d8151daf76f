"""Processes say that they live; the stations of one that does not are offline until they connect anew."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.stations.model import Link
from csms.domain.stations.processes import Identity
from csms.jobs.presence import Presence
from csms.kit.bus import Bus
from csms.kit.database import Database, Work
from csms.kit.errors import Unavailable
from csms.kit.ids import uuid7

from ..harness.server import add_station, rows
from ..harness.waiting import until
from ..setups import SETUP
from .conftest import NOW, HandClock

T = TypeVar("T")
LEASE_S = 2.4  # a third of it really passes at every sign of life


class Moody:
    """A database that can be had or not, as the test says."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.gone = False
        self.tried = 0

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[AsyncSession]:
        try:
            if self.gone:
                raise Unavailable(reason="the cable is cut")
            async with self._database.unit() as session:
                yield session
        finally:
            self.tried += 1

    async def write(self, work: Work[T]) -> T:
        async with self.unit() as session:
            return await work(session)

    def view(self) -> Any:
        return self._database.view()

    async def look(self, work: Work[T]) -> T:
        return await self._database.look(work)

    async def read(self, question: Any) -> Any:
        return await self._database.read(question)


class Network:
    """Processes on one database."""

    def __init__(self, database: Database, bus: Bus) -> None:
        self.database = Moody(database)
        self.bus = bus
        self.clock = HandClock()
        self.given_up: list[Identity] = []
        self._instances = 0

    def process(self, name: str, clock: HandClock | None = None) -> Presence:
        self._instances += 1
        instance = uuid7(NOW + timedelta(milliseconds=self._instances))
        who = Identity(name, instance, "gateway", "1.0")
        return Presence(
            who, database=self.database, clock=clock or self.clock, lease_s=LEASE_S,
            give_up=lambda: self.given_up.append(who),
        )  # fmt: skip

    async def report(self, *processes: Presence) -> None:
        """One sign of life of each, or the end of those that must not go on."""
        tried = self.database.tried
        running = [asyncio.ensure_future(presence.run()) for presence in processes]
        await until(lambda: self.database.tried >= tried + len(processes))
        await asyncio.sleep(0)
        for one in running:
            one.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def pass_by(self, leases: float) -> None:
        self.clock.pass_by(seconds=leases * LEASE_S)

    async def holds(self, station_id: int, gateway: str) -> None:
        async with self.database.unit() as session:
            held = update(Link).where(Link.station_id == station_id)
            await session.execute(held.values(online=True, gateway=gateway, epoch=4))

    async def link(self, station_id: int) -> tuple[bool, int]:
        [row] = await rows(self.database, "links", station_id=station_id)
        return row["online"], row["epoch"]

    async def names(self) -> list[str]:
        return sorted(row["name"] for row in await rows(self.database, "processes"))


@pytest.fixture
async def network(tmp_path: Path) -> AsyncIterator[Network]:
    async with SETUP.opened(tmp_path) as (database, bus):
        yield Network(database, bus)


async def test_the_stations_of_a_process_that_fell_silent_are_offline_and_told(network: Network) -> None:
    dead, living = network.process("dead"), network.process("living")
    await dead.start()
    await living.start()
    for identity in ("ONE", "TWO"):
        await add_station(network.database, identity)
    await network.holds(1, "dead")
    await network.holds(2, "living")
    rung: list[str] = []
    network.bus.subscribe("live.", rung.append)
    await living.bury(network.bus)
    for _ in range(2):
        network.pass_by(0.7)
        await network.report(living)
        await living.bury(network.bus)
    assert await network.link(1) == (False, 5)  # what the dead one may still have in hand is fenced off
    assert await network.link(2) == (True, 4)
    assert await network.names() == ["living"]
    [fact] = await rows(network.database, "facts", kind="StationWentOffline")
    assert (fact["station_id"], fact["detail"]) == (1, {"reason": "gateway lost"})
    await until(lambda: rung == ["live.1"])
    await living.bury(network.bus)
    assert await network.link(1) == (False, 5)


async def test_one_that_was_only_frozen_registers_anew(network: Network) -> None:
    frozen, living = network.process("frozen"), network.process("living")
    await frozen.start()
    await living.start()
    await living.bury(network.bus)
    for _ in range(2):
        network.pass_by(0.7)
        await network.report(living)
        await living.bury(network.bus)
    assert await network.names() == ["living"]
    await network.report(frozen)
    assert await network.names() == ["frozen", "living"]
    assert network.given_up == []


async def test_after_an_outage_of_the_database_everybody_gets_the_time_to_report(network: Network) -> None:
    """Its own silence tells a process that the silence of others means nothing."""
    one, other = network.process("one"), network.process("other")
    await one.start()
    await other.start()
    await add_station(network.database, "ONE")
    await network.holds(1, "other")
    network.database.gone = True
    network.pass_by(5)
    await network.report(one)
    assert one.trouble == "the cable is cut"
    await one.bury(network.bus)
    network.database.gone = False
    await network.report(one)
    assert one.trouble is None
    await one.bury(network.bus)
    assert await network.link(1) == (True, 4)
    network.pass_by(1.1)
    await network.report(other)
    assert await network.names() == ["one", "other"]
    assert await network.link(1) == (True, 4)


async def test_a_process_whose_name_is_taken_stops(network: Network) -> None:
    """Two of one name would bury each other's stations."""
    first, second = network.process("main"), network.process("main")
    await first.start()
    await second.start()
    await network.report(first, second)
    assert network.given_up == [first.who]
    assert "name" in (first.trouble or "")
    assert second.trouble is None
    await first.stop()
    assert await network.names() == ["main"]  # its successor's entry is not its to take away
    await second.stop()
    assert await network.names() == []


@pytest.mark.parametrize("hours", [-1, 1])
async def test_a_wrong_clock_neither_kills_nor_keeps_alive(network: Network, hours: int) -> None:
    """How old a sign of life is, is measured by who waits for the next one; that the clocks differ is told."""
    wrong = HandClock()
    wrong.pass_by(hours=hours)
    odd, dead, one = network.process("odd", wrong), network.process("dead", wrong), network.process("one")
    for process in (odd, dead, one):
        await process.start()
        await process.bury(network.bus)
    for _ in range(3):
        network.pass_by(0.7)
        wrong.pass_by(seconds=0.7 * LEASE_S)
        await network.report(odd, one)
        await odd.bury(network.bus)
        await one.bury(network.bus)
    assert await network.names() == ["odd", "one"]
    assert one.clocks == f"odd {hours * 3600:+} s"
    assert odd.clocks == f"one {-hours * 3600:+} s"


async def test_a_clock_that_was_set_right_is_no_trouble_any_more(network: Network) -> None:
    clock = HandClock()
    clock.pass_by(hours=1)
    late, one = network.process("late", clock), network.process("one")
    for process in (late, one):
        await process.start()
    await one.bury(network.bus)
    clock.pass_by(seconds=1)
    await network.report(late, one)
    await one.bury(network.bus)
    assert one.clocks == "late +3601 s"
    clock.at = network.clock.at
    await network.report(late, one)
    await one.bury(network.bus)
    assert one.clocks is None


async def test_one_that_never_reported_buries_nobody(network: Network) -> None:
    dead, fresh = network.process("dead"), network.process("fresh")
    await dead.start()
    network.pass_by(9)
    await fresh.bury(network.bus)
    assert await network.names() == ["dead"]
