"""Every query on daily totals."""

from datetime import date
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, Date, Uuid, bindparam, delete, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.analytics.model import NOWHERE, CountedSession, DailyTotal
from csms.domain.sessions.model import Session
from csms.domain.stations.model import Location, Station

_ADD: Final = text(
    "INSERT INTO daily_totals (day, location_id, sessions, energy_wh, faults) "
    "VALUES (:day, :location_id, :sessions, :energy_wh, :faults) "
    "ON CONFLICT (day, location_id) DO UPDATE SET sessions = daily_totals.sessions + excluded.sessions, "
    "energy_wh = daily_totals.energy_wh + excluded.energy_wh, faults = daily_totals.faults + excluded.faults"
).bindparams(
    bindparam("day", type_=Date()),
    bindparam("location_id", type_=Uuid()),
    bindparam("energy_wh", type_=BigInteger()),
)


class Place(NamedTuple):
    """A location and its time zone, an IANA name."""

    location_id: UUID
    time_zone: str


async def add(
    session: AsyncSession, day: date, location_id: UUID, *, sessions: int = 0, energy_wh: int = 0, faults: int = 0
) -> None:
    """Add to a day's totals; negative to take back."""
    values = {"day": day, "location_id": location_id, "sessions": sessions, "energy_wh": energy_wh, "faults": faults}
    await session.execute(_ADD, values)


async def place_of(session: AsyncSession, station_id: int | None) -> Place:
    query = select(Location.id, Location.time_zone).join(Station, Station.location_id == Location.id)
    row = (await session.execute(query.where(Station.id == station_id))).first()
    return Place(*row) if row is not None else Place(NOWHERE, "UTC")


async def find_session(session: AsyncSession, session_id: int | None) -> Session | None:
    return await session.scalar(select(Session).where(Session.id == session_id))


async def take_counted(session: AsyncSession, session_id: int | None) -> CountedSession | None:
    """What was counted of a session, which no longer is."""
    counted = await session.scalar(select(CountedSession).where(CountedSession.session_id == session_id))
    if counted is not None:
        await session.execute(delete(CountedSession).where(CountedSession.session_id == session_id))
    return counted


async def keep_counted(session: AsyncSession, session_id: int, day: date, location_id: UUID, energy_wh: int) -> None:
    values = {"session_id": session_id, "day": day, "location_id": location_id, "energy_wh": energy_wh}
    await session.execute(insert(CountedSession).values(**values))


async def totals(session: AsyncSession, since: date, until: date, location_id: UUID | None) -> list[DailyTotal]:
    """Days from `since` to `until`, both counted; of all locations together unless one is named."""
    query = (
        select(
            DailyTotal.day, func.sum(DailyTotal.sessions), func.sum(DailyTotal.energy_wh), func.sum(DailyTotal.faults)
        )
        .where(DailyTotal.day >= since, DailyTotal.day <= until)
        .group_by(DailyTotal.day)
        .order_by(DailyTotal.day)
    )
    if location_id is not None:
        query = query.where(DailyTotal.location_id == location_id)
    return [
        DailyTotal(
            day=day, location_id=location_id or NOWHERE, sessions=int(count), energy_wh=int(energy), faults=int(faults)
        )
        for day, count, energy, faults in await session.execute(query)
    ]
