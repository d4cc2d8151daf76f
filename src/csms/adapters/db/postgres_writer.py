"""The recorder's hand on PostgreSQL: one connection, one transaction a batch, one round trip if it can be."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

import asyncpg
import structlog

from csms.adapters.db.postgres import connect, is_passing
from csms.adapters.db.recorder import DatabaseRefused
from csms.adapters.db.statements import Step, Steps, values_of
from csms.domain.sessions.model import ONE_SOLE
from csms.kit.changes import REGISTRY, Kind
from csms.kit.recording import Submission, Taken

log = structlog.get_logger(__name__)

WRITE_TIMEOUT_S: Final = 30.0
_STATEMENTS: Final = 200  # kept: there is one for each set of change classes that came together
_SESSION: Final = {
    "application_name": "csms recorder",
    # A transaction left half-way by a connection that was cut must not hold its locks for long.
    "idle_in_transaction_session_timeout": "20s",
    # We hang up after WRITE_TIMEOUT_S, but a server process that waits for a lock does not notice that. While the standby is away
    # every try would wait behind the batch in doubt, and leave one such process behind, until there is no connection left.
    "lock_timeout": "20s",
}
# That the batch in doubt is there does not say that it is kept: one whose wait for the standby was broken off (by a restart of the
# primary, say) shows all the same. What is written after it is on the standby only when it is.
_SAME_MARK: Final = "UPDATE recorder_marks SET batch = batch WHERE id = $1"
_NEW_MARK: Final = "INSERT INTO recorder_marks (id, batch) VALUES ($1, $2) ON CONFLICT DO NOTHING"


class PostgresWriter:
    """Writes batches; the fence is the update of each link's `seen_at` where its epoch still holds.

    After DatabaseRefused the same batch must come again before any other: its commit may have arrived all the same, which the
    recorder's mark then tells. `id` names this recorder and no other.
    """

    def __init__(self, url: str, id: UUID) -> None:  # noqa: A002 - it is the row's
        self._url = url
        self._id = id
        self._batch = 0  # the number of the last batch known to be committed
        self._connection: asyncpg.Connection[Any] | None = None
        self._order = sorted(REGISTRY, key=lambda change: REGISTRY[change].rank)
        self._keys = {change: _key_of(change) for change in self._order}
        self._steps = lru_cache(_STATEMENTS)(Steps)

    async def write(self, batch: Sequence[Submission]) -> list[Submission]:
        try:
            async with asyncio.timeout(WRITE_TIMEOUT_S):
                return await self._write(batch)
        except asyncpg.CharacterNotInRepertoireError:
            self._drop()
            if not _without_nul(batch):
                raise
            return await self.write(batch)
        except Taken:
            raise
        except Exception as error:
            lost = self._connection is None or self._connection.is_closed()
            self._drop()
            if lost or is_passing(error):
                raise DatabaseRefused(_words_of(error)) from error
            raise

    def close(self) -> None:
        self._drop()

    def _drop(self) -> None:
        """Hang up without a word: what was not committed is rolled back by the server."""
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    async def _write(self, batch: Sequence[Submission]) -> list[Submission]:
        connection = self._connection or await self._connect()
        fences, rows = _gathered(batch)
        number = self._batch + 1
        stations, epochs, seen = zip(*sorted((*fence, at) for fence, at in fences.items()), strict=True)
        parameters: list[Any] = [stations, epochs, seen, self._id, number, len(fences)]
        steps = self._steps_for(rows)
        try:
            if len(steps) == 1:  # a transaction by itself, and one round trip
                await self._take(connection, steps[0], rows, parameters)
            else:
                await connection.execute("BEGIN")
                for step in steps:
                    await self._take(connection, step, rows, parameters)
                    parameters = []
                await connection.execute("COMMIT")
        except asyncpg.DivisionByZeroError:
            if len(steps) > 1:
                await connection.execute("ROLLBACK")
            return await self._refused(connection, number, batch)
        except asyncpg.UniqueViolationError as error:
            if error.constraint_name != ONE_SOLE:
                raise
            if len(steps) > 1:
                await connection.execute("ROLLBACK")
            raise Taken from error
        self._batch = number
        return []

    async def _take(
        self, connection: "asyncpg.Connection[Any]", step: Step, rows: dict[type, list[Any]], parameters: list[Any]
    ) -> None:
        for change in step.changes:
            parameters += zip(*self._distinct(change, rows[change]), strict=True)
        await connection.execute(step.sql, *parameters)

    async def _connect(self) -> "asyncpg.Connection[Any]":
        connection = await connect(self._url, statement_cache_size=_STATEMENTS, server_settings=_SESSION)
        self._connection = connection
        if await connection.fetchval("SHOW synchronous_commit") == "off":
            await connection.execute("SET synchronous_commit TO on")  # what is answered must be on disk
        await connection.execute(_NEW_MARK, self._id, self._batch)
        return connection

    async def _refused(
        self, connection: "asyncpg.Connection[Any]", number: int, batch: Sequence[Submission]
    ) -> list[Submission]:
        """Why the fence did not hold: somebody holds the link now, or the mark is not where we left it.

        Then the batch in doubt is committed, or the database lost what it had promised.
        """
        marked = await connection.fetchval("SELECT batch FROM recorder_marks WHERE id = $1", self._id)
        if marked == self._batch:
            return await _fenced(connection, batch)
        if marked == number:
            await connection.execute(_SAME_MARK, self._id)
            self._batch = number
            return []
        log.critical("the database has lost committed batches", known=marked, committed=self._batch)
        if marked is not None:
            self._batch = marked
        raise DatabaseRefused("the database has lost committed batches")

    def _steps_for(self, rows: dict[type, list[Any]]) -> list[Step]:
        present = tuple(change for change in self._order if change in rows)
        return self._steps(present).of(rows)

    def _distinct(self, change: type, rows: list[Any]) -> Iterable[Any]:
        """One statement writes a row once: of several for the same key the last counts."""
        key = self._keys[change]
        if key is None or len(rows) == 1:
            return rows
        return {key(row): row for row in rows}.values()


def _words_of(error: Exception) -> str:
    """Why; the driver's own state tells nobody anything, and means that the connection ended under a statement."""
    if isinstance(error, asyncpg.InternalClientError):
        return "PostgreSQL closed the connection"
    return str(error) or type(error).__name__


