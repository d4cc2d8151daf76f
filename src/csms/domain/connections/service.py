"""Looking at connection attempts."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.connections.model import ConnectionAttempt
from csms.domain.stations.listing import read_keys
from csms.kit.paging import Page, Slice

SORTABLE = {
    "id": ConnectionAttempt.id,
    "at": ConnectionAttempt.at,
    "identity": ConnectionAttempt.identity,
    "host": ConnectionAttempt.host,
    "problem": ConnectionAttempt.problem,
}


@dataclass(frozen=True, slots=True)
class AttemptFilter:
    """`since` (inclusive) and `until` (exclusive) are times of the attempts."""

    identity: str | None = None
    problem: str | None = None
    host: str | None = None
    since: datetime | None = None
    until: datetime | None = None


async def list_attempts(session: AsyncSession, asked: AttemptFilter, wanted: Slice) -> Page[ConnectionAttempt]:
    rows = ConnectionAttempt
    query = select(rows.id)
    for column, value in ((rows.identity, asked.identity), (rows.problem, asked.problem), (rows.host, asked.host)):
        if value is not None:
            query = query.where(column == value)
    if asked.since is not None:
        query = query.where(rows.at >= asked.since)
    if asked.until is not None:
        query = query.where(rows.at < asked.until)
    keys, total = await read_keys(session, query, rows.id, SORTABLE, wanted)
    found = {row.id: row for row in await session.scalars(select(rows).where(rows.id.in_(keys)))}
    return Page([found[key] for key in keys if key in found], total, wanted.offset, wanted.limit)
