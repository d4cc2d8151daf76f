"""The verbs on reservations."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.accounts.rules import Actor
from csms.domain.audit import service as audit
from csms.domain.authorization import store as id_tokens
from csms.domain.authorization.rules import Authorization, KnownToken, authorize, token_key
from csms.domain.commands import service as commands
from csms.domain.commands.feature_verbs import CancelReservation, ReserveNow
from csms.domain.reservations import store
from csms.domain.reservations.errors import ExpiresTooSoon, ReservationConflict, ReservationNotFound
from csms.domain.reservations.model import REQUESTED, Reservation
from csms.domain.reservations.rules import Situation, objections
from csms.domain.reservations.store import ReservationFilter, ReservationView
from csms.domain.stations.model import Station
from csms.domain.stations.verbs import stations
from csms.kit.bus import Bus
from csms.kit.database import Database
from csms.kit.facts import FactRow
from csms.kit.ids import uuid7
from csms.kit.paging import Page, Slice

__all__ = ["NewReservation", "ReservationFilter", "ReservationView", "cancel", "due", "get", "list_", "reserve"]

RESERVE = "reserve"
CANCEL = "cancel-reservation"


@dataclass(frozen=True, slots=True)
class NewReservation:
    """`evse` 0 is any of the station; without `group_id` the id token's own group may use the reservation too."""

    id_token: str
    expires_at: datetime
    evse: int = 0
    group_id: str | None = None


async def list_(session: AsyncSession, asked: ReservationFilter, wanted: Slice) -> Page[ReservationView]:
    items, total = await store.page(session, asked, wanted)
    return Page(items, total, wanted.offset, wanted.limit)


async def get(session: AsyncSession, uid: UUID) -> ReservationView:
    """Raises ReservationNotFound."""
    view = await store.find(session, uid)
    if view is None:
        raise ReservationNotFound
    return view


async def reserve(
    session: AsyncSession,
    bus: Bus,
    actor: Actor,
    station: Station,
    new: NewReservation,
    now: datetime,
    *,
    check: bool = False,
    expires_in_s: float = commands.EXPIRES_IN_S,
) -> Reservation:
    """Ask the station to keep a place; it decides. With `check` raises ReservationConflict when we foresee a refusal."""
    if new.expires_at <= now:
        raise ExpiresTooSoon(field="expires_at")
    token = await _known_token(session, new.id_token)
    if check:
        await _check(session, station, new, token, now)
    group_id = new.group_id or (token.group_id if token is not None else None)
    reservation = Reservation(
        uid=uuid7(now),
        station_id=station.id,
        evse=new.evse,
        id_token=new.id_token,
        group_id=group_id,
        state=REQUESTED,
        requested_by=actor.label,
        created_at=now,
        expires_at=new.expires_at,
    )
    session.add(reservation)
    await session.flush()
    wish = ReserveNow(reservation.id, new.evse, new.id_token, new.expires_at, group_id)
    wait_s = min(expires_in_s, (new.expires_at - now).total_seconds())
    command = await commands.place(session, bus, actor, station, RESERVE, wish, now=now, expires_in_s=wait_s)
    reservation.command_id = command.id
    await audit.record(
        session,
        actor,
        "create",
        "reservation",
        reservation.uid,
        None,
        snapshot(reservation),
        now,
        location_id=station.location_id,
    )
    return reservation


async def _known_token(session: AsyncSession, uid: str) -> KnownToken | None:
    row = await id_tokens.find_by_key(session, token_key(uid))
    return KnownToken(row.uid, row.group_id, row.status, row.expires_at, ()) if row is not None else None


async def _check(
    session: AsyncSession, station: Station, new: NewReservation, token: KnownToken | None, now: datetime
) -> None:
    configuration = await stations.get_configuration(session, station.identity)
    zero = next((key.value for key in configuration.keys if key.key == "ReserveConnectorZeroSupported"), None)
    situation = Situation(
        await stations.is_online(session, station.id),
        await store.statuses(session, station.id),
        await store.reserved_evses(session, station.id, now),
        zero is None or zero.lower() == "true",
    )
    decision: Authorization = authorize(token, now)
    found = objections(new.evse, decision, situation)
    if found:
        raise ReservationConflict(" ".join(found), objections=found)


async def cancel(
    session: AsyncSession, bus: Bus, actor: Actor, uid: UUID, now: datetime, *, expires_in_s: float = commands.TIMEOUT_S
) -> ReservationView:
    """Ask the station to give the place free, whatever we believe of the reservation; it is cancelled when it agrees."""
    view = await get(session, uid)
    station = await stations.get_station(session, view.identity)
    wish = CancelReservation(view.reservation.id)
    command = await commands.place(session, bus, actor, station, CANCEL, wish, now=now, expires_in_s=expires_in_s)
    before = snapshot(view.reservation)
    view.reservation.cancel_command_id = command.id
    view.reservation.cancel_answer = None
    await audit.record(session, actor, "cancel", "reservation", uid, before, None, now, location_id=station.location_id)
    return view


async def due(database: Database, now: datetime) -> None:
    """Expire what has not been used in time, and give up what was never answered or is kept no longer."""
    if not await database.look(partial(store.any_to_settle, now=now)):
        return
    async with database.unit() as session:
        await store.mark_failed(session, now)
        for kind, ended in (
            ("ReservationExpired", await store.mark_expired(session, now)),
            ("ReservationDropped", await store.mark_dropped(session, now)),
        ):
            for station_id, number in ended:
                session.add(FactRow(kind=kind, at=now, station_id=station_id, detail={"reservation": number}))


def snapshot(reservation: Reservation) -> dict[str, Any]:
    """What the audit trail says of a reservation."""
    return {
        "number": reservation.id,
        "evse": reservation.evse,
        "id_token": reservation.id_token,
        "group_id": reservation.group_id,
        "state": reservation.state,
        "expires_at": reservation.expires_at.isoformat(),
    }
