"""What a reaction to facts is."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession


class StoredFact(NamedTuple):
    """A fact as it stands in the table."""

    id: int
    kind: str
    at: datetime
    station_id: int | None
    session_id: int | None
    detail: dict[str, Any]

    @property
    def stream(self) -> str:
        """Within this facts are reacted to in order: their session, or their station if they have none."""
        return f"session {self.session_id}" if self.session_id is not None else f"station {self.station_id}"


class Reaction(NamedTuple):
    """`react` is called with facts of these kinds, each once and in order, in a unit of work that it does not commit.

    It may raise: then nothing of it stays, and it is called again with each of them alone. It touches nothing but the database.
    """

    kinds: frozenset[str]
    react: Callable[[AsyncSession, Sequence[StoredFact], datetime], Awaitable[None]]


Reactions = Mapping[str, Reaction]
