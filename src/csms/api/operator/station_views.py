"""How a station is shown, in lists, alone and live: one shape everywhere."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from csms.api.identities import masked, sees_identities
from csms.api.schemas import Out
from csms.domain.accounts.rules import Actor
from csms.domain.sessions import service as sessions
from csms.domain.sessions.model import Session
from csms.domain.stations.model import Connector
from csms.domain.stations.views import StationView


class ConnectorOut(Out):
    number: int
    standard: str | None
    format: str | None
    max_power_w: int | None
    max_current_a: int | None
    max_voltage_v: int | None
    status: str
    error_code: str | None
    info: str | None
    vendor_id: str | None
    vendor_error_code: str | None
    status_at: datetime | None = Field(description="the station's time of its last report")
    received_at: datetime | None = Field(description="our time of the first report of this status")


class ActiveSessionOut(Out):
    uid: UUID
    transaction_id: int = Field(validation_alias="id")
    evse: int
    connector: int
    id_token: str
    authorization: str
    started_at: datetime
    energy_wh: int
    power_w: float | None
    soc_percent: float | None
    reading_at: datetime | None


class EvseOut(Out):
    number: int
    name: str | None
    connectors: list[ConnectorOut]


class StationLocationOut(Out):
    id: UUID
    name: str
    time_zone: str


class PresenceOut(Out):
    """`seen_at` is when it last said anything."""

    online: bool = False
    connected_at: datetime | None = None
    disconnected_at: datetime | None = None
    seen_at: datetime | None = None
    address: str | None = None
    protocol: str | None = None


class BootOut(Out):
    """What it said of itself when it last booted."""

    vendor: str | None
    model: str | None
    serial_number: str | None
    firmware_version: str | None
    iccid: str | None
    imsi: str | None
    meter_type: str | None
    meter_serial_number: str | None
    booted_at: datetime | None


class StationOut(Out):
    identity: str
    name: str | None
    location: StationLocationOut | None
    registration: str = Field(description="accepted, pending or rejected: how its BootNotification is answered")
    credential: str = Field(description="generated, chosen or open")
    presence: PresenceOut
    boot: BootOut
    firmware_status: str | None
    diagnostics_status: str | None
    status: ConnectorOut | None = Field(description="the status of the station as a whole, if it reported one")
    evses: list[EvseOut]
    sessions: list[ActiveSessionOut] = Field(description="sessions running now")
    created_at: datetime
    updated_at: datetime


def show_station(view: StationView, active: Iterable[Session]) -> StationOut:
    plugs: dict[int, list[Connector]] = defaultdict(list)
    for connector in view.connectors:
        plugs[connector.evse].append(connector)
    names = {evse.number: evse.name for evse in view.evses}
    whole = next(iter(plugs.pop(0, ())), None)
    station = view.station
    return StationOut(
        identity=station.identity,
        name=station.name,
        location=StationLocationOut.model_validate(view.location) if view.location is not None else None,
        registration=station.registration,
        credential=station.credential_kind,
        presence=PresenceOut.model_validate(view.link) if view.link is not None else PresenceOut(),
        boot=BootOut.model_validate(station),
        firmware_status=station.firmware_status,
        diagnostics_status=station.diagnostics_status,
        status=ConnectorOut.model_validate(whole) if whole is not None else None,
        evses=[
            EvseOut(
                number=number,
                name=names.get(number),
                connectors=[ConnectorOut.model_validate(connector) for connector in plugs.get(number, ())],
            )
            for number in sorted(names.keys() | plugs.keys())
        ],
        sessions=[ActiveSessionOut.model_validate(session) for session in active],
        created_at=station.created_at,
        updated_at=station.updated_at,
    )


async def show_stations(session: AsyncSession, views: Sequence[StationView], actor: Actor) -> list[StationOut]:
    """Stations with their running sessions, in the same order, as this actor may see them."""
    active: dict[int, list[Session]] = defaultdict(list)
    for running in await sessions.active_sessions(session, [view.station.id for view in views]):
        active[running.station_id].append(running)
    shown = [show_station(view, active[view.station.id]) for view in views]
    return [
        out if sees_identities(actor, view.location) else hide_identities(out)
        for view, out in zip(views, shown, strict=True)
    ]


def hide_identities(station: StationOut) -> StationOut:
    """The same without who charges there."""
    hidden = [running.model_copy(update={"id_token": masked(running.id_token)}) for running in station.sessions]
    return station.model_copy(update={"sessions": hidden})


def ocpp_url(base: str, identity: str) -> str:
    """What to paste into the station: the URL it connects to (OCPP-J 1.6 §3.1.1)."""
    return f"{base.rstrip('/')}/{quote(identity, safe='')}"
