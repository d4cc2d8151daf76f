"""The recorder's hand on SQLite: one thread, one connection, one transaction a batch."""

import asyncio
import sqlite3
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any, Final
from uuid import UUID

from csms.adapters.db.checkpoints import Checkpoints
from csms.adapters.db.engine import SqliteDatabase, connect_raw
from csms.adapters.db.recorder import DatabaseRefused
from csms.adapters.db.statements import sqlite_statement
from csms.kit.changes import REGISTRY, Kind, Write
from csms.kit.clock import microseconds
from csms.kit.recording import Submission, Taken

sqlite3.register_adapter(datetime, microseconds)
sqlite3.register_adapter(UUID, lambda value: value.hex)  # as SQLAlchemy's Uuid stores it

_HANDFULS: Final = (64, 8, 1)  # rows a statement: few different statements, so that SQLite keeps them prepared
_SOLE: Final = "UNIQUE constraint failed: sessions.id_token_key"
_FENCE: Final = Write("links", Kind.UPDATE, ("seen_at", "station_id", "epoch"), ("station_id", "epoch"), 0, False)


@dataclass(frozen=True, slots=True)
class _Statements:
    """How rows of one kind are written: a statement for each handful, by its size."""

    by_size: dict[int, str]
    key: slice | None

    @classmethod
    def of(cls, write: Write) -> "_Statements":
        by_size = {size: sqlite_statement(write, size) for size in _HANDFULS}
        return cls(by_size, slice(-len(write.key), None) if write.kind is Kind.UPDATE else None)

    def prepared(self, rows: Sequence[Any]) -> Iterator[tuple[str, list[Any]]]:
        """Statements with their parameters for all rows; of updates with the same key the last counts."""
        if self.key is not None and len(rows) > 1:
            rows = list({row[self.key]: row for row in rows}.values())
        at = 0
        for size, statement in self.by_size.items():
            while len(rows) - at >= size:
                yield statement, list(chain.from_iterable(rows[at : at + size]))
                at += size


class SqliteWriter:
    """Writes batches; the fence is the update of each link's `seen_at` where its epoch still holds."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._turn = database.write_turn
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="recorder")
        self._connection = connect_raw(database.path)
        ranked = sorted(REGISTRY.items(), key=lambda item: item[1].rank)
        self._statements = {change: _Statements.of(write) for change, write in ranked}
        self._fence = _Statements.of(_FENCE)
        self._checkpoints = Checkpoints(database.path)

    async def write(self, batch: Sequence[Submission]) -> list[Submission]:
        async with self._turn:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._write, batch)

    def _write(self, batch: Sequence[Submission]) -> list[Submission]:
        rows: dict[type, list[Any]] = {change: [] for change in self._statements}
        fences: dict[tuple[int, int], datetime] = {}
        for submission in batch:
            fences[submission.station_id, submission.epoch] = submission.seen_at
            for row in submission.changes:
                rows[type(row)].append(row)
        connection = self._connection
        try:
            self._checkpoints.before(connection)
            connection.execute("BEGIN IMMEDIATE")
            before = connection.total_changes  # not rowcount: Python's sqlite3 gives -1 for WITH … UPDATE
            for statement, values in self._fence.prepared([(seen, *fence) for fence, seen in fences.items()]):
                connection.execute(statement, values)
            if connection.total_changes - before != len(fences):
                connection.execute("ROLLBACK")
                return self._fenced(batch)
            for change, statements in self._statements.items():
                for statement, values in statements.prepared(rows[change]):
                    connection.execute(statement, values)
            connection.execute("COMMIT")
        except BaseException as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.OperationalError) and "no such" not in str(error):
                raise DatabaseRefused(str(error)) from error
            if isinstance(error, sqlite3.IntegrityError) and _SOLE in str(error):
                raise Taken from error
            raise
        self._checkpoints.after(sum(map(len, rows.values())))
        return []

    def _fenced(self, batch: Sequence[Submission]) -> list[Submission]:
        epochs = dict(self._connection.execute("SELECT station_id, epoch FROM links").fetchall())
        fenced = [submission for submission in batch if epochs.get(submission.station_id) != submission.epoch]
        if not fenced:  # nothing was written, and to return nobody would say that all of it was
            raise RuntimeError("the fence fell, yet every link holds its epoch")
        return fenced

    def close(self) -> None:
        self._thread.shutdown()
        self._checkpoints.close()
        self._connection.close()
