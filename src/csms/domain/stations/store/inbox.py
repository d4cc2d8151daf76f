"""Queries on the inbox of unknown stations."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.stations.listing import containing, read_keys
from csms.domain.stations.model import UnknownStation
from csms.kit.paging import Slice

SORTABLE = {
    "seen_at": UnknownStation.seen_at,
    "first_seen_at": UnknownStation.first_seen_at,
    "identity": UnknownStation.identity,
    "attempts": UnknownStation.attempts,
    "address": UnknownStation.address,
}


async def find(session: AsyncSession, identity: str) -> UnknownStation | None:
    return await session.get(UnknownStation, identity)


async def page(session: AsyncSession, search: str | None, wanted: Slice) -> tuple[list[UnknownStation], int]:
    query = select(UnknownStation.identity)
    if search:
        query = query.where(
            containing(search, UnknownStation.identity, UnknownStation.address, UnknownStation.user_agent)
        )
    keys, total = await read_keys(session, query, UnknownStation.identity, SORTABLE, wanted, dear=bool(search))
    rows = await session.scalars(select(UnknownStation).where(UnknownStation.identity.in_(keys)))
    by_key = {row.identity: row for row in rows}
    return [by_key[key] for key in keys if key in by_key], total


async def remove(session: AsyncSession, identities: Sequence[str]) -> None:
    await session.execute(delete(UnknownStation).where(UnknownStation.identity.in_(identities)))
