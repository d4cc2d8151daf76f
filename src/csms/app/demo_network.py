"""The demo network: two locations in different time zones, twelve stations, twenty-two connectors, id tokens."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from csms.api.context import ApiContext
from csms.domain.accounts import service as accounts
from csms.domain.accounts.rules import SYSTEM
from csms.domain.authorization import service as authorization
from csms.domain.authorization.service import NewIdToken
from csms.domain.stations.credentials import seal_generated
from csms.domain.stations.model import Connector, Evse
from csms.domain.stations.verbs import locations, stations
from csms.kit.ids import station_password
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
DRIVERS: Final = (
    "Ada", "Bao", "Clara", "Deng", "Emil", "Fatima", "Gao", "Hanna", "Ivo", "Jin", "Kaya", "Lin",
    "Mei", "Noor", "Otto", "Pia", "Qiang", "Rosa", "Sun", "Tariq", "Ute", "Viktor", "Wen", "Xia",
)  # fmt: skip
PLUGS: Final = {
    "DE": {"AC": "IEC_62196_T2", "DC": "IEC_62196_T2_COMBO"},
    "CN": {"AC": "GBT_AC", "DC": "GBT_DC"},
}
CONFIGURATION: Final = {"MeterValueSampleInterval": "10"}


@dataclass(slots=True)
class DemoNetwork:
    """What the fleet needs to know: its stations with their passwords, and the cards of its drivers."""

    specs: list[StationSpec] = field(default_factory=list)
    id_tags: list[str] = field(default_factory=list)


def _plugs(station_id: int, place: DemoLocation, specs: tuple[ConnectorSpec, ...]) -> Iterator[Evse | Connector]:
    """What OCPP 1.6 cannot tell of a station: its evses, and the kind and power of each plug."""
    for number, spec in enumerate(specs, 1):
        standards = PLUGS[place.country]
        yield Evse(station_id=station_id, number=number, name=None)
        yield Connector(
            station_id=station_id, evse=number, number=1, standard=standards[spec.kind],
            max_power_w=round(spec.max_power_w), status="unknown",
        )  # fmt: skip


async def build(context: ApiContext) -> DemoNetwork:
    """Create the network in an empty installation."""
    now = context.clock.now()
    network = DemoNetwork()
    async with context.database.unit() as session:
        owner = await accounts.create_organisation(session, SYSTEM, name="Bluesky Demo", parent_id=None, now=now)
        for place in LOCATIONS:
            location = await locations.create_location(
                session, SYSTEM, name=place.name, time_zone=place.time_zone, now=now, organisation_id=owner.id,
                city=place.city, country=place.country, latitude=place.latitude, longitude=place.longitude,
            )  # fmt: skip
            for number, (vendor, model, connectors) in enumerate(place.stations, 1):
                identity = f"{place.prefix}-{number:03}"
                password = station_password()
                credential = seal_generated(context.station_key, identity, password)
                station = await stations.create_station(
                    session,
                    context.bus,
                    SYSTEM,
                    identity=identity,
                    credential=credential,
                    now=now,
                    location_id=location.id,
                )
                session.add_all(_plugs(station.id, place, connectors))
                spec = StationSpec(identity, connectors, vendor, model, password=password, configuration=CONFIGURATION)
                network.specs.append(spec)
        tokens = [NewIdToken(f"DEMO{number:04}", label=name) for number, name in enumerate(DRIVERS, 1)]
        network.id_tags += [token.uid for token in tokens]
        tokens.append(NewIdToken("BLOCKED-1", status="blocked", label="A lost card"))
        tokens.append(NewIdToken("EXPIRED-1", expires_at=now - timedelta(days=30), label="Last year's card"))
        await authorization.import_id_tokens(session, SYSTEM, tokens, "skip", now)
    return network
