"""The database's port: units of work that write, and views that only read."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncSession

T = TypeVar("T")


class Database(Protocol):
    """Gives out SQLAlchemy sessions, and answers quick questions.

    `unit()` is one unit of work: committed once when the block ends, rolled back when it raises. `view()` reads a consistent
    snapshot and never writes. `read(question)` asks in one step, off the loop, what the hot path must know: `question` runs plain
    SQLAlchemy Core on a connection, sees one snapshot, never writes, and must be short.
    """

    def unit(self) -> AbstractAsyncContextManager[AsyncSession]: ...
    def view(self) -> AbstractAsyncContextManager[AsyncSession]: ...
    async def read(self, question: Callable[[Connection], T]) -> T: ...
