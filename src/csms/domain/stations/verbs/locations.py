"""The verbs on locations."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.accounts.rules import Actor
from csms.domain.audit import service as audit
from csms.domain.stations.checks import check_coordinates, check_country, check_text, check_time_zone
from csms.domain.stations.errors import LocationInUse, LocationNotFound, NoOrganisation, UnknownOrganisation
from csms.domain.stations.model import Location
from csms.domain.stations.store import locations as store
from csms.domain.stations.views import LocationFilter, LocationView
from csms.kit.ids import uuid7
from csms.kit.paging import Page, Slice

_TEXTS = ("name", "address", "city", "postal_code")
_NUMBERS = ("latitude", "longitude")


async def list_locations(session: AsyncSession, asked: LocationFilter, wanted: Slice) -> Page[LocationView]:
    rows, total = await store.page(session, asked, wanted)
    counts = await store.counts(session, [row.id for row in rows])
    items = [LocationView(row, *counts.get(row.id, (0, 0))) for row in rows]
    return Page(items, total, wanted.offset, wanted.limit)


async def get_location(session: AsyncSession, location_id: UUID) -> Location:
    """Raises LocationNotFound."""
    location = await store.find(session, location_id)
    if location is None:
        raise LocationNotFound
    return location


async def get_location_view(session: AsyncSession, location_id: UUID) -> LocationView:
    """Raises LocationNotFound."""
    location = await get_location(session, location_id)
    counts = await store.counts(session, [location_id])
    return LocationView(location, *counts.get(location_id, (0, 0)))


async def create_location(
    session: AsyncSession,
    actor: Actor,
    *,
    name: str,
    time_zone: str,
    now: datetime,
    organisation_id: UUID | None = None,
    address: str | None = None,
    city: str | None = None,
    postal_code: str | None = None,
    country: str | None = None,
    latitude: float | None = None,
    longitude: float | None = None,
) -> Location:
    """A new location, of the first organisation unless told otherwise."""
    organisation_id = organisation_id or await store.first_organisation(session)
    if organisation_id is None:
        raise NoOrganisation
    given = {"address": address, "city": city, "postal_code": postal_code, "country": country}
    location = Location(
        id=uuid7(now),
        created_at=now,
        updated_at=now,
        **await _checked(session, {"name": name, "time_zone": time_zone, "organisation_id": organisation_id, **given}),
        latitude=latitude,
        longitude=longitude,
    )
    check_coordinates(latitude, longitude)
    session.add(location)
    await audit.record(
        session, actor, "create", "location", location.id, None, snapshot(location), now, **_place(location)
    )
    await session.flush()
    return location


async def change_location(
    session: AsyncSession, actor: Actor, location_id: UUID, changes: Mapping[str, Any], now: datetime
) -> Location:
    """Set what `changes` has of a location's fields."""
    location = await get_location(session, location_id)
    before = snapshot(location)
    for name, value in (await _checked(session, changes)).items():
        setattr(location, name, value)
    check_coordinates(location.latitude, location.longitude)
    after = snapshot(location)
    if after != before:
        location.updated_at = now
        await audit.record(session, actor, "change", "location", location_id, before, after, now, **_place(location))
        await session.flush()
    return location


async def remove_location(session: AsyncSession, actor: Actor, location_id: UUID, now: datetime) -> None:
    """Raises LocationInUse while it has stations."""
    location = await get_location(session, location_id)
    await audit.record(
        session, actor, "remove", "location", location_id, snapshot(location), None, now, **_place(location)
    )
    await session.delete(location)
    try:
        await session.flush()
    except IntegrityError as error:
        raise LocationInUse from error


async def _checked(session: AsyncSession, fields: Mapping[str, Any]) -> dict[str, Any]:
    checked = dict(fields)
    for name in _TEXTS:
        if checked.get(name) is not None:
            checked[name] = check_text(checked[name], name)
    if "time_zone" in checked:
        checked["time_zone"] = check_time_zone(checked["time_zone"])
    if checked.get("country") is not None:
        checked["country"] = check_country(checked["country"])
    if "organisation_id" in checked and not await store.organisation_exists(session, checked["organisation_id"]):
        raise UnknownOrganisation(field="organisation_id")
    return checked


def _place(location: Location) -> dict[str, UUID]:
    return {"location_id": location.id, "organisation_id": location.organisation_id}


def snapshot(location: Location) -> dict[str, Any]:
    """What the audit trail says of a location."""
    said = {name: getattr(location, name) for name in (*_TEXTS, *_NUMBERS, "country", "time_zone")}
    return {**said, "organisation_id": str(location.organisation_id)}
