"""What a link must know of its station, to judge what it says."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection, select

from csms.domain.quirks.live import Count
from csms.domain.quirks.model import StationQuirks, StationRepair
from csms.domain.stations.model import Location, Station
from csms.kit.lookups import Lookup

_KNOWN: Final = Lookup(
    select(
        Station.id, Station.vendor, Station.model, Station.firmware_version, Location.time_zone, StationQuirks.repairs,
        StationRepair.kind, StationRepair.applied, StationRepair.missed, StationRepair.first_at,
    )
    .outerjoin(Location, Location.id == Station.location_id)
    .outerjoin(StationQuirks, StationQuirks.station_id == Station.id)
    .outerjoin(StationRepair, StationRepair.station_id == Station.id),
    Station.id,
)  # fmt: skip


class Recalled(NamedTuple):
    """What a station said of itself at its last boot, its location's zone, what is assigned and counted."""

    vendor: str | None
    model: str | None
    firmware_version: str | None
    time_zone: str | None
    assigned: tuple[str, ...] | None
    counts: dict[str, Count]


def recall_quirks(connection: Connection, ids: Sequence[int]) -> dict[int, Recalled]:
    """Of the stations that exist."""
    known: dict[int, Recalled] = {}
    for station_id, vendor, model, firmware, zone, assigned, kind, applied, missed, first_at in _KNOWN.rows(
        connection, ids
    ):
        quirks = known.get(station_id)
        if quirks is None:
            repairs = None if assigned is None else tuple(assigned)
            quirks = known[station_id] = Recalled(vendor, model, firmware, zone, repairs, {})
        if kind is not None:
            quirks.counts[kind] = Count(applied, missed, first_at)
    return known
