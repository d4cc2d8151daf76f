"""The database's port: units of work that write, and views that only read."""

from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any, Final, Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncSession

T = TypeVar("T")

Work = Callable[[AsyncSession], Coroutine[Any, Any, T]]
_AFTER_COMMIT: Final = "after_commit"


def after_commit(session: AsyncSession, then: Callable[[], None]) -> None:
    """Have `then` called on the loop once the unit of work is committed, and never if it is rolled back."""
    session.info.setdefault(_AFTER_COMMIT, []).append(then)


def committed(session: AsyncSession) -> None:
    """Said by a database when a unit of work is committed."""
    for then in session.info.pop(_AFTER_COMMIT, ()):
        then()


class Database(Protocol):
    """Gives out SQLAlchemy sessions, and answers quick questions.

    `unit()` is one unit of work: committed once when the block ends, rolled back when it raises. `view()` reads a consistent
    snapshot and never writes. `read(question)` asks in one step, off the loop, what the hot path must know: `question` runs plain
    SQLAlchemy Core on a connection, never writes, and must be short; each of its statements sees what is committed by then.
    `write(work)` is a unit of work in one step, off the loop where that is cheaper: for what is written often while stations wait.
    `work` awaits its session and nothing else, does not ask it for its `connection()` (`run_sync` does), and must be short.
    `look(work)` is a view in one step in the same way, for what every request asks.
    """

    def unit(self) -> AbstractAsyncContextManager[AsyncSession]: ...
    def view(self) -> AbstractAsyncContextManager[AsyncSession]: ...
    async def write(self, work: Work[T]) -> T: ...
    async def look(self, work: Work[T]) -> T: ...
    async def read(self, question: Callable[[Connection], T]) -> T: ...
