"""Every query on reservations."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.commands.unanswered import unanswered
from csms.domain.reservations.model import ACCEPTED, DROPPED, EXPIRED, FAILED, REQUESTED, Reservation
from csms.domain.stations.listing import read_keys
from csms.domain.stations.model import Connector, Station
from csms.kit.paging import Slice

_CLOCKS_DIFFER = timedelta(minutes=1)
_OUT_OF_USE = ("faulted", "unavailable")
SORTABLE = {
    "id": Reservation.id,
    "created_at": Reservation.created_at,
    "expires_at": Reservation.expires_at,
    "station": Station.identity,
    "evse": Reservation.evse,
    "id_token": Reservation.id_token,
    "state": Reservation.state,
}


@dataclass(frozen=True, slots=True)
class ReservationFilter:
    station_id: int | None = None
    state: str | None = None
    id_token: str | None = None
    evse: int | None = None


class ReservationView(NamedTuple):
    """A reservation and the identity of its station."""

    reservation: Reservation
    identity: str


async def find(session: AsyncSession, uid: UUID) -> ReservationView | None:
    query = select(Reservation, Station.identity).join(Station, Station.id == Reservation.station_id)
    row = (await session.execute(query.where(Reservation.uid == uid))).first()
    return ReservationView(*row) if row is not None else None


async def page(session: AsyncSession, asked: ReservationFilter, wanted: Slice) -> tuple[list[ReservationView], int]:
    matching = counted = select(Reservation.id).where(*_conditions(asked))
    if (wanted.sort or "").removeprefix("-") == "station":
        matching = matching.join(Station, Station.id == Reservation.station_id)
    keys, total = await read_keys(session, matching, Reservation.id, SORTABLE, wanted, counted=counted)
    query = select(Reservation, Station.identity).join(Station, Station.id == Reservation.station_id)
    rows = await session.execute(query.where(Reservation.id.in_(keys)))
    by_key = {reservation.id: ReservationView(reservation, identity) for reservation, identity in rows}
    return [by_key[key] for key in keys if key in by_key], total


def _conditions(asked: ReservationFilter) -> Iterator[ColumnElement[bool]]:
    exact = {
        Reservation.station_id: asked.station_id,
        Reservation.state: asked.state,
        Reservation.id_token: asked.id_token,
        Reservation.evse: asked.evse,
    }
    for column, value in exact.items():
        if value is not None:
            yield column == value


async def reserved_evses(session: AsyncSession, station_id: int, now: datetime) -> Sequence[int]:
    held = select(Reservation.evse).where(
        Reservation.station_id == station_id,
        Reservation.state.in_((REQUESTED, ACCEPTED)),
        Reservation.expires_at > now,
    )
    return (await session.scalars(held)).all()


async def statuses(session: AsyncSession, station_id: int) -> dict[int, str]:
    rows = await session.execute(select(Connector.evse, Connector.status).where(Connector.station_id == station_id))
    return {evse: status for evse, status in rows}  # noqa: C416 - a Row is no tuple to mypy


async def mark_failed(session: AsyncSession, now: datetime) -> None:
    """Reservations whose command will never be answered."""
    lost = update(Reservation).where(Reservation.state == REQUESTED, unanswered(Reservation.command_id))
    await session.execute(lost.values(state=FAILED, settled_at=now).execution_options(synchronize_session=False))


async def any_to_settle(session: AsyncSession, now: datetime) -> bool:
    """Whether time or a lost command has settled any; a cheap look before a unit that writes."""
    return (await session.scalar(_any_to_settle(), {"now": now, "surely_now": now + _CLOCKS_DIFFER})) is not None


@cache
def _any_to_settle() -> Select[int]:
    due = or_(
        (Reservation.state == ACCEPTED) & (Reservation.expires_at <= bindparam("now")),
        (Reservation.state == REQUESTED) & unanswered(Reservation.command_id),
        _given_up(bindparam("surely_now")),
    )
    return select(Reservation.id).where(due).limit(1)


def _given_up(surely_now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """Accepted ones whose place has been reported as broken, out of use, or (a certain one) as free again since.

    A station that keeps a place reports it as reserved; it ends a reservation by itself on a fault and when it is made
    inoperative (OCPP 1.6 §5.13), and says no more of that than the connector's status. Free shortly before its end means that
    the station's clock is ahead.
    """
    whole = (Connector.evse == 0) & Connector.status.in_(_OUT_OF_USE)
    free = (Connector.status == "available") & (Reservation.expires_at > surely_now)
    own = (Connector.evse == Reservation.evse) & (Reservation.evse > 0) & (Connector.status.in_(_OUT_OF_USE) | free)
    since = (Connector.station_id == Reservation.station_id) & (Connector.received_at > Reservation.settled_at)
    return and_(Reservation.state == ACCEPTED, select(Connector.station_id).where(since, whole | own).exists())


async def mark_dropped(session: AsyncSession, now: datetime) -> list[tuple[int, int]]:
    """Those that their stations have given up; gives their (station id, number)."""
    dropped = (
        update(Reservation)
        .where(_given_up(now + _CLOCKS_DIFFER))
        .values(state=DROPPED, ended_at=now)
        .returning(Reservation.station_id, Reservation.id)
        .execution_options(synchronize_session=False)
    )
    return [(station_id, number) for station_id, number in await session.execute(dropped)]


async def mark_expired(session: AsyncSession, now: datetime) -> list[tuple[int, int]]:
    """Accepted ones whose time is up; gives their (station id, number)."""
    late = (
        update(Reservation)
        .where(Reservation.state == ACCEPTED, Reservation.expires_at <= now)
        .values(state=EXPIRED, ended_at=Reservation.expires_at)
        .returning(Reservation.station_id, Reservation.id)
        .execution_options(synchronize_session=False)
    )
    return [(station_id, number) for station_id, number in await session.execute(late)]
