"""The recorder's hand on SQLite: one thread, one connection, one transaction a batch."""

import asyncio
import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any
from uuid import UUID

from csms.adapters.db.engine import SqliteDatabase, connect_raw
from csms.adapters.db.recorder import DatabaseRefused
from csms.adapters.db.statements import sqlite_statement
from csms.kit.changes import REGISTRY
from csms.kit.clock import microseconds
from csms.kit.recording import Submission

sqlite3.register_adapter(datetime, microseconds)
sqlite3.register_adapter(UUID, lambda value: value.hex)  # as SQLAlchemy's Uuid stores it

_FENCE = "UPDATE links SET seen_at = ? WHERE station_id = ? AND epoch = ?"


class SqliteWriter:
    """Writes batches; the fence is the update of each link's `seen_at` where its epoch still holds."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._turn = database.write_turn
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="recorder")
        self._connection = connect_raw(database.path)
        ranked = sorted(REGISTRY.items(), key=lambda item: item[1].rank)
        self._statements = {change: sqlite_statement(write) for change, write in ranked}

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
            connection.execute("BEGIN IMMEDIATE")
            held = connection.executemany(_FENCE, [(seen, *fence) for fence, seen in fences.items()])
            if held.rowcount != len(fences):
                connection.execute("ROLLBACK")
                return self._fenced(batch)
            for change, statement in self._statements.items():
                if rows[change]:
                    connection.executemany(statement, rows[change])
            connection.execute("COMMIT")
        except BaseException as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.OperationalError) and "no such" not in str(error):
                raise DatabaseRefused(str(error)) from error
            raise
        return []

    def _fenced(self, batch: Sequence[Submission]) -> list[Submission]:
        epochs = dict(self._connection.execute("SELECT station_id, epoch FROM links").fetchall())
        return [submission for submission in batch if epochs.get(submission.station_id) != submission.epoch]

    def close(self) -> None:
        self._thread.shutdown()
        self._connection.close()
