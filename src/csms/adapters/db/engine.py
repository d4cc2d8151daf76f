"""SQLAlchemy engines for the embedded SQLite database: many readers, one writer in turn."""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from contextvars import copy_context
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from csms.adapters.db import hops
from csms.kit.database import Work, committed
from csms.kit.errors import Unavailable

A = TypeVar("A")
T = TypeVar("T")

BUSY_TIMEOUT_MS = 10_000
PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}",
    "PRAGMA foreign_keys=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-65536",
    "PRAGMA wal_autocheckpoint=20000",
)


class DatabaseUnavailable(Unavailable):
    """The database cannot be written at the moment; nothing was changed. Try again when the operator has looked at it."""

    code = "database_unavailable"


def create_private_file(path: Path) -> None:
    """Make sure the file exists and only its owner can read it; SQLite gives -wal and -shm the same mode."""
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    os.close(descriptor)
    path.chmod(0o600)


class SqliteDatabase:
    """The embedded database.

    Writers take turns through `write_turn`, so nobody polls for SQLite's lock; other processes on the same file (the command
    line) are waited for by SQLite itself, up to ten seconds. Units of work queue up before it and only the first of them waits
    beside the recorder: however many there are, stations wait for one of them at most.
    """

    def __init__(self, path: Path) -> None:
        create_private_file(path)
        self.path = path
        self.write_turn = asyncio.Lock()
        self._unit_turn = asyncio.Lock()
        self._readers = _engine(path, "DEFERRED")
        self._writers = _engine(path, "IMMEDIATE")
        self._questions = _threads_engine(path, "DEFERRED")
        self._question_thread = ThreadPoolExecutor(1, thread_name_prefix="questions")
        self._writer = _threads_engine(path, "IMMEDIATE")
        self._write_thread = ThreadPoolExecutor(1, thread_name_prefix="units")
        self._viewer = _threads_engine(path, "DEFERRED")
        self._view_thread = ThreadPoolExecutor(1, thread_name_prefix="views")

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[AsyncSession]:
        try:
            async with AsyncSession(self._writers, expire_on_commit=False) as session:
                async with self._unit_turn, self.write_turn, session.begin():
                    yield session
                committed(session)
        except OperationalError as error:
            raise DatabaseUnavailable(reason=str(error.orig)) from error

    async def write(self, work: Work[T]) -> T:
        """One hop to a thread of its own for the whole unit: the write turn is held only as long as it computes."""
        session = _PromptSession(self._writer)
        try:
            async with self._unit_turn, self.write_turn:
                done = await _to_its_end(self._write_thread, session.do_all_of, work)
        except OperationalError as error:
            raise DatabaseUnavailable(reason=str(error.orig)) from error
        committed(session)
        return done

    @asynccontextmanager
    async def view(self) -> AsyncIterator[AsyncSession]:
        try:
            async with AsyncSession(self._readers, expire_on_commit=False) as session:
                yield session
        except OperationalError as error:
            raise DatabaseUnavailable(reason=str(error.orig)) from error

    async def look(self, work: Work[T]) -> T:
        """One hop for the whole view, to a thread that no station waits for."""
        try:
            return await _to_its_end(self._view_thread, _PromptSession(self._viewer).do_all_of, work)
        except OperationalError as error:
            raise DatabaseUnavailable(reason=str(error.orig)) from error

    async def read(self, question: Callable[[Connection], T]) -> T:
        """One hop to a thread of its own for the whole question: hops, not queries, are what a quick question costs."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._question_thread, self._ask, question)
        except OperationalError as error:
            raise DatabaseUnavailable(reason=str(error.orig)) from error

    def _ask(self, question: Callable[[Connection], T]) -> T:
        with self._questions.connect() as connection:
            return question(connection)

    async def close(self) -> None:
        self._question_thread.shutdown()
        self._write_thread.shutdown()
        self._view_thread.shutdown()
        self._writer.dispose()
        self._viewer.dispose()
        self._questions.dispose()
        await self._readers.dispose()
        await self._writers.dispose()


def _engine(path: Path, begin: str) -> AsyncEngine:
    def connect(*_: Any, **__: Any) -> hops.Connection:
        return hops.Connection(path)

    engine = create_async_engine(f"sqlite+aiosqlite:///{path}", async_creator=connect, pool_size=4, max_overflow=16)
    prepare(engine.sync_engine, begin)
    return engine


def _threads_engine(path: Path, begin: str) -> Engine:
    """One connection, for a thread of its own."""
    options = {"check_same_thread": False}
    return prepare(create_engine(f"sqlite:///{path}", poolclass=StaticPool, connect_args=options), begin)


class _PromptSession(AsyncSession):
    """A session that never lets anybody wait, on a connection that belongs to the calling thread."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(expire_on_commit=False)
        self.sync_session.bind = engine

    async def execute(self, *arguments: Any, **options: Any) -> Any:
        return self.sync_session.execute(*arguments, **options)

    def do_all_of(self, work: Work[T]) -> T:
        with self.sync_session as session, session.begin():
            return _without_loop(work(self))


async def _to_its_end(thread: ThreadPoolExecutor, work: Callable[[A], T], argument: A) -> T:
    """Who is cancelled meanwhile waits all the same: a thread cannot be stopped, and the turn to write is its own until then."""
    done = asyncio.get_running_loop().run_in_executor(thread, copy_context().run, work, argument)
    try:
        return await asyncio.shield(done)
    finally:
        await asyncio.wait([done])


def _without_loop(work: Coroutine[Any, Any, T]) -> T:
    """Run what awaits nothing that has to be waited for."""
    try:
        work.send(None)
    except StopIteration as end:
        done: T = end.value
        return done
    work.close()
    raise RuntimeError("this unit of work awaits something else than its session")


def prepare(engine: Engine, begin: str) -> Engine:
    """Have its transactions begin as `begin` says: DEFERRED to read one snapshot, IMMEDIATE to write."""

    @event.listens_for(engine, "connect")
    def configure(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        # SQLAlchemy emits BEGIN itself (below): the driver's own would be deferred, and a deferred unit that turns to writing
        # fails at once when another wrote meanwhile.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin_as(connection: Any) -> None:
        connection.exec_driver_sql(f"BEGIN {begin}")

    return engine


def connect_raw(path: Path) -> sqlite3.Connection:
    """A plain connection for the recorder's thread; it begins and commits by itself."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
    for pragma in PRAGMAS:
        connection.execute(pragma)
    return connection
