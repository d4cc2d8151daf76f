"""Reservations: places kept for an id token until a time."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import Field, StringConstraints

from csms.api.context import ApiContext, Context
from csms.api.identities import masked, masked_or_none, sees_all_identities
from csms.api.operator.commands import ExpiresIn, Wait
from csms.api.operator.times import StationIdentity
from csms.api.paging import PageOut, slice_of
from csms.api.rights import MayReadReservations, MayReserve, refusal
from csms.api.routing import router
from csms.api.schemas import Body, Out, Time
from csms.domain.accounts.rules import Right
from csms.domain.commands import service as commands
from csms.domain.reservations import service as verbs
from csms.domain.reservations.service import NewReservation, ReservationFilter, ReservationView
from csms.domain.stations.verbs import stations
from csms.kit.paging import Slice

reservations = router("/reservations", "Reservations")

Uid = Annotated[str, StringConstraints(min_length=1, max_length=20, pattern=r"^[ -~]+$")]
State = Literal["requested", "accepted", "refused", "failed", "used", "cancelled", "expired", "dropped"]
Check = Annotated[
    bool, Query(description="refuse (409) when we foresee that the station will; else it is asked in any case")
]


class ReservationIn(Body):
    station: str = Field(max_length=48, description="identity of the station")
    evse: int = Field(default=0, ge=0, le=9_999, description="0: any of the station")
    id_token: Uid
    group_id: Uid | None = Field(default=None, description="the parent id token; without it the id token's own group")
    expires_at: Time


class ReservationOut(Out):
    id: UUID
    number: int = Field(description="the number the station knows it by")
    station: str
    evse: int
    id_token: str
    group_id: str | None
    state: State
    answer: str | None = Field(
        description="what the station said: accepted, faulted, occupied, unavailable or rejected"
    )
    cancel_answer: str | None = Field(description="what the station last said to a cancellation")
    requested_by: str
    created_at: datetime
    expires_at: datetime
    settled_at: datetime | None = Field(description="when the station answered, or was given up")
    ended_at: datetime | None = Field(description="when it was used, cancelled or dropped, or expired")
    transaction_id: int | None = Field(description="the transaction that used it")
    command_id: UUID | None
    cancel_command_id: UUID | None


Part = Annotated[
    Slice, slice_of("id", "created_at", "expires_at", "station", "evse", "id_token", "state", default="-id")
]


def show(view: ReservationView, *, identities: bool = True) -> ReservationOut:
    row = view.reservation
    columns = {name: getattr(row, name) for name in ReservationOut.model_fields if hasattr(row, name)}
    own = {"id": row.uid, "number": row.id, "station": view.identity, "transaction_id": row.session_id}
    if not identities:
        own |= {"id_token": masked(row.id_token), "group_id": masked_or_none(row.group_id)}
    return ReservationOut(**(columns | own))


async def _after(context: ApiContext, uid: UUID, command_id: UUID | None, wait_s: float) -> ReservationOut:
    """The reservation once the station has answered, or as it is after the wait."""
    if command_id is not None and wait_s > 0:
        settled = await commands.wait_until_settled(
            context.database, context.bus, command_id, wait_s, context.leaving.is_set
        )
        if settled.command.state in ("failed", "expired"):
            await verbs.due(context.database, context.clock.now())
    async with context.database.view() as session:
        return show(await verbs.get(session, uid))


@reservations.get("")
async def list_reservations(
    actor: MayReadReservations,
    context: Context,
    part: Part,
    station: StationIdentity = None,
    state: State | None = None,
    id_token: Annotated[str | None, Query(max_length=20)] = None,
    evse: Annotated[int | None, Query(ge=0, le=9_999)] = None,
) -> PageOut[ReservationOut]:
    identities = sees_all_identities(actor, Right.RESERVATIONS_READ)
    if id_token is not None and not identities:
        raise refusal(actor, Right.IDENTITIES_READ)
    async with context.database.view() as session:
        asked = ReservationFilter(await stations.station_id(session, station), state, id_token, evse)
        return PageOut.of(await verbs.list_(session, asked, part), lambda view: show(view, identities=identities))


@reservations.post("", status_code=201)
async def create_reservation(
    actor: MayReserve,
    context: Context,
    body: ReservationIn,
    check: Check = False,
    wait: Wait = 0,
    expires_in: ExpiresIn = commands.EXPIRES_IN_S,
) -> ReservationOut:
    """Ask the station to keep a place; its answer decides what becomes of the reservation."""
    new = NewReservation(body.id_token, body.expires_at, body.evse, body.group_id)
    async with context.database.view() as session:
        station = await stations.get_station(session, body.station)
    async with context.whole.unit() as session:  # the id token may be of another organisation
        made = await verbs.reserve(
            session, context.bus, actor, station, new, context.clock.now(), check=check, expires_in_s=expires_in
        )
        uid, command_id = made.uid, made.command_id
    return await _after(context, uid, command_id, wait)


@reservations.get("/{reservation_id}")
async def get_reservation(actor: MayReadReservations, context: Context, reservation_id: UUID) -> ReservationOut:
    identities = sees_all_identities(actor, Right.RESERVATIONS_READ)
    async with context.database.view() as session:
        return show(await verbs.get(session, reservation_id), identities=identities)


@reservations.post("/{reservation_id}/cancel")
async def cancel_reservation(
    actor: MayReserve, context: Context, reservation_id: UUID, wait: Wait = 0
) -> ReservationOut:
    """Ask the station to give the place free; the reservation is cancelled when it agrees."""
    async with context.database.unit() as session:
        view = await verbs.cancel(session, context.bus, actor, reservation_id, context.clock.now())
        command_id = view.reservation.cancel_command_id
    return await _after(context, reservation_id, command_id, wait)
