"""Which database and which bus: the one place that asks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from csms.adapters.bus.memory import MemoryBus
from csms.adapters.bus.nats import NatsBus
from csms.adapters.db import migrate
from csms.adapters.db.engine import SqliteDatabase
from csms.adapters.db.postgres import PostgresDatabase
from csms.adapters.db.postgres_writer import PostgresWriter
from csms.adapters.db.recorder import Writer
from csms.adapters.db.retention import PostgresShelves, SqliteShelves
from csms.adapters.db.sqlite_writer import SqliteWriter
from csms.app.home import DATABASE, DataDirectoryUnusable, Home
from csms.app.settings import Settings
from csms.jobs.retention import Shelves
from csms.kit.bus import Bus
from csms.kit.clock import SystemClock
from csms.kit.database import Database
from csms.kit.ids import uuid7
from csms.kit.tasks import Tasks


@dataclass(frozen=True, slots=True)
class Store:
    """A migrated database, and what works on it."""

    database: Database
    writer: Writer
    shelves: Shelves


async def open_store(stack: AsyncExitStack, settings: Settings, home: Home, now: datetime) -> Store:
    """The database of the settings, in its present shape; closed with the stack.

    A process that is the whole system brings the database up to date itself; one of several refuses to start on an old one.
    """
    if settings.database_url is None:
        await asyncio.to_thread(migrate.upgrade_sqlite, home.database)
        embedded = SqliteDatabase(home.database)
        stack.push_async_callback(embedded.close)
        sqlite_writer = SqliteWriter(embedded)
        stack.callback(sqlite_writer.close)
        return Store(embedded, sqlite_writer, SqliteShelves(embedded))
    database = PostgresDatabase(settings.database_url)
    stack.push_async_callback(database.close)
    if settings.alone:
        await migrate.upgrade_postgres(database, now)
    else:
        await migrate.require_current(database)
    writer = PostgresWriter(settings.database_url, uuid7(now))
    stack.callback(writer.close)
    return Store(database, writer, PostgresShelves(database))


@asynccontextmanager
async def looked_at(settings: Settings) -> AsyncIterator[SqliteDatabase | PostgresDatabase]:
    """The database of the settings as it is; raises DataDirectoryUnusable without one, OldDatabase for another shape."""
    database: SqliteDatabase | PostgresDatabase
    if settings.database_url is not None:
        database = PostgresDatabase(settings.database_url)
    elif (path := settings.data / DATABASE).is_file():
        database = SqliteDatabase(path)
    else:
        raise DataDirectoryUnusable(f"There is no database in {settings.data}.")
    try:
        await migrate.require_current(database)
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def kept_in(settings: Settings) -> AsyncIterator[Shelves]:
    """What prunes the database of the settings; raises as `looked_at` does: pruning is no reason to change its shape."""
    async with looked_at(settings) as database:
        yield PostgresShelves(database) if isinstance(database, PostgresDatabase) else SqliteShelves(database)


async def open_bus(stack: AsyncExitStack, settings: Settings, tasks: Tasks, name: str) -> Bus:
    """The bus of the settings, connected if it can be; closed with the stack."""
    if settings.bus_url is None:
        return MemoryBus()
    bus = NatsBus(settings.bus_url, tasks, prefix=settings.bus_prefix, name=name)
    stack.push_async_callback(bus.close)
    await bus.start()
    return bus


async def upgrade(settings: Settings) -> str:
    """Bring the database to the present shape; says which one."""
    if settings.database_url is None:
        home = Home(settings.data)
        await asyncio.to_thread(migrate.upgrade_sqlite, home.database)
        return str(home.database)
    database = PostgresDatabase(settings.database_url)
    try:
        await migrate.upgrade_postgres(database, SystemClock().now())
    finally:
        await database.close()
    return settings.shown()["database_url"]
