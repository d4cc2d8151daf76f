"""The verbs on quirks: what was repaired, which repairs are on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.accounts.rules import Actor
from csms.domain.audit import service as audit
from csms.domain.quirks.errors import UnknownRepair
from csms.domain.quirks.model import StationQuirks, StationRepair
from csms.domain.quirks.rules import REPAIRS
from csms.domain.stations.bells import JUDGED_BY, ring_after_commit
from csms.domain.stations.model import Station
from csms.domain.stations.verbs.stations import get_station
from csms.kit.bus import Bus

SUGGESTED_AFTER = 3  # frames that a repair would have made acceptable


@dataclass(frozen=True, slots=True)
class Repairs:
    """A station's repairs: `assigned` by an operator (None: its maker's profile decides), and what was counted."""

    station: Station
    assigned: StationQuirks | None
    counted: Sequence[StationRepair]


async def get_repairs(session: AsyncSession, identity: str) -> Repairs:
    """Raises StationNotFound."""
    station = await get_station(session, identity)
    assigned = await session.get(StationQuirks, station.id)
    counted = select(StationRepair).where(StationRepair.station_id == station.id).order_by(StationRepair.kind)
    return Repairs(station, assigned, (await session.scalars(counted)).all())


async def assign(
    session: AsyncSession, bus: Bus, actor: Actor, identity: str, repairs: Sequence[str] | None, now: datetime
) -> None:
    """Switch on exactly these repairs for a station; None leaves them to its maker's profile again.

    Raises StationNotFound, UnknownRepair.
    """
    unknown = sorted(set(repairs or ()) - REPAIRS.keys())
    if unknown:
        raise UnknownRepair(f"There is no repair {', '.join(unknown)}.")
    station = await get_station(session, identity)
    row = await session.get(StationQuirks, station.id)
    before = None if row is None else {"repairs": row.repairs}
    after = None if repairs is None else {"repairs": list(dict.fromkeys(repairs))}
    if row is not None and after is None:
        await session.delete(row)
    elif after is not None:
        row = row or StationQuirks(station_id=station.id)
        row.repairs, row.set_by, row.set_at = after["repairs"], actor.label, now
        session.add(row)
    if before != after:
        await audit.record(
            session, actor, "change", "station_quirks", identity, before, after, now, location_id=station.location_id
        )
        ring_after_commit(session, bus, f"{JUDGED_BY}{station.id}")
