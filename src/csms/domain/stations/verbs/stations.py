"""The verbs on stations."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.accounts.rules import Actor
from csms.domain.stations import trail
from csms.domain.stations.bells import place_of_gateway, ring_station_changed
from csms.domain.stations.checks import check_identity, check_text
from csms.domain.stations.credentials import Credential
from csms.domain.stations.errors import StationExists, StationInUse, StationNotFound, UnknownLocation
from csms.domain.stations.model import Link, Station
from csms.domain.stations.store import inbox, locations
from csms.domain.stations.store import stations as store
from csms.domain.stations.views import Configuration, StationFilter, StationView
from csms.kit.bus import Bus
from csms.kit.paging import Page, Slice


async def list_stations(session: AsyncSession, asked: StationFilter, wanted: Slice) -> Page[StationView]:
    items, total = await store.page(session, asked, wanted)
    return Page(items, total, wanted.offset, wanted.limit)


async def view_stations(session: AsyncSession, ids: Sequence[int]) -> dict[int, StationView]:
    """Stations with all their parts; those that do not exist are left out."""
    return await store.views(session, ids)


async def matching_ids(session: AsyncSession, asked: StationFilter, after: int, limit: int) -> list[int]:
    """Ids of stations that match, in order, above `after`: for who walks through all of them."""
    return await store.matching_ids(session, asked, after, limit)


async def identities_of(session: AsyncSession, ids: Iterable[int]) -> dict[int, str]:
    return await store.identities_of(session, list(set(ids)))


async def get_station(session: AsyncSession, identity: str) -> Station:
    """Raises StationNotFound."""
    station = await store.find(session, identity)
    if station is None:
        raise StationNotFound(identity=identity)
    return station


async def station_id(session: AsyncSession, identity: str | None) -> int | None:
    """What lists filter by; None asks for no station in particular. Raises StationNotFound."""
    return (await get_station(session, identity)).id if identity is not None else None


async def get_station_view(session: AsyncSession, identity: str) -> StationView:
    """Raises StationNotFound."""
    station = await get_station(session, identity)
    return (await store.views(session, [station.id]))[station.id]


async def is_online(session: AsyncSession, station_id: int) -> bool:
    link = await session.get(Link, station_id)
    return link is not None and link.online


async def is_reachable(session: AsyncSession, bus: Bus, station_id: int) -> bool:
    """Whether a process holds the station's link, as far as can be known: one that was killed stands in the tables for a while."""
    return await is_online(session, station_id) and not await is_surely_gone(bus, await gateway_of(session, station_id))


async def gateway_of(session: AsyncSession, station_id: int) -> str | None:
    """Which gateway holds its link, or held it last."""
    link = await session.get(Link, station_id)
    return link.gateway if link is not None else None


async def is_surely_gone(bus: Bus, gateway: str | None) -> bool:
    return gateway is not None and await bus.is_there(place_of_gateway(gateway)) is False


async def get_configuration(session: AsyncSession, identity: str) -> Configuration:
    """Raises StationNotFound."""
    station = await get_station(session, identity)
    keys = await store.configuration(session, station.id)
    return Configuration(keys, max((key.reported_at for key in keys), default=None))


async def create_station(
    session: AsyncSession,
    bus: Bus,
    actor: Actor,
    *,
    identity: str,
    credential: Credential,
    now: datetime,
    name: str | None = None,
    location_id: UUID | None = None,
    registration: str = "accepted",
) -> Station:
    """A station of ours; leaves the inbox if it waited there. Raises StationExists, UnknownLocation, InvalidIdentity."""
    if await store.find(session, check_identity(identity)) is not None:
        raise StationExists(identity=identity)
    station = Station(identity=identity, credential_kind=credential.kind, credential=credential.sealed)
    station.created_at = station.updated_at = now
    await _set(session, station, {"name": name, "location_id": location_id, "registration": registration})
    session.add(station)
    await inbox.remove(session, [identity])
    await session.flush()
    await trail.record(session, actor, "create", station, None, snapshot(station), now)
    ring_station_changed(session, bus, station.id)
    return station


async def change_station(
    session: AsyncSession, bus: Bus, actor: Actor, identity: str, changes: Mapping[str, Any], now: datetime
) -> Station:
    """Set what `changes` has of name, location_id and registration."""
    station = await get_station(session, identity)
    before = snapshot(station)
    await _set(session, station, changes)
    after = snapshot(station)
    if after != before:
        station.updated_at = now
        await trail.record(session, actor, "change", station, before, after, now)
        ring_station_changed(session, bus, station.id)
    return station


async def remove_station(session: AsyncSession, bus: Bus, actor: Actor, identity: str, now: datetime) -> None:
    """Raises StationInUse when it has sessions. Its stored frames and facts stay."""
    station = await get_station(session, identity)
    await trail.record(session, actor, "remove", station, snapshot(station), None, now)
    ring_station_changed(session, bus, station.id)
    await session.delete(station)
    try:
        await session.flush()
    except IntegrityError as error:
        raise StationInUse(identity=identity) from error


async def _set(session: AsyncSession, station: Station, fields: Mapping[str, Any]) -> None:
    location_id = fields.get("location_id")
    if location_id is not None and await locations.find(session, location_id) is None:
        raise UnknownLocation(field="location_id")
    for field, value in fields.items():
        setattr(station, field, check_text(value, field) if isinstance(value, str) else value)


def snapshot(station: Station) -> dict[str, Any]:
    """What the audit trail says of a station; never its credential."""
    return {
        "name": station.name,
        "location_id": str(station.location_id) if station.location_id else None,
        "registration": station.registration,
        "credential_kind": station.credential_kind,
    }
