"""The recorder on a real SQLite file with a hundred stations."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from csms.adapters.db.engine import SqliteDatabase
from csms.adapters.db.migrate import upgrade_sqlite
from csms.adapters.db.recorder import GroupRecorder
from csms.adapters.db.sqlite_writer import SqliteWriter
from csms.domain.stations.changes import NewFrame
from csms.domain.stations.model import Link, Station
from csms.kit.changes import Change
from csms.kit.recording import Submission
from csms.kit.tasks import Tasks

from ...harness.server import rows

NOW = datetime(2030, 1, 1, tzinfo=UTC)
STATIONS = 100


def frame(station_id: int, frame_id: int, **changed: Any) -> NewFrame:
    """A row as any frame of a station makes."""
    row = NewFrame(station_id, frame_id, "in", "Heartbeat", "m", b"call", b"answer", NOW, "result", None, None)
    return row._replace(**changed)


@dataclass
class Recording:
    """Hands in changes and remembers what became of each submission, in the order it was told."""

    database: SqliteDatabase
    writer: SqliteWriter
    recorder: GroupRecorder
    told: list[tuple[int, Exception | None]] = field(default_factory=list)
    numbers: dict[int, int] = field(default_factory=dict)

    def submit(self, *changes: Change, station_id: int = 1, epoch: int = 1) -> int:
        """Gives the submission's number, 0, 1, 2, …"""
        submission = Submission(station_id, epoch, NOW, list(changes), self._done)
        number = self.numbers[id(submission)] = len(self.numbers)
        self.recorder.submit(submission)
        return number

    def _done(self, submission: Submission, error: Exception | None) -> None:
        self.told.append((self.numbers[id(submission)], error))
        assert not self.writer_is_writing, "told before the commit"

    @property
    def writer_is_writing(self) -> bool:
        connection: Any = self.writer._connection
        return bool(connection.in_transaction)

    def set(self, pragma: str) -> None:
        """Make the database refuse, or take again, on the recorder's own connection."""
        self.writer._connection.execute(f"PRAGMA {pragma}")

    async def settled(self) -> None:
        await asyncio.wait_for(self.recorder.drained(), 30)

    async def rows(self, table: str, **where: Any) -> list[dict[str, Any]]:
        return await rows(self.database, table, **where)

    @property
    def refused(self) -> dict[int, Exception]:
        return {number: error for number, error in self.told if error is not None}


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database, made once."""
    path: Path = tmp_path_factory.mktemp("migrated") / "csms.db"
    upgrade_sqlite(path)
    return path


@pytest.fixture
async def recording(tmp_path: Path, migrated: Path) -> AsyncIterator[Recording]:
    path = tmp_path / "csms.db"
    shutil.copy(migrated, path)
    database, tasks = SqliteDatabase(path), Tasks()
    writer = SqliteWriter(database)
    made = {"registration": "accepted", "credential_kind": "open", "created_at": NOW, "updated_at": NOW}
    async with database.unit() as session:
        stations = [{"id": number, "identity": f"CS-{number}", **made} for number in range(1, STATIONS + 1)]
        await session.execute(insert(Station), stations)
        links = [{"station_id": number, "epoch": 1, "online": True} for number in range(1, STATIONS + 1)]
        await session.execute(insert(Link), links)
    yield Recording(database, writer, GroupRecorder(writer, tasks))
    await tasks.stop()
    writer.close()
    await database.close()
