"""SQLAlchemy sessions on PostgreSQL, and how every connection to it is made."""

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

import asyncpg
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from csms.adapters.db.engine import DatabaseUnavailable
from csms.kit.database import Work, committed
from csms.kit.errors import Invalid

T = TypeVar("T")

CONNECT_TIMEOUT_S: Final = 5.0
QUERY_TIMEOUT_S: Final = 60.0
# Not said while connecting: with it a server is none that `target_session_attrs=read-write` means.
_READ_ONLY: Final = "SET default_transaction_read_only TO on"
_DEAD_PEER_MS: Final = 15_000
_SCHEMES: Final = ("postgresql://", "postgres://")

# SQLSTATEs that say: not now, or not here. 40001/40P01 lost against another, 57xxx stopped or starting, 53xxx full,
# 08xxx no connection, 58xxx the system beneath, 25006 this is a standby, 25P03/25P04 idled too long, 55P03 a lock, 28xxx we are
# not let in, 3Dxxx no such database, 42501 our user may not.
_PASSING: Final = (
    "08", "53", "57", "58", "40001", "40P01", "25006", "25P03", "25P04", "55P03", "28", "3D", "42501",
)  # fmt: skip


class UnstorableValue(Invalid):
    """A value cannot be stored: a text with the character NUL, or a number out of range."""

    code = "unstorable_value"


def is_postgres(url: str) -> bool:
    return url.startswith(_SCHEMES)


async def connect(url: str, **options: Any) -> "asyncpg.Connection[Any]":
    """A connection that notices a peer that is gone; `url` as libpq has it, with several hosts and `sslmode` if need be."""
    connection = await asyncpg.connect(url, timeout=CONNECT_TIMEOUT_S, **options)
    transport = getattr(connection, "_transport", None)
    peer = transport.get_extra_info("socket") if transport is not None else None
    if peer is not None and peer.family != socket.AF_UNIX:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 5)
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 5)
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _DEAD_PEER_MS)
    return connection


def is_passing(error: BaseException) -> bool:
    """Whether the error says that the database cannot be had at present, and nothing about what was asked."""
    if isinstance(error, asyncpg.CheckViolationError) and error.constraint_name is None:
        return True  # the row's month was made while it waited for the default partition: next time it goes there
    if isinstance(error, asyncpg.PostgresError):
        return str(error.sqlstate).startswith(_PASSING)
    if isinstance(error, asyncpg.InterfaceError):
        return "clos" in str(error)
    return isinstance(error, OSError | TimeoutError | asyncpg.InternalClientError)


def is_unstorable(error: BaseException) -> bool:
    """Whether a value is one that no row can hold, found out by the server or already by the driver."""
    return isinstance(error, asyncpg.DataError) or (
        isinstance(error, asyncpg.InterfaceError) and isinstance(error, ValueError)
    )


def _cause(error: BaseException) -> BaseException:
    """The driver's own error behind SQLAlchemy's."""
    while isinstance(error, DBAPIError) or error.__class__.__module__.startswith("sqlalchemy"):
        below = getattr(error, "orig", None) or error.__cause__
        if below is None:
            break
        error = below
    return error


class PostgresDatabase:
    """Units of work at READ COMMITTED, as compare-and-swap wants it; views of one snapshot, read only.

    Quick questions begin no transaction: two round trips in three would be that. They have connections of their own, so that no
    station waits until somebody's list is read. The connections used last are used first: they know our statements.
    """

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url = url

        async def new_connection(**options: Any) -> "asyncpg.Connection[Any]":
            return await connect(url, command_timeout=QUERY_TIMEOUT_S, **options)

        async def connection_for_questions(**options: Any) -> "asyncpg.Connection[Any]":
            connection = await new_connection(**options)
            await connection.execute(_READ_ONLY)
            return connection

        self._engine: AsyncEngine = create_async_engine(
            "postgresql+asyncpg://",
            async_creator=new_connection,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=CONNECT_TIMEOUT_S,
            pool_use_lifo=True,
            isolation_level="READ COMMITTED",
        )
        self._questions: AsyncEngine = create_async_engine(
            "postgresql+asyncpg://",
            async_creator=connection_for_questions,
            pool_size=max(1, pool_size // 2),
            max_overflow=0,
            pool_timeout=CONNECT_TIMEOUT_S,
            pool_use_lifo=True,
            isolation_level="AUTOCOMMIT",
        )
        self._readers = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[AsyncSession]:
        with translated():
            async with AsyncSession(self._engine, expire_on_commit=False) as session:
                async with session.begin():
                    yield session
                committed(session)

    async def write(self, work: Work[T]) -> T:
        async with self.unit() as session:
            return await work(session)

    @asynccontextmanager
    async def view(self) -> AsyncIterator[AsyncSession]:
        with translated():
            async with AsyncSession(self._readers, expire_on_commit=False) as session:
                yield session

    async def look(self, work: Work[T]) -> T:
        async with self.view() as session:
            return await work(session)

    async def read(self, question: Callable[[Connection], T]) -> T:
        with translated():
            async with self._questions.connect() as connection:
                return await connection.run_sync(question)

    async def close(self) -> None:
        await self._questions.dispose()
        await self._engine.dispose()


class translated:  # noqa: N801 - reads as a word at its use
    """Turns what the driver raises into problems of ours; everything else passes."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is None:
            return
        cause = _cause(error)
        if isinstance(error, PoolTimeout) or is_passing(cause):
            raise DatabaseUnavailable(reason=str(cause) or type(cause).__name__) from error
        if is_unstorable(cause):
            raise UnstorableValue(reason=str(cause)) from error
