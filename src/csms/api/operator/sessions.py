"""Charging sessions and their readings."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from fastapi import Depends, Query
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from csms.api.context import Context
from csms.api.identities import masked_or_none, sees_all_identities, sees_identities
from csms.api.operator.frames import FramesOut, show_frames
from csms.api.operator.times import BIGGEST, From, StationIdentity, To
from csms.api.paging import PageOut, slice_of
from csms.api.rights import MayReadMessages, MayReadSessions, refusal
from csms.api.routing import router
from csms.api.schemas import Out
from csms.domain.accounts.rules import Actor, Right
from csms.domain.sessions import service as verbs
from csms.domain.sessions.model import Reading
from csms.domain.sessions.views import SessionFilter, SessionView
from csms.domain.stations.verbs import frames as frame_verbs
from csms.domain.stations.verbs.stations import station_id
from csms.kit.paging import Page, Slice

sessions = router("/sessions", "Sessions")


class SessionLocationOut(Out):
    id: UUID
    name: str
    time_zone: str


class SessionOut(Out):
    uid: UUID
    transaction_id: int
    station: str = Field(description="identity of the station")
    location: SessionLocationOut | None
    evse: int
    connector: int
    state: str = Field(description="active or ended")
    id_token: str
    group_id: str | None
    authorization: str = Field(description="what the id token was worth at the start")
    reservation_id: int | None
    started_at: datetime = Field(description="the station's time")
    started_received_at: datetime
    ended_at: datetime | None = Field(description="the station's time")
    ended_received_at: datetime | None
    meter_start_wh: int
    meter_stop_wh: int | None
    energy_wh: int
    power_w: float | None
    soc_percent: float | None
    reading_at: datetime | None
    ended_by: str | None
    stop_reason: str | None
    stop_id_token: str | None
    needs_review: bool


class ReadingOut(Out):
    """What was measured at one moment; `samples` are all values as they came."""

    at: datetime = Field(description="the station's time")
    context: str
    evse: int
    energy_wh: float | None = Field(description="the meter's register")
    power_w: float | None
    soc_percent: float | None
    samples: Any


class SessionDetailOut(SessionOut):
    readings: PageOut[ReadingOut] = Field(description="the newest readings, newest first")


class TotalsOut(Out):
    sessions: int
    active: int
    energy_wh: int


class Asked:
    """The filters of a list of sessions."""

    def __init__(
        self,
        since: From = None,
        until: To = None,
        station: StationIdentity = None,
        location_id: UUID | None = None,
        state: Literal["active", "ended"] | None = None,
        id_token: Annotated[str | None, Query(max_length=20, description="case does not matter")] = None,
        authorization: Literal["accepted", "invalid", "blocked", "expired", "concurrent"] | None = None,
        needs_review: bool | None = None,
    ) -> None:
        self._station = station
        self._id_token = id_token
        self._rest = (location_id, state, id_token, authorization, since, until, needs_review)

    async def of(self, session: AsyncSession, actor: Actor) -> SessionFilter:
        """Raises StationNotFound, and NotAllowed for who would learn from it whose an id token is."""
        if self._id_token is not None and not sees_all_identities(actor, Right.SESSIONS_READ):
            raise refusal(actor, Right.IDENTITIES_READ)
        return SessionFilter(await station_id(session, self._station), *self._rest)


def show_session(view: SessionView, actor: Actor) -> SessionOut:
    row = view.session
    columns = {name: getattr(row, name) for name in SessionOut.model_fields if hasattr(row, name)}
    if not sees_identities(actor, view.location):
        columns |= {name: masked_or_none(columns[name]) for name in ("id_token", "group_id", "stop_id_token")}
    location = SessionLocationOut.model_validate(view.location) if view.location is not None else None
    return SessionOut(
        **columns,
        transaction_id=row.id,
        station=view.station.identity,
        location=location,
        needs_review=view.needs_review,
    )


def show_reading(reading: Reading) -> ReadingOut:
    columns = {name: getattr(reading, name) for name in ReadingOut.model_fields if name != "samples"}
    return ReadingOut(**columns, samples=msgspec.json.decode(reading.samples) if reading.samples else [])


@sessions.get("")
async def list_sessions(
    actor: MayReadSessions,
    context: Context,
    part: Annotated[
        Slice,
        slice_of(
            "started_at", "ended_at", "energy_wh", "power_w", "soc_percent", "state", "authorization", "id_token",
            "stop_reason", "transaction_id", "station", default="-started_at",
        ),
    ],
    asked: Annotated[Asked, Depends()],
) -> PageOut[SessionOut]:  # fmt: skip
    async with context.database.view() as session:
        page = await verbs.list_sessions(session, await asked.of(session, actor), part)
        return PageOut.of(page, lambda view: show_session(view, actor))


@sessions.get("/summary")
async def total_sessions(actor: MayReadSessions, context: Context, asked: Annotated[Asked, Depends()]) -> TotalsOut:
    """Totals of the sessions that a list with the same filters would have."""
    async with context.database.view() as session:
        return TotalsOut.model_validate(await verbs.total_sessions(session, await asked.of(session, actor)))


@sessions.get("/{uid}")
async def get_session(actor: MayReadSessions, context: Context, uid: UUID) -> SessionDetailOut:
    async with context.database.view() as session:
        view = await verbs.get_session(session, uid)
        readings: Page[Reading] = await verbs.list_readings(session, uid, Slice(0, 100, "-at"))
    shown = show_session(view, actor).model_dump()
    return SessionDetailOut(**shown, readings=PageOut.of(readings, show_reading))


@sessions.get("/{uid}/readings")
async def list_readings(
    _: MayReadSessions, context: Context, uid: UUID, part: Annotated[Slice, slice_of("at", default="at")]
) -> PageOut[ReadingOut]:
    async with context.database.view() as session:
        return PageOut.of(await verbs.list_readings(session, uid, part), show_reading)


@sessions.get("/{uid}/frames")
async def list_session_frames(
    actor: MayReadMessages,
    context: Context,
    uid: UUID,
    before: Annotated[int | None, Query(ge=0, le=BIGGEST, description="only frames with a smaller id")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> FramesOut:
    """The frames behind a session, newest first."""
    async with context.database.view() as session:
        view = await verbs.get_session(session, uid)
        asked = verbs.frames_behind(view.session)
        return await show_frames(session, await frame_verbs.search_frames(session, asked, before, limit), actor)
