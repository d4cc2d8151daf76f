"""Why was this card refused? What stations were told of an id token, newest first."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.authorization.model import Refusal
from csms.domain.authorization.rules import token_key
from csms.domain.sessions.model import Session
from csms.domain.stations.model import Station
from csms.kit.paging import Page, Slice

WORDS: Final = {
    "accepted": "It could charge.",
    "invalid": "This id token was not known here.",
    "blocked": "This id token was blocked.",
    "expired": "This id token had expired.",
    "concurrent": "This id token was charging elsewhere already.",
}


class Decision(NamedTuple):
    """`asked` is authorize (a card was shown) or start (a transaction began); only a start has a session and an evse."""

    at: datetime
    station: str | None
    asked: str
    authorization: str
    evse: int | None
    connector: int | None
    session_uid: UUID | None
    frame_id: int | None

    @property
    def words(self) -> str:
        return WORDS.get(self.authorization, self.authorization)


async def list_decisions(session: AsyncSession, id_token: str, wanted: Slice) -> Page[Decision]:
    """Of an id token that is ours or not: its starts, and what was refused before one. Case does not matter."""
    key = token_key(id_token)
    starts = select(
        Session.started_received_at,
        Station.identity,
        Session.authorization,
        Session.evse,
        Session.connector,
        Session.uid,
    ).outerjoin(Station, Station.id == Session.station_id)
    refusals = select(Refusal.at, Station.identity, Refusal.authorization, Refusal.frame_id).outerjoin(
        Station, Station.id == Refusal.station_id
    )
    most = wanted.offset + wanted.limit
    begun = await _newest(session, starts.where(Session.id_token_key == key), Session.started_received_at, most)
    refused = await _newest(session, refusals.where(Refusal.id_token_key == key), Refusal.at, most)
    found = [Decision(at, name, "start", said, evse, plug, uid, None) for at, name, said, evse, plug, uid in begun]
    found += [Decision(at, name, "authorize", said, None, None, None, frame) for at, name, said, frame in refused]
    found.sort(key=lambda decision: decision.at, reverse=True)
    total = await session.scalar(select(func.count()).select_from(Session).where(Session.id_token_key == key)) or 0
    total += await session.scalar(select(func.count()).select_from(Refusal).where(Refusal.id_token_key == key)) or 0
    return Page(found[wanted.offset : most], total, wanted.offset, wanted.limit)


async def _newest(session: AsyncSession, query: Any, at: Any, most: int) -> Sequence[Any]:
    rows: Sequence[Any] = (await session.execute(query.order_by(at.desc()).limit(most))).all()
    return rows
