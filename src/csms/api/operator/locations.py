"""Locations: places with stations, an address and a time zone."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import Field, StringConstraints

from csms.api.context import Context
from csms.api.paging import PageOut, slice_of
from csms.api.rights import MayChangeLocations, MayReadStations
from csms.api.routing import router
from csms.api.schemas import Body, Change, Name, Out
from csms.domain.stations.verbs import locations as verbs
from csms.domain.stations.views import LocationFilter, LocationView
from csms.kit.paging import Slice

locations = router("/locations", "Locations")

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
TimeZone = Annotated[str, Field(max_length=64, description="IANA name", examples=["Europe/Berlin"])]
Country = Annotated[str, Field(min_length=2, max_length=2, description="ISO 3166-1 alpha-2", examples=["DE"])]
Latitude = Annotated[float, Field(ge=-90, le=90, description="degrees north, WGS 84")]
Longitude = Annotated[float, Field(ge=-180, le=180, description="degrees east, WGS 84")]


class LocationOut(Out):
    id: UUID
    organisation_id: UUID
    name: str
    address: str | None
    city: str | None
    postal_code: str | None
    country: str | None
    latitude: float | None
    longitude: float | None
    time_zone: str
    stations: int = Field(description="how many stations it has")
    online: int = Field(description="how many of them are online")
    created_at: datetime
    updated_at: datetime


class LocationIn(Body):
    name: Name
    time_zone: TimeZone
    organisation_id: UUID | None = Field(default=None, description="the first organisation, if not given")
    address: Line | None = None
    city: Line | None = None
    postal_code: Line | None = None
    country: Country | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None


class LocationChange(Change):
    """Only what is sent is changed."""

    name: Name = ""
    time_zone: TimeZone = ""
    organisation_id: UUID = UUID(int=0)
    address: Line | None = None
    city: Line | None = None
    postal_code: Line | None = None
    country: Country | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None


def show(view: LocationView) -> LocationOut:
    columns = {name: getattr(view.location, name) for name in LocationOut.model_fields if hasattr(view.location, name)}
    return LocationOut(**columns, stations=view.stations, online=view.online)


@locations.get("")
async def list_locations(
    _: MayReadStations,
    context: Context,
    part: Annotated[
        Slice,
        slice_of("name", "city", "postal_code", "country", "time_zone", "created_at", "updated_at", default="name"),
    ],
    search: Annotated[str | None, Query(max_length=200, description="part of name, address, city, postal code")] = None,
    country: Annotated[str | None, Query(max_length=2, description="ISO 3166-1 alpha-2")] = None,
    organisation_id: UUID | None = None,
) -> PageOut[LocationOut]:
    asked = LocationFilter(search, country.upper() if country else None, organisation_id)
    async with context.database.view() as session:
        return PageOut.of(await verbs.list_locations(session, asked, part), show)


@locations.post("", status_code=201)
async def create_location(actor: MayChangeLocations, context: Context, body: LocationIn) -> LocationOut:
    async with context.database.unit() as session:
        made = await verbs.create_location(session, actor, **body.model_dump(), now=context.clock.now())
        return show(LocationView(made, 0, 0))


@locations.get("/{location_id}")
async def get_location(_: MayReadStations, context: Context, location_id: UUID) -> LocationOut:
    async with context.database.view() as session:
        return show(await verbs.get_location_view(session, location_id))


@locations.patch("/{location_id}")
async def change_location(
    actor: MayChangeLocations, context: Context, location_id: UUID, body: LocationChange
) -> LocationOut:
    changes = body.model_dump(exclude_unset=True)
    async with context.database.unit() as session:
        await verbs.change_location(session, actor, location_id, changes, context.clock.now())
        return show(await verbs.get_location_view(session, location_id))


@locations.delete("/{location_id}", status_code=204)
async def remove_location(actor: MayChangeLocations, context: Context, location_id: UUID) -> None:
    async with context.database.unit() as session:
        await verbs.remove_location(session, actor, location_id, context.clock.now())
