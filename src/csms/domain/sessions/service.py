"""The verbs on sessions and the review list."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.accounts.rules import Actor
from csms.domain.audit import service as audit
from csms.domain.sessions import store
from csms.domain.sessions.errors import AlreadyResolved, NotResolved, ReviewItemNotFound, SessionNotFound
from csms.domain.sessions.model import Reading, Session
from csms.domain.sessions.views import ReviewFilter, ReviewView, SessionFilter, SessionView, Totals
from csms.domain.stations.checks import check_text
from csms.domain.stations.views import FrameFilter
from csms.kit.paging import Page, Slice

OPEN = "open"
RESOLVED = "resolved"


async def list_sessions(session: AsyncSession, asked: SessionFilter, wanted: Slice) -> Page[SessionView]:
    items, total = await store.page(session, asked, wanted)
    return Page(items, total, wanted.offset, wanted.limit)


async def total_sessions(session: AsyncSession, asked: SessionFilter) -> Totals:
    return await store.totals(session, asked)


async def get_session(session: AsyncSession, uid: UUID) -> SessionView:
    """Raises SessionNotFound."""
    view = await store.find(session, uid)
    if view is None:
        raise SessionNotFound
    return view


async def active_sessions(session: AsyncSession, station_ids: Sequence[int]) -> list[Session]:
    """The sessions running on these stations, oldest first."""
    return await store.active_at(session, station_ids)


async def uids_of(session: AsyncSession, ids: Iterable[int]) -> dict[int, UUID]:
    """The uids of sessions by their transaction ids."""
    return await store.uids_of(session, list(set(ids)))


async def list_readings(session: AsyncSession, uid: UUID, wanted: Slice) -> Page[Reading]:
    """Raises SessionNotFound."""
    view = await get_session(session, uid)
    items, total = await store.readings(session, view.session.id, wanted)
    return Page(items, total, wanted.offset, wanted.limit)


async def list_reviews(session: AsyncSession, asked: ReviewFilter, wanted: Slice) -> Page[ReviewView]:
    items, total = await store.review_page(session, asked, wanted)
    return Page(items, total, wanted.offset, wanted.limit)


async def get_review(session: AsyncSession, item_id: int) -> ReviewView:
    """Raises ReviewItemNotFound."""
    view = await store.find_review(session, item_id)
    if view is None:
        raise ReviewItemNotFound
    return view


async def resolve(session: AsyncSession, actor: Actor, item_id: int, note: str | None, now: datetime) -> ReviewView:
    """A person has looked at it. Raises ReviewItemNotFound, AlreadyResolved."""
    checked = check_text(note, "note") if note is not None else None
    place = (await get_review(session, item_id)).location_id
    if not await store.flip_review(session, item_id, OPEN, RESOLVED, now, actor.label, checked):
        raise AlreadyResolved
    after = {"state": RESOLVED, "note": checked}
    await audit.record(
        session, actor, "resolve", "review_item", item_id, {"state": OPEN}, after, now, location_id=place
    )
    return await get_review(session, item_id)


async def reopen(session: AsyncSession, actor: Actor, item_id: int, now: datetime) -> ReviewView:
    """It must be looked at again. Raises ReviewItemNotFound, NotResolved."""
    before = await get_review(session, item_id)
    said = {"state": RESOLVED, "note": before.item.note, "resolved_by": before.item.resolved_by}
    if not await store.flip_review(session, item_id, RESOLVED, OPEN, None, None, None):
        raise NotResolved
    await audit.record(
        session, actor, "reopen", "review_item", item_id, said, {"state": OPEN}, now, location_id=before.location_id
    )
    return await get_review(session, item_id)


def frames_behind(row: Session) -> FrameFilter:
    """The frames that belong to a session: from its start on, until a day after its end for those that came late."""
    until = row.ended_received_at + timedelta(days=1) if row.ended_received_at is not None else None
    since = row.started_received_at - timedelta(minutes=1)
    return FrameFilter(station_id=row.station_id, session_id=row.id, since=since, until=until)
