"""The demo network: two locations in different time zones, twelve stations, twenty-two connectors, id tokens."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from csms.api.context import ApiContext
from csms.domain.accounts import service as accounts
from csms.domain.accounts.rules import SYSTEM, Role
from csms.domain.authorization import service as authorization
from csms.domain.authorization.service import NewIdToken
from csms.domain.stations.credentials import seal_generated
from csms.domain.stations.model import Connector, Evse
from csms.domain.stations.verbs import locations, stations
from csms.simulator import ConnectorSpec, StationSpec

_AC22 = (ConnectorSpec(max_power_w=22_000), ConnectorSpec(max_power_w=22_000))
_AC11 = (ConnectorSpec(max_power_w=11_000), ConnectorSpec(max_power_w=11_000))
_AC7 = (ConnectorSpec(max_power_w=7_400, phases=1, lock="none"),)
_DC60 = (ConnectorSpec("DC", 60_000, lock="none"),)
_DC150 = (ConnectorSpec("DC", 150_000, lock="none"), ConnectorSpec("DC", 150_000, lock="none"))


@dataclass(frozen=True, slots=True)
class DemoLocation:
    """A location and the kinds of its stations."""

    name: str
    city: str
    country: str
    latitude: float
    longitude: float
    time_zone: str
    prefix: str
    stations: tuple[tuple[str, str, tuple[ConnectorSpec, ...]], ...]


LOCATIONS: Final = (
    DemoLocation(
        "Speicherstadt Garage", "Hamburg", "DE", 53.5436, 9.9880, "Europe/Berlin", "HAM",
        (("Skylark", "AC22", _AC22), ("Skylark", "AC22", _AC22), ("Skylark", "AC22", _AC22), ("Heron", "DC60", _DC60),
         ("Heron", "DC150", _DC150), ("Wren", "AC7", _AC7)),
    ),
    DemoLocation(
        "Qianhai Plaza 前海广场", "Shenzhen", "CN", 22.5329, 113.8930, "Asia/Shanghai", "SZX",
        (("Heron", "DC150", _DC150), ("Heron", "DC150", _DC150), ("Heron", "DC60", _DC60), ("Skylark", "AC11", _AC11),
         ("Skylark", "AC11", _AC11), ("Skylark", "AC22", _AC22)),
    ),
)  # fmt: skip
FIRST_NAMES: Final = (
    "Ada", "Bao", "Clara", "Deng", "Emil", "Fatima", "Gao", "Hanna", "Ivo", "Jin", "Kaya", "Lin",
    "Mei", "Noor", "Otto", "Pia", "Qiang", "Rosa", "Sun", "Tariq", "Ute", "Viktor", "Wen", "Xia",
)  # fmt: skip
DRIVERS: Final = tuple(f"{name} {initial}." for initial in "BDHKLMRSTW" for name in FIRST_NAMES)
GROUPS: Final = {range(6, 24): "FLEET-CITY-TAXI", range(72, 90): "FLEET-HARBOUR"}
PEOPLE: Final = (
    ("olga@bluesky.example", "Olga Brandt", Role.OPERATOR),
    ("tian@bluesky.example", "Tian Wei", Role.TECHNICIAN),
    ("vera@bluesky.example", "Vera Lindt", Role.VIEWER),
)
HOST: Final = ("hafen@bluesky.example", "Hanno Petersen")  # of the first location
PLUGS: Final = {
    "DE": {"AC": "IEC_62196_T2", "DC": "IEC_62196_T2_COMBO"},
    "CN": {"AC": "GBT_AC", "DC": "GBT_DC"},
}
CONFIGURATION: Final = {"MeterValueSampleInterval": "10", "AllowOfflineTxForUnknownId": "true"}
# Knocks without a password until somebody adopts it and enters the one it is to have.
STRANGER: Final = StationSpec("HAM-NEW-1", (ConnectorSpec(),), "Skylark", "AC22", configuration=CONFIGURATION)


def id_tags() -> list[str]:
    """The cards of the drivers."""
    return [f"DEMO{number:04}" for number in range(1, len(DRIVERS) + 1)]


def identities(place: DemoLocation) -> list[str]:
    return [f"{place.prefix}-{number:03}" for number in range(1, len(place.stations) + 1)]


def specs(passwords: Mapping[str, str]) -> list[StationSpec]:
    """The stations of all locations, each with its password."""
    return [
        StationSpec(identity, plugs, vendor, model, password=passwords[identity], configuration=CONFIGURATION)
        for place in LOCATIONS
        for identity, (vendor, model, plugs) in zip(identities(place), place.stations, strict=True)
    ]


def _plugs(station_id: int, place: DemoLocation, specs: tuple[ConnectorSpec, ...]) -> Iterator[Evse | Connector]:
    """What OCPP 1.6 cannot tell of a station: its evses, and the kind and power of each plug."""
    for number, spec in enumerate(specs, 1):
        standards = PLUGS[place.country]
        yield Evse(station_id=station_id, number=number, name=None)
        voltage, current = (
            (230, spec.max_power_w / spec.phases / 230) if spec.kind == "AC" else (1000, spec.max_power_w / 400)
        )
        yield Connector(
            station_id=station_id, evse=number, number=1, standard=standards[spec.kind],
            format="cable" if spec.lock == "none" else "socket", max_power_w=round(spec.max_power_w),
            max_current_a=round(current), max_voltage_v=voltage, status="unknown",
        )  # fmt: skip


async def build(context: ApiContext, passwords: Mapping[str, str], password: str) -> None:
    """Create the network in an empty installation; `passwords` by station identity, `password` is that of all people."""
    now = context.clock.now()
    hashed = await context.passwords.hash(password)
    async with context.database.unit() as session:
        owner = await accounts.create_organisation(session, SYSTEM, name="Bluesky Demo", parent_id=None, now=now)
        built = [await _build_location(context, session, place, owner.id, passwords, now) for place in LOCATIONS]
        at_home = accounts.NewGrant(Role.SITE_HOST, location_id=built[0])
        for email, name, grant in (
            *((email, name, accounts.NewGrant(role)) for email, name, role in PEOPLE),
            (*HOST, at_home),
        ):
            await accounts.create_user(
                session, SYSTEM, email=email, name=name, grants=[grant], password_hash=hashed, now=now,
                organisation_id=owner.id,
            )  # fmt: skip
        await authorization.import_id_tokens(session, SYSTEM, list(_tokens(now, owner.id)), "skip", now)


async def _build_location(
    context: ApiContext,
    session: AsyncSession,
    place: DemoLocation,
    organisation_id: UUID,
    passwords: Mapping[str, str],
    now: datetime,
) -> UUID:
    location = await locations.create_location(
        session, SYSTEM, name=place.name, time_zone=place.time_zone, now=now, organisation_id=organisation_id,
        city=place.city, country=place.country, latitude=place.latitude, longitude=place.longitude,
    )  # fmt: skip
    for identity, (_, _, plugs) in zip(identities(place), place.stations, strict=True):
        credential = seal_generated(context.station_key, identity, passwords[identity])
        station = await stations.create_station(
            session, context.bus, SYSTEM, identity=identity, credential=credential, now=now, location_id=location.id
        )
        session.add_all(_plugs(station.id, place, plugs))
    return location.id


def _tokens(now: datetime, owner: UUID) -> Iterator[NewIdToken]:
    for number, (uid, name) in enumerate(zip(id_tags(), DRIVERS, strict=True)):
        group = next((group for members, group in GROUPS.items() if number in members), None)
        yield NewIdToken(uid, label=name, group_id=group, organisation_id=owner)
    yield NewIdToken("BLOCKED-1", status="blocked", label="A lost card", organisation_id=owner)
    last_year = now - timedelta(days=45)
    yield NewIdToken("EXPIRED-1", expires_at=last_year, label="Last year's card", organisation_id=owner)
