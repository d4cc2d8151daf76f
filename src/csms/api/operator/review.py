"""The review list: what a person should look at, because energy or money may hang on it."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path
from pydantic import Field, StringConstraints

from csms.api.context import Context
from csms.api.operator.times import BIGGEST, StationIdentity
from csms.api.paging import PageOut, slice_of
from csms.api.rights import MayReadSessions, MayReview
from csms.api.routing import router
from csms.api.schemas import Body, Out
from csms.domain.sessions import service as verbs
from csms.domain.sessions.views import ReviewFilter, ReviewView
from csms.domain.stations.verbs.stations import station_id
from csms.kit.paging import Slice

review = router("/review", "Review list")

Kind = Literal[
    "unknown_transaction",
    "refused_energy",
    "meter_backwards",
    "conflicting_stop",
    "not_stopped",
    "clock_wrong",
    "over_power",
]
ItemId = Annotated[int, Path(ge=1, le=BIGGEST)]


class ReviewItemOut(Out):
    id: int
    kind: str
    station: str | None = Field(description="identity of the station, unless it was deleted since")
    subject: str
    session_uid: UUID | None
    frame_id: int
    at: datetime
    energy_wh: float | None
    detail: str
    state: str = Field(description="open or resolved")
    resolved_at: datetime | None
    resolved_by: str | None
    note: str | None


class Resolution(Body):
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] | None = None


def _show(view: ReviewView) -> ReviewItemOut:
    columns = {name: getattr(view.item, name) for name in ReviewItemOut.model_fields if hasattr(view.item, name)}
    return ReviewItemOut(**columns, station=view.identity, session_uid=view.session_uid)


@review.get("")
async def list_review(
    _: MayReadSessions,
    context: Context,
    part: Annotated[Slice, slice_of("at", "kind", "energy_wh", "state", "resolved_at", default="-at")],
    state: Literal["open", "resolved"] | None = None,
    kind: Kind | None = None,
    station: StationIdentity = None,
) -> PageOut[ReviewItemOut]:
    async with context.database.view() as session:
        page = await verbs.list_reviews(session, ReviewFilter(state, kind, await station_id(session, station)), part)
        return PageOut.of(page, _show)


@review.get("/{item_id}")
async def get_review_item(_: MayReadSessions, context: Context, item_id: ItemId) -> ReviewItemOut:
    async with context.database.view() as session:
        return _show(await verbs.get_review(session, item_id))


@review.post("/{item_id}/resolve")
async def resolve_review_item(actor: MayReview, context: Context, item_id: ItemId, body: Resolution) -> ReviewItemOut:
    async with context.database.unit() as session:
        return _show(await verbs.resolve(session, actor, item_id, body.note, context.clock.now()))


@review.post("/{item_id}/reopen")
async def reopen_review_item(actor: MayReview, context: Context, item_id: ItemId) -> ReviewItemOut:
    async with context.database.unit() as session:
        return _show(await verbs.reopen(session, actor, item_id, context.clock.now()))
