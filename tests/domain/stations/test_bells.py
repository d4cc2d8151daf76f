"""Doorbells ring for what is committed, and for nothing else."""

import pytest
from sqlalchemy import text

from csms.adapters.bus.memory import MemoryBus
from csms.domain.stations.bells import ring_after_commit, ring_station_changed
from csms.kit.database import Database


@pytest.fixture
def bus() -> MemoryBus:
    return MemoryBus()


@pytest.fixture
def rung(bus: MemoryBus) -> list[str]:
    heard: list[str] = []
    for prefix in ("stations.", "live.", "commands."):
        bus.subscribe(prefix, heard.append)
    return heard


async def test_bells_ring_once_after_the_commit(database: Database, bus: MemoryBus, rung: list[str]) -> None:
    async with database.unit() as session:
        ring_station_changed(session, bus, 7)
        ring_after_commit(session, bus, "commands.7")
        await session.execute(text("SELECT 1"))
        assert rung == []
    assert sorted(rung) == ["commands.7", "live.7", "stations.7"]
    async with database.unit() as session:
        await session.execute(text("SELECT 1"))
    assert len(rung) == 3


async def test_what_was_rolled_back_rings_nothing(database: Database, bus: MemoryBus, rung: list[str]) -> None:
    async def fail() -> None:
        async with database.unit() as session:
            ring_station_changed(session, bus, 7)
            await session.execute(text("SELECT 1"))
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    async with database.unit() as session:
        await session.execute(text("SELECT 1"))
    assert rung == []
