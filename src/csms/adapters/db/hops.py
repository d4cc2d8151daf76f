"""aiosqlite, as far as SQLAlchemy uses it, with one hop to the connection's thread a statement.

aiosqlite hops to open a cursor, to execute, to fetch and to close: four times a statement, two switches of threads each, which
costs more than most statements. Here a cursor is opened, executed and read out in one go, and closed by being forgotten.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Self

import aiosqlite


class Cursor:
    """What SQLAlchemy asks of a cursor that is not read bit by bit."""

    __slots__ = ("_connection", "_cursor", "_rows")

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._cursor: sqlite3.Cursor | None = None
        self._rows: Sequence[Any] = ()

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, operation: str, parameters: Sequence[Any] = ()) -> Self:
        await self._connection.hop(self._execute, operation, parameters)
        return self

    def _execute(self, operation: str, parameters: Sequence[Any]) -> None:
        self._cursor = self._connection.plain.execute(operation, parameters)
        if self._cursor.description is not None:
            self._rows = self._cursor.fetchall()

    async def executemany(self, operation: str, parameters: Iterable[Sequence[Any]]) -> Self:
        await self._connection.hop(self._execute_many, operation, parameters)
        return self

    def _execute_many(self, operation: str, parameters: Iterable[Sequence[Any]]) -> None:
        self._cursor = self._connection.plain.executemany(operation, parameters)

    async def fetchall(self) -> Sequence[Any]:
        return self._rows

    async def close(self) -> None:
        self._rows = ()

    @property
    def description(self) -> Any:
        return self._cursor.description if self._cursor is not None else None

    @property
    def rowcount(self) -> int:
        return self._cursor.rowcount if self._cursor is not None else -1

    @property
    def lastrowid(self) -> int | None:
        return self._cursor.lastrowid if self._cursor is not None else None


class Connection(aiosqlite.Connection):
    """A connection and its thread."""

    def __init__(self, path: Path) -> None:
        super().__init__(lambda: sqlite3.connect(path, check_same_thread=False), iter_chunk_size=64)
        self._thread.daemon = True

    @property
    def plain(self) -> sqlite3.Connection:
        return self._conn

    def hop(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Have the thread do something; to be awaited."""
        return self._execute(work, *arguments)  # type: ignore[no-untyped-call]

    def cursor(self) -> Cursor:  # type: ignore[override] # SQLAlchemy's way, which enters it as a context
        return Cursor(self)
