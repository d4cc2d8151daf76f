"""Counts sessions, energy and faults by location and local day."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.analytics import store
from csms.domain.analytics.store import Added, CountedAs
from csms.domain.facts.reaction import Reaction, StoredFact

ENDED: Final = "SessionEnded"
FAULTED: Final = "ConnectorFaulted"


async def _count(session: AsyncSession, facts: Sequence[StoredFact], _now: datetime) -> None:
    """A session that ends again had more, or less, than was thought; one that goes on counts when it has ended."""
    totals: defaultdict[tuple[date, UUID], Added] = defaultdict(Added)
    latest = {fact.session_id: fact for fact in facts if fact.session_id is not None and fact.kind != FAULTED}
    for before in await store.take_counted(session, latest):
        totals[before.day, before.location_id] += Added(sessions=-1, energy_wh=-before.energy_wh)
    charged = await store.find_sessions(session, [id_ for id_, fact in latest.items() if fact.kind == ENDED])
    faults = [fact for fact in facts if fact.kind == FAULTED]
    stations = {station_id for station_id, _ in charged.values()} | {fact.station_id for fact in faults}
    places = await store.places_of(session, stations)
    counted = []
    for id_, (station_id, started_at) in charged.items():
        place = places[station_id]
        one = CountedAs(id_, _day(started_at, place.time_zone), place.location_id, int(latest[id_].detail["energy_wh"]))
        totals[one.day, one.location_id] += Added(sessions=1, energy_wh=one.energy_wh)
        counted.append(one)
    for fact in faults:
        place = places[fact.station_id]
        totals[_day(_occurred_at(fact), place.time_zone), place.location_id] += Added(faults=1)
    await store.keep_counted(session, counted)
    await store.add(session, totals)


def _occurred_at(fact: StoredFact) -> datetime:
    """When it happened, also if a station that had been offline told it late."""
    said = fact.detail.get("occurred_at")
    return datetime.fromisoformat(said) if said is not None else fact.at


def _day(at: datetime, time_zone: str) -> date:
    return at.astimezone(ZoneInfo(time_zone)).date()


DAILY_TOTALS: Final = Reaction(frozenset({ENDED, "SessionReopened", FAULTED}), _count)
