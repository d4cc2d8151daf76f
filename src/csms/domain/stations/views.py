"""What is asked of stations, locations, frames and facts, and what comes back when it is more than a row."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from csms.domain.stations.model import ConfigurationKey, Connector, Evse, Frame, Link, Location, Station
from csms.kit.facts import FactRow


@dataclass(frozen=True, slots=True)
class LocationFilter:
    """`search` looks in name, address, city and postal code."""

    search: str | None = None
    country: str | None = None
    organisation_id: UUID | None = None


class LocationView(NamedTuple):
    """A location with how many stations it has, and how many of them are online."""

    location: Location
    stations: int
    online: int


@dataclass(frozen=True, slots=True)
class StationFilter:
    """`search` looks in identity, name, serial number, vendor and model; `status` is that of any connector."""

    search: str | None = None
    location_id: UUID | None = None
    status: str | None = None
    online: bool | None = None
    registration: str | None = None
    identities: frozenset[str] | None = None
    location_ids: frozenset[UUID] | None = None


@dataclass(frozen=True, slots=True)
class StationView:
    """A station with its place, its presence (None: never connected) and its parts, in order of their numbers."""

    station: Station
    location: Location | None
    link: Link | None
    evses: list[Evse]
    connectors: list[Connector]


class Configuration(NamedTuple):
    """What a station last reported of its configuration keys, in order of their names."""

    keys: list[ConfigurationKey]
    reported_at: datetime | None


@dataclass(frozen=True, slots=True)
class FrameFilter:
    """`text` is looked for in call and answer, with its case; `since` (inclusive) and `until` (exclusive) are times of arrival."""

    station_id: int | None = None
    action: str | None = None
    direction: str | None = None
    outcome: str | None = None
    error_code: str | None = None
    session_id: int | None = None
    text: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class FrameView(NamedTuple):
    """A stored frame and whose it is; None when the station was deleted since."""

    frame: Frame
    identity: str | None


class FrameSearch(NamedTuple):
    """Frames found, newest first; `before` is where to go on, None at the end.

    A search looks at a bounded number of frames, so it may find few, or none, and still not be at its end.
    """

    items: list[FrameView]
    before: int | None


@dataclass(frozen=True, slots=True)
class FactFilter:
    kind: str | None = None
    station_id: int | None = None
    session_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    relayed: bool | None = None


class FactView(NamedTuple):
    """A fact and the identity of its station, if it has one that still exists."""

    fact: FactRow
    identity: str | None
