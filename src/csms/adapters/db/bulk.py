"""Connections for work on whole databases: without time-outs, and with JSON as the text that it is."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import asyncpg
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from csms.adapters.db import migrate
from csms.adapters.db.copying import Copied, Tell, copy_rows, require_empty
from csms.adapters.db.engine import DatabaseUnavailable, prepare
from csms.adapters.db.partitions import make_partitions
from csms.adapters.db.postgres import PostgresDatabase, connect, is_postgres, translated
from csms.domain.stations.model import Frame, Process
from csms.kit.clock import from_microseconds
from csms.kit.errors import Conflict, NotFound


def _text(value: Any) -> str:
    """JSON as it is stored; SQLite keeps a document that is but a number as a number."""
    return value if isinstance(value, str) else json.dumps(value)


_AS_TEXT: Final[dict[str, Any]] = {"json_serializer": lambda text: text, "json_deserializer": _text}
_ALIVE: Final = timedelta(seconds=60)


class NoDatabase(NotFound):
    """There is no database at this place."""

    code = "no_database"


class DatabaseInUse(Conflict):
    """A server runs on this database; stop it first."""

    code = "database_in_use"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a database is: a PostgreSQL URL, or the path of an SQLite file."""

    where: str

    @property
    def file(self) -> Path | None:
        return None if is_postgres(self.where) else Path(self.where)

    @asynccontextmanager
    async def connected(self, *, writing: bool) -> AsyncIterator[AsyncConnection]:
        """One transaction, committed when the block ends well: one snapshot to read, or all or nothing to write."""
        engine = _postgres_engine(self.where) if self.file is None else self._sqlite_engine(self.file, writing)
        try:
            with translated():
                async with engine.begin() as connection:
                    yield connection
        except DatabaseError as error:
            raise DatabaseUnavailable(reason=str(error.orig)) from error
        finally:
            await engine.dispose()

    @staticmethod
    def _sqlite_engine(file: Path, writing: bool) -> AsyncEngine:
        if not file.is_file():
            raise NoDatabase(path=str(file))
        engine = create_async_engine(f"sqlite+aiosqlite:///{file}", **_AS_TEXT)
        prepare(engine.sync_engine, "IMMEDIATE" if writing else "DEFERRED")
        return engine

    async def require_current(self) -> None:
        """Raises OldDatabase when migrations are missing."""
        async with self.connected(writing=False) as connection:
            await connection.run_sync(migrate.require_revision)

    async def prepare(self, now: datetime) -> None:
        """Make it an empty database in its present shape. Raises NotEmpty."""
        if self.file is not None:
            migrate.upgrade_sqlite(self.file)
        else:
            database = PostgresDatabase(self.where)
            try:
                await migrate.upgrade_postgres(database, now)
            finally:
                await database.close()
        async with self.connected(writing=False) as connection:
            await connection.run_sync(require_empty)

    async def require_idle(self, now: datetime) -> None:
        """Raises DatabaseInUse when a process of ours reported in the last minute."""
        async with self.connected(writing=False) as connection:
            alive = select(Process.name).where(Process.seen_at > now - _ALIVE)
            if names := list((await connection.execute(alive)).scalars()):
                raise DatabaseInUse(processes=", ".join(sorted(names)))


def _postgres_engine(url: str) -> AsyncEngine:
    async def new_connection(**options: Any) -> "asyncpg.Connection[Any]":
        return await connect(url, **options)

    return create_async_engine(
        "postgresql+asyncpg://", async_creator=new_connection, isolation_level="REPEATABLE READ", **_AS_TEXT
    )


async def copy_database(source: Place, target: Place, now: datetime, tell: Tell) -> Copied:
    """Copy everything in one snapshot of the source into an empty target, which is made or brought to its present shape.

    The source may be in use. Nothing stays in the target unless every row of it was read back and found equal.
    """
    await source.require_current()
    await target.prepare(now)
    async with source.connected(writing=False) as reading:
        if target.file is None:
            await _make_months(target.where, await reading.scalar(select(func.min(Frame.id))), now)
        async with target.connected(writing=True) as writing:
            return await _interruptible(reading.run_sync(_copy, writing.sync_connection, tell), writing)


async def _interruptible(copying: Awaitable[Copied], writing: AsyncConnection) -> Copied:
    """Cancelled in the middle of many rows, asyncpg waits for a server that waits for the other rows: so we hang up."""
    raw = (await writing.get_raw_connection()).driver_connection
    running = asyncio.ensure_future(copying)  # noqa: TID251 - it ends before we do
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        running.cancel()
        if isinstance(raw, asyncpg.Connection):
            raw.terminate()
        await asyncio.wait([running])
        await writing.invalidate()
        raise


def _copy(reading: Connection, writing: Connection | None, tell: Tell) -> Copied:
    assert writing is not None, "it is connected"
    return copy_rows(reading, writing, tell)


async def _make_months(url: str, first_frame: int | None, now: datetime) -> None:
    if first_frame is None:
        return
    database = PostgresDatabase(url)
    try:
        async with database.unit() as session:
            await make_partitions(session, now, from_microseconds(first_frame))
    finally:
        await database.close()
