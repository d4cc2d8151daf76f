"""Charging stations, addressed by their identity."""

import asyncio
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import Field, StringConstraints
from sqlalchemy.ext.asyncio import AsyncSession

from csms.api.context import ApiContext, Context
from csms.api.operator.secret_values import shown_value
from csms.api.operator.station_views import StationOut, ocpp_url, show_stations
from csms.api.paging import PageOut, slice_of
from csms.api.rights import MayChangeStations, MayReadConfiguration, MayReadStations
from csms.api.routing import router
from csms.api.schemas import Body, Change, Name, Out
from csms.domain.accounts.rules import Actor, Right
from csms.domain.stations.verbs import importing, passwords
from csms.domain.stations.verbs import stations as verbs
from csms.domain.stations.views import StationFilter
from csms.kit.errors import Invalid
from csms.kit.paging import Slice

IMPORT_LIMIT = 4 << 20

stations = router("/stations", "Stations", body_limit=IMPORT_LIMIT)

Identity = Annotated[str, StringConstraints(min_length=1, max_length=48)]
Registration = Literal["accepted", "pending", "rejected"]
Status = Literal[
    "available",
    "preparing",
    "charging",
    "suspended_ev",
    "suspended_evse",
    "finishing",
    "reserved",
    "unavailable",
    "faulted",
    "unknown",
]
ChosenPassword = Annotated[
    str, Field(min_length=1, max_length=40, description="a password of your own; without it one is generated")
]
Open = Annotated[bool, Field(description="let it connect without a password; not for stations on the internet")]


class CredentialIn(Body):
    password: ChosenPassword | None = None
    open: Open = False


class Adoption(CredentialIn):
    name: Name | None = None
    location_id: UUID | None = None
    registration: Registration = "accepted"


class StationIn(Adoption):
    identity: Identity


class StationChange(Change):
    """Only what is sent is changed."""

    name: Name | None = None
    location_id: UUID | None = None
    registration: Registration = "accepted"


class StationsIn(Body):
    items: list[StationIn] = Field(min_length=1, max_length=1000)


class CredentialOut(Out):
    """What to paste into the station; the password is shown this once."""

    identity: str
    ocpp_url: str
    ocpp_tls_url: str | None = Field(description="the same over TLS, if there is such a door")
    password: str | None


class StationMade(CredentialOut):
    station: StationOut


class ImportedOut(Out):
    items: list[CredentialOut]


class ConfigurationKeyOut(Out):
    key: str
    value: str | None
    readonly: bool
    known: bool = Field(description="false: the station says that it has no such key")
    reported_at: datetime


class ConfigurationOut(Out):
    """What the station reported last; ask it anew with the command get-configuration."""

    items: list[ConfigurationKeyOut]
    reported_at: datetime | None


class PlaceNeeded(Invalid):
    """Name a location of yours: a station of no location is seen only by those who see everything."""

    code = "place_needed"


def refuse_no_place(actor: Actor, location_id: UUID | None) -> None:
    """Whoever sees only some places must not make or leave a station where they could not see it; raises PlaceNeeded."""
    if location_id is None and not actor.scope_of(Right.STATIONS_WRITE).everything:
        raise PlaceNeeded(field="location_id")


async def issued(context: ApiContext, identity: str, body: CredentialIn) -> passwords.Issued:
    """A credential as the body wishes; a chosen password is sealed off the event loop."""
    if body.password is None or body.open:
        return passwords.issue(context.station_key, identity, body.password, open_=body.open)
    return await asyncio.to_thread(passwords.issue, context.station_key, identity, body.password)


def paste_ready(context: ApiContext, identity: str, given: passwords.Issued) -> CredentialOut:
    url = ocpp_url(context.settings.ocpp_url, identity)
    tls = context.settings.ocpp_tls_url
    tls_url = ocpp_url(tls, identity) if tls is not None else None
    return CredentialOut(identity=identity, ocpp_url=url, ocpp_tls_url=tls_url, password=given.password)


async def station_made(
    context: ApiContext, session: AsyncSession, actor: Actor, identity: str, given: passwords.Issued
) -> StationMade:
    [station] = await show_stations(session, [await verbs.get_station_view(session, identity)], actor)
    return StationMade(**paste_ready(context, identity, given).model_dump(), station=station)


