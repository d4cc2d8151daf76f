"""Queries on stored frames and facts."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Integer, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.functions import GenericFunction

from csms.domain.stations.listing import read_keys
from csms.domain.stations.model import Frame, Station
from csms.domain.stations.views import FactFilter, FactView, FrameFilter, FrameSearch, FrameView
from csms.kit.clock import microseconds
from csms.kit.facts import FactRow
from csms.kit.paging import Slice, sweep

MOST_SCANNED = 50_000
FACTS_SORTABLE = {"id": FactRow.id, "at": FactRow.at, "kind": FactRow.kind}


class ByteIndex(GenericFunction[int]):
    """Where bytes first occur in bytes, counted from 1; 0: nowhere. A database that spells it otherwise says so in its adapter."""

    name = "instr"
    inherit_cache = True
    type = Integer()


async def search(session: AsyncSession, asked: FrameFilter, before: int | None, limit: int) -> FrameSearch:
    """Look through at most MOST_SCANNED frames, newest first, starting below the id `before`."""
    bounds = list(_bounds(asked, before))
    edge = select(Frame.id).where(*bounds).order_by(Frame.id.desc()).offset(MOST_SCANNED).limit(1)
    with sweep(session):
        floor = await session.scalar(edge)
        query = (
            select(Frame, Station.identity)
            .outerjoin(Station, Station.id == Frame.station_id)
            .where(*bounds, *_conditions(asked), Frame.id > floor if floor is not None else literal(value=True))
            .order_by(Frame.id.desc())
            .limit(limit)
        )
        items = [FrameView(frame, identity) for frame, identity in await session.execute(query)]
    if len(items) == limit:
        return FrameSearch(items, items[-1].frame.id)
    return FrameSearch(items, floor + 1 if floor is not None else None)


def _bounds(asked: FrameFilter, before: int | None) -> Iterator[ColumnElement[bool]]:
    if asked.station_id is not None:
        yield Frame.station_id == asked.station_id
    if asked.since is not None:
        yield Frame.id >= microseconds(asked.since)
    if asked.until is not None:
        yield Frame.id < microseconds(asked.until)
    if before is not None:
        yield Frame.id < before


def _conditions(asked: FrameFilter) -> Iterator[ColumnElement[bool]]:
    exact = {
        Frame.action: asked.action,
        Frame.direction: asked.direction,
        Frame.outcome: asked.outcome,
        Frame.error_code: asked.error_code,
        Frame.session_id: asked.session_id,
    }
    for column, value in exact.items():
        if value is not None:
            yield column == value
    if asked.text:
        wanted = literal(asked.text.encode())
        yield or_(*(ByteIndex(column, wanted) > 0 for column in (Frame.call, Frame.answer)))


async def facts(session: AsyncSession, asked: FactFilter, wanted: Slice) -> tuple[list[FactView], int]:
    query = select(FactRow.id)
    for column, value in (
        (FactRow.kind, asked.kind),
        (FactRow.station_id, asked.station_id),
        (FactRow.session_id, asked.session_id),
    ):
        if value is not None:
            query = query.where(column == value)
    if asked.since is not None:
        query = query.where(FactRow.at >= asked.since)
    if asked.until is not None:
        query = query.where(FactRow.at < asked.until)
    if asked.relayed is not None:
        query = query.where(FactRow.relayed if asked.relayed else ~FactRow.relayed)
    keys, total = await read_keys(session, query, FactRow.id, FACTS_SORTABLE, wanted)
    rows = await session.execute(
        select(FactRow, Station.identity)
        .outerjoin(Station, Station.id == FactRow.station_id)
        .where(FactRow.id.in_(keys))
    )
    by_key = {fact.id: FactView(fact, identity) for fact, identity in rows}
    return [by_key[key] for key in keys if key in by_key], total
