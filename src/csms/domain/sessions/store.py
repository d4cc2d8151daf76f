"""Every query on sessions, readings and the review list."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.authorization.rules import token_key
from csms.domain.sessions.model import Reading, ReviewItem, Session
from csms.domain.sessions.views import ReviewFilter, ReviewView, SessionFilter, SessionView, Totals
from csms.domain.stations.listing import read_keys
from csms.domain.stations.model import Location, Station
from csms.kit.paging import Slice, sweep

SORTABLE = {
    "started_at": Session.started_at,
    "ended_at": Session.ended_at,
    "energy_wh": Session.energy_wh,
    "power_w": Session.power_w,
    "soc_percent": Session.soc_percent,
    "state": Session.state,
    "authorization": Session.authorization,
    "id_token": Session.id_token_key,
    "stop_reason": Session.stop_reason,
    "transaction_id": Session.id,
    "station": Station.identity,
}
REVIEW_SORTABLE = {
    "at": ReviewItem.at,
    "kind": ReviewItem.kind,
    "energy_wh": ReviewItem.energy_wh,
    "state": ReviewItem.state,
    "resolved_at": ReviewItem.resolved_at,
}
READING_SORTABLE = {"at": Reading.at}


async def find(session: AsyncSession, uid: UUID) -> SessionView | None:
    key = await session.scalar(select(Session.id).where(Session.uid == uid))
    return (await views(session, [key])).get(key) if key is not None else None


async def page(session: AsyncSession, asked: SessionFilter, wanted: Slice) -> tuple[list[SessionView], int]:
    matching = counted = select(Session.id).where(*_conditions(asked))
    if (wanted.sort or "").removeprefix("-") == "station":
        matching = matching.join(Station, Station.id == Session.station_id)
    keys, total = await read_keys(session, matching, Session.id, SORTABLE, wanted, counted=counted)
    shown = await views(session, keys)
    return [shown[key] for key in keys if key in shown], total


def _conditions(asked: SessionFilter) -> Iterator[ColumnElement[bool]]:
    exact: dict[Any, Any] = {
        Session.station_id: asked.station_id,
        Session.state: asked.state,
        Session.authorization: asked.authorization,
        Session.id_token_key: token_key(asked.id_token) if asked.id_token is not None else None,
    }
    for column, value in exact.items():
        if value is not None:
            yield column == value
    if asked.location_id is not None:
        yield Session.station_id.in_(select(Station.id).where(Station.location_id == asked.location_id))
    if asked.since is not None:
        yield Session.started_at >= asked.since
    if asked.until is not None:
        yield Session.started_at < asked.until
    if asked.needs_review is not None:
        listed = Session.id.in_(_open_reviews())
        yield listed if asked.needs_review else ~listed


def _open_reviews() -> Select[int | None]:
    return select(ReviewItem.session_id).where(ReviewItem.state == "open", ReviewItem.session_id.is_not(None))


async def views(session: AsyncSession, ids: Sequence[int]) -> dict[int, SessionView]:
    """Sessions with their places, by id; those that do not exist are left out."""
    reviews = set((await session.scalars(_open_reviews().where(ReviewItem.session_id.in_(ids)))).all())
    rows = await session.execute(
        select(Session, Station, Location)
        .join(Station, Station.id == Session.station_id)
        .outerjoin(Location, Location.id == Station.location_id)
        .where(Session.id.in_(ids))
    )
    return {row.id: SessionView(row, station, location, row.id in reviews) for row, station, location in rows}


async def totals(session: AsyncSession, asked: SessionFilter) -> Totals:
    query = select(
        func.count(), func.count().filter(Session.state == "active"), func.coalesce(func.sum(Session.energy_wh), 0)
    ).where(*_conditions(asked))
    with sweep(session):
        return Totals(*(await session.execute(query.select_from(Session))).one())


async def active_at(session: AsyncSession, station_ids: Sequence[int]) -> list[Session]:
    active = Session.state == literal("active", literal_execute=True)  # a partial index is found by its very words
    query = select(Session).where(Session.station_id.in_(station_ids), active).order_by(Session.id)
    return list((await session.scalars(query)).all())


async def uids_of(session: AsyncSession, ids: Sequence[int]) -> dict[int, UUID]:
    rows = await session.execute(select(Session.id, Session.uid).where(Session.id.in_(ids)))
    return {session_id: uid for session_id, uid in rows}  # noqa: C416 - a Row is no tuple to mypy


async def readings(session: AsyncSession, session_id: int, wanted: Slice) -> tuple[list[Reading], int]:
    matching = select(Reading.id).where(Reading.session_id == session_id)
    keys, total = await read_keys(session, matching, Reading.id, READING_SORTABLE, wanted)
    rows = await session.scalars(select(Reading).where(Reading.id.in_(keys)))
    by_key = {row.id: row for row in rows}
    return [by_key[key] for key in keys if key in by_key], total


async def find_review(session: AsyncSession, item_id: int) -> ReviewView | None:
    return (await _reviews(session, [item_id])).get(item_id)


async def review_page(session: AsyncSession, asked: ReviewFilter, wanted: Slice) -> tuple[list[ReviewView], int]:
    matching = select(ReviewItem.id)
    for column, value in (
        (ReviewItem.state, asked.state),
        (ReviewItem.kind, asked.kind),
        (ReviewItem.station_id, asked.station_id),
        (ReviewItem.session_id, asked.session_id),
    ):
        if value is not None:
            matching = matching.where(column == value)
    keys, total = await read_keys(session, matching, ReviewItem.id, REVIEW_SORTABLE, wanted)
    shown = await _reviews(session, keys)
    return [shown[key] for key in keys if key in shown], total


async def _reviews(session: AsyncSession, ids: Sequence[int]) -> dict[int, ReviewView]:
    rows = await session.execute(
        select(ReviewItem, Station.identity, Station.location_id, Session.uid)
        .outerjoin(Station, Station.id == ReviewItem.station_id)
        .outerjoin(Session, Session.id == ReviewItem.session_id)
        .where(ReviewItem.id.in_(ids))
    )
    return {item.id: ReviewView(item, identity, place, uid) for item, identity, place, uid in rows}


async def flip_review(
    session: AsyncSession, item_id: int, before: str, after: str, at: datetime | None, by: str | None, note: str | None
) -> bool:
    """Move an item from one state to another; False when it is not in the first."""
    flip = (
        update(ReviewItem)
        .where(ReviewItem.id == item_id, ReviewItem.state == before)
        .values(state=after, resolved_at=at, resolved_by=by, note=note)
        .returning(ReviewItem.id)
    )
    return (await session.scalar(flip)) is not None
