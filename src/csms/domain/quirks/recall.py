"""What a link must know of its station, to judge what it says."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection, select

from csms.domain.quirks.live import Count
from csms.domain.quirks.model import StationQuirks, StationRepair
from csms.domain.stations.limits import recall_limits
from csms.domain.stations.model import Location, Station
from csms.kit.lookups import Lookup

_COUNTED: Final = Lookup(
    select(
        StationRepair.station_id, StationRepair.kind, StationRepair.applied, StationRepair.missed, StationRepair.first_at
    ),
    StationRepair.station_id,
)  # fmt: skip
_KNOWN: Final = Lookup(
    select(
        Station.id, Station.vendor, Station.model, Station.firmware_version, Location.time_zone, StationQuirks.repairs
    )
    .outerjoin(Location, Location.id == Station.location_id)
    .outerjoin(StationQuirks, StationQuirks.station_id == Station.id),
    Station.id,
)


class Recalled(NamedTuple):
    """What a station said of itself at its last boot, its location's zone, what is assigned and counted, its evses' limits."""

    vendor: str | None
    model: str | None
    firmware_version: str | None
    time_zone: str | None
    assigned: tuple[str, ...] | None
    counts: dict[str, Count]
    limits: dict[int, int] | None


def recall_quirks(connection: Connection, ids: Sequence[int]) -> dict[int, Recalled]:
    """Of the stations that exist."""
    counts: dict[int, dict[str, Count]] = {}
    for station_id, kind, applied, missed, first_at in _COUNTED.rows(connection, ids):
        counts.setdefault(station_id, {})[kind] = Count(applied, missed, first_at)
    limits = recall_limits(connection, ids)
    return {
        station_id: Recalled(
            vendor, model, firmware, zone, None if assigned is None else tuple(assigned), counts.get(station_id, {}),
            limits.get(station_id),
        )
        for station_id, vendor, model, firmware, zone, assigned in _KNOWN.rows(connection, ids)
    }  # fmt: skip
