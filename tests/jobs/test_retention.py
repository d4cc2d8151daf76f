"""Old rows go when their time is over, on either database; what is still needed stays."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, insert, select

from csms.adapters.db import retention as shelves
from csms.adapters.db.engine import SqliteDatabase
from csms.adapters.db.postgres import PostgresDatabase
from csms.adapters.db.retention import PostgresShelves, SqliteShelves
from csms.domain.audit.model import AuditEntry
from csms.domain.facts.model import FactReaction
from csms.domain.sessions.model import Reading
from csms.domain.stations.model import Frame
from csms.jobs.retention import Retention, Shelves
from csms.kit.clock import microseconds
from csms.kit.facts import FactRow
from csms.kit.tables import Base

from .conftest import NOW, World


@pytest.fixture
def kept(world: World, monkeypatch: pytest.MonkeyPatch) -> Shelves:
    """Shelves that clear three rows at a time."""
    monkeypatch.setattr(shelves, "SLICE", 3)
    database = world.database
    if isinstance(database, PostgresDatabase):
        return PostgresShelves(database)
    assert isinstance(database, SqliteDatabase)
    return SqliteShelves(database)


async def prune(world: World, kept: Shelves, **days: int) -> dict[str, int]:
    return await Retention(kept, world.clock, days).due()


async def ids(world: World, table: type[Base]) -> list[int]:
    key = table.__table__.primary_key.columns[0]
    async with world.database.view() as session:
        return list(await session.scalars(select(key).order_by(key)))


def days_ago(days: int) -> datetime:
    return NOW - timedelta(days=days)


async def test_facts_go_when_they_are_old_and_every_reaction_is_done(world: World, kept: Shelves) -> None:
    relay = world.relay({"a": world.reaction("a", "Said")})
    for fact in range(1, 11):
        await world.happen("Said", id=fact, at=days_ago(100 - fact), session_id=fact)
    world.broken.add(("a", 2))
    await relay.relay()
    await world.happen("Said", id=11, at=days_ago(1))
    assert await prune(world, kept, facts=92) == {"facts": 6}
    assert await ids(world, FactRow) == [2, 8, 9, 10, 11]
    assert await ids(world, FactReaction) == [2, 8, 9, 10]
    assert await prune(world, kept, facts=92) == {"facts": 0}


async def test_the_newest_fact_stays_lest_its_number_be_given_again(world: World, kept: Shelves) -> None:
    relay = world.relay({"a": world.reaction("a", "Said")})
    for fact in (1, 2):
        await world.happen("Said", id=fact, at=days_ago(500))
    await relay.relay()
    assert await prune(world, kept, facts=1) == {"facts": 1}
    await world.happen("Said", session_id=5)
    await relay.relay()
    assert len(await world.diary()) == 3


async def test_the_audit_trail_is_kept_for_ever_unless_told(world: World, kept: Shelves) -> None:
    entry = {"actor": "ana", "actor_kind": "user", "action": "create", "subject_kind": "station", "subject_id": "1"}
    async with world.database.unit() as session:
        await session.execute(insert(AuditEntry), [{**entry, "at": days_ago(days)} for days in range(20, 0, -1)])
    assert await prune(world, kept, audit_entries=0) == {"audit_entries": 0}
    assert await prune(world, kept, audit_entries=10) == {"audit_entries": 10}
    async with world.database.view() as session:
        assert await session.scalar(select(func.min(AuditEntry.at))) == days_ago(10)


async def test_frames_and_readings_go_by_their_arrival(world: World, kept: Shelves) -> None:
    """Whatever time a station gave; whole months on one database, to the day on the other, and never too early."""
    old, young = [microseconds(days_ago(days)) for days in (80, 75)], [microseconds(days_ago(days)) for days in (20, 0)]
    frame = {"station_id": 1, "direction": "in", "action": "x", "message_id": "m", "call": b"", "outcome": "result"}
    reading = {"number": 0, "station_id": 1, "evse": 1, "at": days_ago(900), "context": "x", "samples": b""}
    async with world.database.unit() as session:
        await session.execute(insert(Frame), [{**frame, "id": at} for at in old + young])
        await session.execute(insert(Reading), [{**reading, "frame_id": at} for at in old + young])
    await prune(world, kept, frames=30, readings=30)
    async with world.database.view() as session:
        assert list(await session.scalars(select(Frame.id).order_by(Frame.id))) == young
        assert list(await session.scalars(select(Reading.frame_id).order_by(Reading.frame_id))) == young
