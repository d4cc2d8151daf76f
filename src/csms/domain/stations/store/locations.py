"""Queries on locations."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.accounts.model import Organisation
from csms.domain.stations.listing import containing, read_keys
from csms.domain.stations.model import Link, Location, Station
from csms.domain.stations.views import LocationFilter
from csms.kit.paging import Slice, sweep

SORTABLE = {
    "created_at": Location.created_at,
    "updated_at": Location.updated_at,
    "name": Location.name,
    "city": Location.city,
    "postal_code": Location.postal_code,
    "country": Location.country,
    "time_zone": Location.time_zone,
}


async def find(session: AsyncSession, location_id: UUID) -> Location | None:
    return await session.get(Location, location_id)


async def page(session: AsyncSession, asked: LocationFilter, wanted: Slice) -> tuple[list[Location], int]:
    keys, total = await read_keys(session, _matching(asked), Location.id, SORTABLE, wanted, dear=bool(asked.search))
    rows = await session.scalars(select(Location).where(Location.id.in_(keys)))
    by_key = {row.id: row for row in rows}
    return [by_key[key] for key in keys if key in by_key], total


def _matching(asked: LocationFilter) -> Select[UUID]:
    query = select(Location.id)
    if asked.search:
        query = query.where(
            containing(asked.search, Location.name, Location.address, Location.city, Location.postal_code)
        )
    if asked.country is not None:
        query = query.where(Location.country == asked.country)
    if asked.organisation_id is not None:
        query = query.where(Location.organisation_id == asked.organisation_id)
    return query


async def counts(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    """Stations, and stations online, by location."""
    online = func.count().filter(Link.online)
    query = (
        select(Station.location_id, func.count(), online)
        .outerjoin(Link, Link.station_id == Station.id)
        .where(Station.location_id.in_(ids))
        .group_by(Station.location_id)
    )
    with sweep(session):
        found = await session.execute(query)
    return {key: (stations, up) for key, stations, up in found if key is not None}


async def first_organisation(session: AsyncSession) -> UUID | None:
    """The root of the oldest tree of organisations, or the oldest there is."""
    query = select(Organisation.id).order_by(Organisation.parent_id.is_not(None), Organisation.created_at).limit(1)
    return await session.scalar(query)


async def organisation_exists(session: AsyncSession, organisation_id: UUID) -> bool:
    return await session.get(Organisation, organisation_id) is not None
