"""Stored frames: every call and its answer, as they were on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from fastapi import Depends, Query
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from csms.api.context import Context
from csms.api.identities import sees_all_identities, without_identities
from csms.api.operator.secret_values import without_secrets
from csms.api.operator.times import BIGGEST, From, StationIdentity, To
from csms.api.rights import MayReadMessages
from csms.api.routing import router
from csms.api.schemas import Out
from csms.domain.accounts.rules import Actor, Right
from csms.domain.commands.secrets import HIDDEN
from csms.domain.sessions import service as sessions
from csms.domain.stations.verbs import frames as verbs
from csms.domain.stations.verbs.stations import station_id
from csms.domain.stations.views import FrameFilter, FrameSearch, FrameView
from csms.kit.clock import microseconds

frames = router("/frames", "Frames")
station_frames = router("/stations", "Frames")

_DEEPEST = 50


class FrameOut(Out):
    id: int = Field(description="microseconds from 1970 to its arrival or departure")
    at: datetime
    station: str | None = Field(description="identity of the station, unless it was deleted since")
    direction: str = Field(description="in: from the station, out: to it")
    action: str | None
    message_id: str | None
    outcome: str = Field(description="waiting, result, error, timeout, abandoned, malformed or unmatched")
    error_code: str | None
    call: Any = Field(description="JSON as it was, or text when it was none")
    answer: Any = None
    answered_at: datetime | None
    latency_ms: float | None
    session_uid: UUID | None
    repairs: list[str] = Field(description="what was mended before it was read; `call` is as it came")


class FramesOut(Out):
    """Frames, newest first. A search looks at 50,000 frames at a time, so it may find few and still not be at its end."""

    items: list[FrameOut]
    before: int | None = Field(description="ask for frames before this id to go on; null at the end")


class Asked:
    """The filters of a search for frames."""

    def __init__(
        self,
        since: From = None,
        until: To = None,
        action: Annotated[str | None, Query(max_length=50)] = None,
        direction: Literal["in", "out"] | None = None,
        outcome: Annotated[str | None, Query(max_length=20)] = None,
        error_code: Annotated[str | None, Query(max_length=50)] = None,
        text: Annotated[str | None, Query(max_length=200, description="part of call or answer, with its case")] = None,
        before: Annotated[int | None, Query(ge=0, le=BIGGEST, description="only frames with a smaller id")] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> None:
        self.before = before
        self.limit = limit
        self._rest = (action, direction, outcome, error_code, None, text, since, until)

    def of(self, station_id: int | None) -> FrameFilter:
        return FrameFilter(station_id, *self._rest)


def _readable(wire: bytes | None, *, identities: bool) -> Any:
    """JSON when it is some (and not nested beyond reason), else text; secrets hidden, and who drives where that is asked."""
    if wire is None:
        return None
    try:
        read = without_secrets(_bounded(msgspec.json.decode(wire), _DEEPEST))
        return read if identities else without_identities(read)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return wire.decode(errors="replace") if identities else HIDDEN


def _bounded(value: Any, deepest: int) -> Any:
    if isinstance(value, list | dict):
        if deepest == 0:
            raise RecursionError
        for item in value.values() if isinstance(value, dict) else value:
            _bounded(item, deepest - 1)
    return value


def _show(view: FrameView, uids: dict[int, UUID], *, identities: bool) -> FrameOut:
    frame = view.frame
    answered = microseconds(frame.answered_at) - frame.id if frame.answered_at is not None else None
    return FrameOut(
        id=frame.id,
        at=frame.at,
        station=view.identity,
        direction=frame.direction,
        action=frame.action,
        message_id=frame.message_id,
        outcome=frame.outcome,
        error_code=frame.error_code,
        call=_readable(frame.call, identities=identities),
        answer=_readable(frame.answer, identities=identities),
        answered_at=frame.answered_at,
        latency_ms=answered / 1000 if answered is not None else None,
        session_uid=uids.get(frame.session_id) if frame.session_id is not None else None,
        repairs=frame.repairs.split(",") if frame.repairs else [],
    )


async def show_frames(session: AsyncSession, found: FrameSearch, actor: Actor) -> FramesOut:
    uids = await sessions.uids_of(
        session, (view.frame.session_id for view in found.items if view.frame.session_id is not None)
    )
    identities = sees_all_identities(actor, Right.MESSAGES_READ)
    return FramesOut(items=[_show(view, uids, identities=identities) for view in found.items], before=found.before)


@frames.get("")
async def search_frames(
    actor: MayReadMessages, context: Context, asked: Annotated[Asked, Depends()], station: StationIdentity = None
) -> FramesOut:
    async with context.database.view() as session:
        wanted = asked.of(await station_id(session, station))
        found = await verbs.search_frames(session, wanted, asked.before, asked.limit)
        return await show_frames(session, found, actor)


@station_frames.get("/{identity}/frames")
async def search_station_frames(
    actor: MayReadMessages, context: Context, identity: str, asked: Annotated[Asked, Depends()]
) -> FramesOut:
    async with context.database.view() as session:
        wanted = asked.of(await station_id(session, identity))
        found = await verbs.search_frames(session, wanted, asked.before, asked.limit)
        return await show_frames(session, found, actor)