def _key_of(change: type) -> "itemgetter[Any] | None":
    write = REGISTRY[change]
    if write.kind is Kind.INSERT or write.if_absent:
        return None
    return values_of(write, write.key)


def _gathered(batch: Sequence[Submission]) -> tuple[dict[tuple[int, int], datetime], dict[type, list[Any]]]:
    fences: dict[tuple[int, int], datetime] = {}
    rows: dict[type, list[Any]] = {}
    for submission in batch:
        fences[submission.station_id, submission.epoch] = submission.seen_at
        for row in submission.changes:
            rows.setdefault(type(row), []).append(row)
    return fences, rows


async def _fenced(connection: "asyncpg.Connection[Any]", batch: Sequence[Submission]) -> list[Submission]:
    stations = sorted({submission.station_id for submission in batch})
    found = await connection.fetch(
        "SELECT station_id, epoch FROM links WHERE station_id = ANY($1::integer[])", stations
    )
    epochs: dict[int, int] = {row["station_id"]: row["epoch"] for row in found}
    fenced = [submission for submission in batch if epochs.get(submission.station_id) != submission.epoch]
    assert fenced, "an epoch never comes back"
    return fenced


def _without_nul(batch: Sequence[Submission]) -> bool:
    """PostgreSQL's text cannot hold NUL: put U+FFFD in its place, as the frame itself keeps it; whether there was any."""
    found = False
    for submission in batch:
        for index, row in enumerate(submission.changes):
            if any(isinstance(value, str) and "\0" in value for value in row):
                found = True
                values = (value.replace("\0", "\ufffd") if isinstance(value, str) else value for value in row)
                submission.changes[index] = type(row)._make(values)  # type: ignore[attr-defined]
    return found
