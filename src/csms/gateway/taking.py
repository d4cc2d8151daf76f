"""Taking stations' links: from then on whoever held them writes nothing more, and what was written is read."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from csms.domain.commands.claim import abandon_sent
from csms.domain.quirks.recall import Recalled, recall_quirks
from csms.domain.sessions.live import StationSessions
from csms.domain.sessions.recall import recall_sessions
from csms.domain.stations.links import raise_epochs, recall_stations
from csms.domain.stations.live import StationState


class Taken(NamedTuple):
    """What is known of stations, by station; the `abandoned` commands will never be answered, others are `waiting`."""

    epochs: dict[int, int]
    abandoned: list[UUID]
    stations: dict[int, StationState]
    sessions: dict[int, StationSessions]
    quirks: dict[int, Recalled]
    waiting: set[int]


async def take(session: AsyncSession, ids: Sequence[int], gateway: str, now: datetime) -> Taken:
    """Take these stations' links for a gateway; stations that do not exist are left out."""
    epochs = await raise_epochs(session, ids, gateway, now)
    commands = await abandon_sent(session, ids, now)

    def recall(plain: Session) -> Taken:
        connection = plain.connection()
        return Taken(
            epochs,
            commands.abandoned,
            recall_stations(connection, ids),
            recall_sessions(connection, ids),
            recall_quirks(connection, ids),
            commands.waiting,
        )

    return await session.run_sync(recall)
