"""What a link must know of its station, to judge what it says."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select

from csms.domain.quirks.live import Count
from csms.domain.quirks.model import StationQuirks, StationRepair
from csms.domain.stations.limits import recall_limits
from csms.domain.stations.model import Location, Station


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
    counted = select(
        StationRepair.station_id,
        StationRepair.kind,
        StationRepair.applied,
        StationRepair.missed,
        StationRepair.first_at,
    )
    for station_id, kind, applied, missed, first_at in connection.execute(
        counted.where(StationRepair.station_id.in_(ids))
    ):
        counts.setdefault(station_id, {})[kind] = Count(applied, missed, first_at)
    known = (
        select(Station.id, Station.vendor, Station.model, Station.firmware_version, Location.time_zone,
               StationQuirks.repairs)
        .outerjoin(Location, Location.id == Station.location_id)
        .outerjoin(StationQuirks, StationQuirks.station_id == Station.id)
        .where(Station.id.in_(ids))
    )  # fmt: skip
    limits = recall_limits(connection, ids)
    return {
        station_id: Recalled(
            vendor, model, firmware, zone, None if assigned is None else tuple(assigned), counts.get(station_id, {}),
            limits.get(station_id),
        )
        for station_id, vendor, model, firmware, zone, assigned in connection.execute(known)
    }  # fmt: skip
