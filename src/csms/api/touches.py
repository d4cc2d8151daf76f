"""Notes that a key or web session was used, after the request and rarely, so that reading stays reading."""

from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from csms.kit.database import Database
from csms.kit.errors import Unavailable
from csms.kit.tasks import Tasks

log = structlog.get_logger(__name__)

EVERY = timedelta(minutes=1)


class Touches:
    """At most one note a minute and one at a time for each key or web session."""

    def __init__(self) -> None:
        self._under_way: set[UUID] = set()

    @property
    def under_way(self) -> bool:
        """Whether a note is being written."""
        return bool(self._under_way)

    def note(
        self,
        subject: UUID,
        last: datetime | None,
        now: datetime,
        write: Callable[[AsyncSession], Coroutine[None, None, None]],
        *,
        database: Database,
        tasks: Tasks,
    ) -> None:
        """Have `write` run in a unit of its own, unless the `last` note is younger than a minute."""
        if subject in self._under_way or (last is not None and now - last < EVERY):
            return
        self._under_way.add(subject)
        tasks.start(self._write(subject, write, database), name="note use")

    async def _write(
        self, subject: UUID, write: Callable[[AsyncSession], Coroutine[None, None, None]], database: Database
    ) -> None:
        try:
            await database.write(write)
        except Unavailable as error:
            log.warning("the use of a key or web session could not be noted", reason=error.facts.get("reason"))
        finally:
            self._under_way.discard(subject)