@stations.get("")
async def list_stations(
    actor: MayReadStations,
    context: Context,
    part: Annotated[
        Slice,
        slice_of(
            "identity", "name", "location", "registration", "online", "seen_at", "connected_at", "booted_at", "vendor",
            "model", "serial_number", "firmware_version", "created_at", "updated_at", default="identity",
        ),
    ],
    search: Annotated[
        str | None, Query(max_length=200, description="part of identity, name, serial number, vendor or model")
    ] = None,
    location_id: UUID | None = None,
    status: Annotated[Status | None, Query(description="of any of its connectors, or of the station itself")] = None,
    online: bool | None = None,
    registration: Registration | None = None,
) -> PageOut[StationOut]:  # fmt: skip
    asked = StationFilter(search, location_id, status, online, registration)
    async with context.database.view() as session:
        page = await verbs.list_stations(session, asked, part)
        shown = await show_stations(session, page.items, actor)
        return PageOut(items=shown, total=page.total, offset=page.offset, limit=page.limit)


@stations.post("", status_code=201)
async def create_station(actor: MayChangeStations, context: Context, body: StationIn) -> StationMade:
    """The password in the answer is shown this once; only its hash is kept."""
    refuse_no_place(actor, body.location_id)
    given = await issued(context, body.identity, body)
    async with context.database.unit() as session:
        await verbs.create_station(
            session,
            context.bus,
            actor,
            identity=body.identity,
            credential=given.credential,
            now=context.clock.now(),
            name=body.name,
            location_id=body.location_id,
            registration=body.registration,
        )
        return await station_made(context, session, actor, body.identity, given)


@stations.post("/import", status_code=201)
async def import_stations(actor: MayChangeStations, context: Context, body: StationsIn) -> ImportedOut:
    """All of them or none; the errors name the rows. Passwords are shown this once."""
    for item in body.items:
        refuse_no_place(actor, item.location_id)
    rows = [importing.NewStation(**item.model_dump()) for item in body.items]
    given = await asyncio.to_thread(importing.issue_all, context.station_key, rows)
    async with context.database.unit() as session:
        await importing.import_stations(session, context.bus, actor, rows, given, context.clock.now())
    pairs = zip(rows, given, strict=True)
    return ImportedOut(items=[paste_ready(context, row.identity, issued_) for row, issued_ in pairs])


@stations.get("/{identity}")
async def get_station(actor: MayReadStations, context: Context, identity: str) -> StationOut:
    async with context.database.view() as session:
        return (await show_stations(session, [await verbs.get_station_view(session, identity)], actor))[0]


@stations.patch("/{identity}")
async def change_station(actor: MayChangeStations, context: Context, identity: str, body: StationChange) -> StationOut:
    changes = body.model_dump(exclude_unset=True)
    if "location_id" in changes:
        refuse_no_place(actor, body.location_id)
    async with context.database.unit() as session:
        await verbs.change_station(session, context.bus, actor, identity, changes, context.clock.now())
        return (await show_stations(session, [await verbs.get_station_view(session, identity)], actor))[0]


@stations.delete("/{identity}", status_code=204)
async def remove_station(actor: MayChangeStations, context: Context, identity: str) -> None:
    """Only a station without sessions; its stored frames stay."""
    async with context.database.unit() as session:
        await verbs.remove_station(session, context.bus, actor, identity, context.clock.now())


@stations.post("/{identity}/password")
async def change_station_password(
    actor: MayChangeStations, context: Context, identity: str, body: CredentialIn
) -> CredentialOut:
    """A new password, generated unless one is given; it is shown this once, and asked for at the next connect."""
    given = await issued(context, identity, body)
    async with context.database.unit() as session:
        await passwords.change_credential(session, context.bus, actor, identity, given.credential, context.clock.now())
    return paste_ready(context, identity, given)


@stations.get("/{identity}/configuration")
async def get_station_configuration(_: MayReadConfiguration, context: Context, identity: str) -> ConfigurationOut:
    async with context.database.view() as session:
        reported = await verbs.get_configuration(session, identity)
    items = [ConfigurationKeyOut.model_validate(key) for key in reported.keys]
    for item in items:
        item.value = shown_value(item.key, item.value)
    return ConfigurationOut(items=items, reported_at=reported.reported_at)
