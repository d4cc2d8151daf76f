"""Every query on daily totals; those of the reaction are made once, and on tables, as in facts/store.py."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, Date, Uuid, bindparam, delete, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.analytics.model import NOWHERE, CountedSession, DailyTotal
from csms.domain.sessions.model import Session
from csms.domain.stations.model import Location, Station
from csms.kit.lookups import Lookup

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

_counted, _sessions = CountedSession.__table__, Session.__table__
_stations, _locations = Station.__table__, Location.__table__
_COUNTED: Final = Lookup(
    select(_counted.c.session_id, _counted.c.day, _counted.c.location_id, _counted.c.energy_wh), _counted.c.session_id
)
_DISCOUNT: Final = delete(_counted).where(  # type: ignore[arg-type]
    _counted.c.session_id.in_(bindparam("ids", expanding=True))
)
_KEEP: Final = insert(_counted)  # type: ignore[arg-type]
_BEGUN: Final = Lookup(select(_sessions.c.id, _sessions.c.station_id, _sessions.c.started_at), _sessions.c.id)
_PLACES: Final = Lookup(
    select(_stations.c.id, _locations.c.id, _locations.c.time_zone).join(
        _locations, _stations.c.location_id == _locations.c.id
    ),
    _stations.c.id,
)


class Place(NamedTuple):
    """A location and its time zone, an IANA name."""

    location_id: UUID
    time_zone: str


class Added(NamedTuple):
    """What is added to a day's totals; negative to take back."""

    sessions: int = 0
    energy_wh: int = 0
    faults: int = 0

    def __add__(self, other: "Added") -> "Added":  # type: ignore[override] # totals, not a sequence
        return Added(*map(sum, zip(self, other, strict=True)))


class CountedAs(NamedTuple):
    """Where and with how much a session is counted."""

    session_id: int
    day: date
    location_id: UUID
    energy_wh: int


async def add(session: AsyncSession, totals: Mapping[tuple[date, UUID], Added]) -> None:
    """Add to the totals of days and locations; always in the same order, so that no two wait for each other."""
    rows = [
        {"day": day, "location_id": location_id, **added._asdict()}
        for (day, location_id), added in sorted(totals.items())
    ]
    if rows:
        await session.execute(_ADD, rows)


async def places_of(session: AsyncSession, station_ids: Iterable[int | None]) -> dict[int | None, Place]:
    """Where stations are; those that have no location are nowhere."""
    ids = set(station_ids)
    rows = await _PLACES.found(session, [id_ for id_ in ids if id_ is not None])
    found: dict[int | None, Place] = {row[0]: Place(row[1], row[2]) for row in rows}
    return {id_: found.get(id_, Place(NOWHERE, "UTC")) for id_ in ids}


async def find_sessions(session: AsyncSession, session_ids: Iterable[int]) -> dict[int, tuple[int, datetime]]:
    """The station of each, and when it began."""
    rows = await _BEGUN.found(session, list(session_ids))
    return {id_: (station_id, started_at) for id_, station_id, started_at in rows}


async def take_counted(session: AsyncSession, session_ids: Iterable[int]) -> list[CountedAs]:
    """What was counted of these sessions, and no longer is."""
    these = list(session_ids)
    counted = [CountedAs(*row) for row in await _COUNTED.found(session, these)]
    if counted:
        await session.execute(_DISCOUNT, {"ids": these})
    return counted


async def keep_counted(session: AsyncSession, counted: Sequence[CountedAs]) -> None:
    if counted:
        await session.execute(_KEEP, [one._asdict() for one in counted])


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
