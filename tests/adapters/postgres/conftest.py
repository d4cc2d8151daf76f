"""A PostgreSQL database whatever set-up is chosen, with stations whose links a recorder may hold."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from csms.adapters.db.postgres import PostgresDatabase
from csms.domain.stations.changes import NewFrame
from csms.kit.changes import Change
from csms.kit.facts import Fact
from csms.kit.recording import Submission
from csms.kit.tables import Base

from ...harness.server import add_station
from ...setups import SETUP

NOW = datetime(2030, 1, 31, 12, tzinfo=UTC)


@dataclass
class Tables:
    """A database and what a test asks of it; `url` leads straight to it."""

    url: str
    database: PostgresDatabase

    async def rows(self, table: str, *order: str) -> list[dict[str, Any]]:
        source = Base.metadata.tables[table]
        async with self.database.view() as session:
            found = await session.execute(select(source).order_by(*(source.c[name] for name in order)))
            return [dict(row._mapping) for row in found]


@pytest.fixture
async def tables(tmp_path: Path) -> AsyncIterator[Tables]:
    """Stations 1, 2 and 3, whose links have epoch 0."""
    url = SETUP.postgres.database(tmp_path)
    database = PostgresDatabase(url, pool_size=2)
    for identity in ("A", "B", "C"):
        await add_station(database, identity)
    yield Tables(url, database)
    await database.close()


def frame(station_id: int, frame_id: int, **columns: Any) -> NewFrame:
    facts: dict[str, Any] = {
        "direction": "in", "action": "Heartbeat", "message_id": str(frame_id), "call": b"[]", "answer": b"[]",
        "answered_at": NOW, "outcome": "result", "error_code": None, "session_id": None,
    }  # fmt: skip
    return NewFrame(station_id=station_id, id=frame_id, **(facts | columns))


def submission(station_id: int, *changes: Change, epoch: int = 0, done: Any = None) -> Submission:
    return Submission(station_id, epoch, NOW, list(changes), done or (lambda _submission, _error: None))


def fact(station_id: int, kind: str = "Happened") -> Fact:
    return Fact(kind, NOW, station_id, None, '{"why": "a test"}')
