"""Counts sessions, energy and faults by location and local day."""

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.analytics import store
from csms.domain.facts.reaction import Reaction, StoredFact


async def _count(session: AsyncSession, fact: StoredFact, _now: datetime) -> None:
    if fact.kind == "ConnectorFaulted":
        place = await store.place_of(session, fact.station_id)
        await store.add(session, _day(_occurred_at(fact), place.time_zone), place.location_id, faults=1)
    else:
        await _count_session(session, fact)


async def _count_session(session: AsyncSession, fact: StoredFact) -> None:
    """A session that ends again had more, or less, than was thought; one that goes on counts when it has ended."""
    before = await store.take_counted(session, fact.session_id)
    if before is not None:
        await store.add(session, before.day, before.location_id, sessions=-1, energy_wh=-before.energy_wh)
    charged = await store.find_session(session, fact.session_id)
    if fact.kind != "SessionEnded" or charged is None:
        return
    place = await store.place_of(session, charged.station_id)
    day = _day(charged.started_at, place.time_zone)
    energy_wh = int(fact.detail["energy_wh"])
    await store.add(session, day, place.location_id, sessions=1, energy_wh=energy_wh)
    await store.keep_counted(session, charged.id, day, place.location_id, energy_wh)


def _occurred_at(fact: StoredFact) -> datetime:
    """When it happened, also if a station that had been offline told it late."""
    said = fact.detail.get("occurred_at")
    return datetime.fromisoformat(said) if said is not None else fact.at


def _day(at: datetime, time_zone: str) -> date:
    return at.astimezone(ZoneInfo(time_zone)).date()


DAILY_TOTALS: Final = Reaction(frozenset({"SessionEnded", "SessionReopened", "ConnectorFaulted"}), _count)
