"""The database's port: units of work that write, and views that only read."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession


class Database(Protocol):
    """Gives out SQLAlchemy sessions.

    `unit()` is one unit of work: committed once when the block ends, rolled back when it raises. `view()` reads a consistent
    snapshot and never writes.
    """

    def unit(self) -> AbstractAsyncContextManager[AsyncSession]: ...
    def view(self) -> AbstractAsyncContextManager[AsyncSession]: ...
