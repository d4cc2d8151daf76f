"""Relays over a real database, and reactions that keep a diary of what they did."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.audit.model import AuditEntry
from csms.domain.facts.reaction import Reaction, Reactions, StoredFact
from csms.jobs.relay import Relay
from csms.kit.database import Database, Work
from csms.kit.facts import FactRow
from csms.kit.ids import uuid7

from ..setups import SETUP

T = TypeVar("T")
NOW = datetime(2030, 1, 31, 12, tzinfo=UTC)


class Killed(BaseException):
    """The process dies here."""


class HandClock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def pass_by(self, **duration: float) -> None:
        self.at += timedelta(**duration)


@dataclass
class Mortal:
    """A database whose user dies, by chance, before or just after a commit."""

    database: Database
    chance: random.Random
    risk: float = 0.1

    def _perhaps(self) -> None:
        if self.chance.random() < self.risk:
            raise Killed

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[AsyncSession]:
        async with self.database.unit() as session:
            yield session
            self._perhaps()
        self._perhaps()

    async def write(self, work: Work[T]) -> T:
        async with self.unit() as session:
            return await work(session)

    def view(self) -> AbstractAsyncContextManager[AsyncSession]:
        return self.database.view()

    async def look(self, work: Work[T]) -> T:
        async with self.view() as session:
            return await work(session)

    async def read(self, question: Callable[[Connection], T]) -> T:
        return await self.database.read(question)


@dataclass
class World:
    """Facts go in, and what was done for them stands in the audit trail, one entry a reaction, in the order it was done."""

    database: Database
    clock: HandClock
    broken: set[tuple[str, int]] = field(default_factory=set)
    workers: int = 0

    def relay(self, reactions: Reactions, database: Database | None = None) -> Relay:
        self.workers += 1
        worker = uuid7(NOW + timedelta(seconds=self.workers))
        return Relay(database=database or self.database, clock=self.clock, reactions=reactions, worker=worker)

    def reaction(self, name: str, *kinds: str) -> Reaction:
        """Writes in the diary; then fails, if this pair of name and fact is `broken`."""

        async def react(session: AsyncSession, facts: Sequence[StoredFact], now: datetime) -> None:
            for fact in facts:
                entry = {"at": now, "actor": name, "actor_kind": "test", "action": fact.kind}
                entry |= {"subject_kind": fact.stream, "subject_id": str(fact.id)}
                await session.execute(insert(AuditEntry).values(**entry))
                if (name, fact.id) in self.broken:
                    raise RuntimeError("this one fails")

        return Reaction(frozenset(kinds), react)

    async def happen(self, kind: str, **columns: Any) -> None:
        await self.happen_together(kind, [columns])

    async def happen_together(self, kind: str, rows: list[dict[str, Any]]) -> None:
        usual = {"kind": kind, "at": self.clock.now(), "station_id": 1, "session_id": None, "detail": {}}
        async with self.database.unit() as session:
            await session.execute(insert(FactRow), [{**usual, **row} for row in rows])

    async def diary(self) -> list[tuple[str, str, int]]:
        """Reaction, stream and fact."""
        async with self.database.view() as session:
            columns = (AuditEntry.actor, AuditEntry.subject_kind, AuditEntry.subject_id)
            rows = await session.execute(select(*columns).order_by(AuditEntry.id))
            return [(name, stream, int(fact)) for name, stream, fact in rows]

    async def waiting(self) -> list[int]:
        async with self.database.view() as session:
            found = await session.scalars(select(FactRow.id).where(~FactRow.relayed).order_by(FactRow.id))
            return list(found)

    async def forget(self, fact_id: int) -> None:
        """As if the fact had never been called relayed."""
        async with self.database.unit() as session:
            await session.execute(update(FactRow).where(FactRow.id == fact_id).values(relayed=False))


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with SETUP.opened(tmp_path) as (database, _bus):
        yield World(database, HandClock())


async def all_of(*works: Any) -> list[Any]:
    """Run them together to their ends; only deaths are allowed among the failures."""
    ends = await asyncio.gather(*(_mourned(work) for work in works))
    return [end for end in ends if not isinstance(end, Killed)]


async def _mourned(work: Any) -> Any:
    try:
        return await work
    except Killed as death:
        return death
