"""Queries on stations and their parts."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.stations.listing import containing, read_keys
from csms.domain.stations.model import ConfigurationKey, Connector, Evse, Link, Location, Station
from csms.domain.stations.views import StationFilter, StationView
from csms.kit.paging import Slice

SORTABLE = {
    "created_at": Station.created_at,
    "updated_at": Station.updated_at,
    "identity": Station.identity,
    "name": Station.name,
    "registration": Station.registration,
    "vendor": Station.vendor,
    "model": Station.model,
    "serial_number": Station.serial_number,
    "firmware_version": Station.firmware_version,
    "booted_at": Station.booted_at,
    "location": Location.name,
    "online": Link.online,
    "connected_at": Link.connected_at,
    "seen_at": Link.seen_at,
}
_OF_LOCATION = {"location"}
_OF_LINK = {"online", "connected_at", "seen_at"}


async def find(session: AsyncSession, identity: str) -> Station | None:
    return await session.scalar(select(Station).where(Station.identity == identity))


async def known_identities(session: AsyncSession, identities: Sequence[str]) -> set[str]:
    return set((await session.scalars(select(Station.identity).where(Station.identity.in_(identities)))).all())


async def ids_of(session: AsyncSession, identities: Sequence[str]) -> list[int]:
    return list((await session.scalars(select(Station.id).where(Station.identity.in_(identities)))).all())


async def known_locations(session: AsyncSession, ids: Sequence[UUID]) -> set[UUID]:
    return set((await session.scalars(select(Location.id).where(Location.id.in_(ids)))).all())


async def identities_of(session: AsyncSession, ids: Sequence[int]) -> dict[int, str]:
    rows = await session.execute(select(Station.id, Station.identity).where(Station.id.in_(ids)))
    return {station_id: identity for station_id, identity in rows}  # noqa: C416 - a Row is no tuple to mypy


async def page(session: AsyncSession, asked: StationFilter, wanted: Slice) -> tuple[list[StationView], int]:
    matching, counted = _matching(asked, wanted.sort), _matching(asked, None)
    keys, total = await read_keys(
        session, matching, Station.id, SORTABLE, wanted, counted=counted, dear=bool(asked.search)
    )
    shown = await views(session, keys)
    return [shown[key] for key in keys if key in shown], total


def _matching(asked: StationFilter, sort: str | None) -> Select[int]:
    query = select(Station.id)
    sort = (sort or "").removeprefix("-")
    if sort in _OF_LOCATION:
        query = query.outerjoin(Location, Location.id == Station.location_id)
    if sort in _OF_LINK or asked.online is not None:
        query = query.outerjoin(Link, Link.station_id == Station.id)
    if asked.search:
        query = query.where(
            containing(
                asked.search, Station.identity, Station.name, Station.serial_number, Station.vendor, Station.model
            )
        )
    if asked.location_id is not None:
        query = query.where(Station.location_id == asked.location_id)
    if asked.registration is not None:
        query = query.where(Station.registration == asked.registration)
    if asked.identities is not None:
        query = query.where(Station.identity.in_(asked.identities))
    if asked.location_ids is not None:
        query = query.where(Station.location_id.in_(asked.location_ids))
    if asked.status is not None:
        query = query.where(Station.id.in_(select(Connector.station_id).where(Connector.status == asked.status)))
    if asked.online is not None:
        query = query.where(Link.online if asked.online else Link.online.is_not(True))
    return query


async def matching_ids(session: AsyncSession, asked: StationFilter, after: int, limit: int) -> list[int]:
    """Ids of stations that match, in order, above `after`."""
    query = _matching(asked, None).where(Station.id > after).order_by(Station.id).limit(limit)
    return list((await session.scalars(query)).all())


async def views(session: AsyncSession, ids: Sequence[int]) -> dict[int, StationView]:
    """Stations with all their parts, by id; those that do not exist are left out."""
    stations = await session.execute(
        select(Station, Location, Link)
        .outerjoin(Location, Location.id == Station.location_id)
        .outerjoin(Link, Link.station_id == Station.id)
        .where(Station.id.in_(ids))
        .order_by(Station.id)
    )
    evses: dict[int, list[Evse]] = defaultdict(list)
    for evse in await session.scalars(select(Evse).where(Evse.station_id.in_(ids)).order_by(Evse.number)):
        evses[evse.station_id].append(evse)
    connectors: dict[int, list[Connector]] = defaultdict(list)
    plugs = select(Connector).where(Connector.station_id.in_(ids)).order_by(Connector.evse, Connector.number)
    for connector in await session.scalars(plugs):
        connectors[connector.station_id].append(connector)
    return {
        station.id: StationView(station, location, link, evses[station.id], connectors[station.id])
        for station, location, link in stations
    }


async def configuration(session: AsyncSession, station_id: int) -> list[ConfigurationKey]:
    query = select(ConfigurationKey).where(ConfigurationKey.station_id == station_id).order_by(ConfigurationKey.key)
    return list((await session.scalars(query)).all())
