"""Facts: what happened, as it was stored with what made it true, and what became of the reactions to it."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Query
from pydantic import Field

from csms.api.context import Context
from csms.api.identities import sees_all_identities, without_identities
from csms.api.operator.times import BIGGEST, From, StationIdentity, To
from csms.api.paging import PageOut, slice_of
from csms.api.rights import MayReadMessages, MayRetryReactions
from csms.api.routing import router
from csms.api.schemas import Out
from csms.domain.accounts.rules import Right
from csms.domain.facts import service as relaying
from csms.domain.sessions import service as sessions
from csms.domain.stations.verbs import frames as verbs
from csms.domain.stations.verbs.stations import station_id
from csms.domain.stations.views import FactFilter
from csms.kit.paging import Slice

facts = router("/facts", "Facts")


class ReactionOut(Out):
    reaction: str
    state: str = Field(description="done, or failing: tried again at `next_try_at`")
    attempts: int = Field(description="how often it has failed")
    next_try_at: datetime | None
    error: str | None = Field(description="the last failure")
    at: datetime


class BacklogOut(Out):
    waiting: int = Field(description="facts that were not brought to every reaction yet")
    oldest_at: datetime | None = Field(description="when the first of them happened")
    failing: int = Field(description="reactions that failed and are tried again")
    first_failing_fact: int | None = Field(description="the first fact that one of them failed at")


class FactOut(Out):
    id: int
    kind: str
    at: datetime
    station: str | None = Field(description="identity of the station, unless it was deleted since")
    session_uid: UUID | None
    detail: dict[str, Any]
    relayed: bool = Field(description="whether every reaction to it is done")
    reactions: list[ReactionOut] = Field(description="those that were tried")


@facts.get("")
async def list_facts(
    actor: MayReadMessages,
    context: Context,
    part: Annotated[Slice, slice_of("id", "at", "kind", default="-id")],
    since: From = None,
    until: To = None,
    kind: Annotated[str | None, Query(max_length=50, examples=["SessionStarted"])] = None,
    station: StationIdentity = None,
    relayed: Annotated[bool | None, Query(description="whether every reaction to it is done")] = None,
) -> PageOut[FactOut]:
    async with context.database.view() as session:
        asked = FactFilter(kind, await station_id(session, station), None, since, until, relayed)
        page = await verbs.list_facts(session, asked, part)
        marks = await relaying.reactions_of(session, [view.fact.id for view in page.items])
        ids = (view.fact.session_id for view in page.items if view.fact.session_id is not None)
        uids = await sessions.uids_of(session, ids)
        identities = sees_all_identities(actor, Right.MESSAGES_READ)
        return PageOut.of(
            page,
            lambda view: FactOut(
                id=view.fact.id,
                kind=view.fact.kind,
                at=view.fact.at,
                station=view.identity,
                session_uid=uids.get(view.fact.session_id) if view.fact.session_id is not None else None,
                detail=view.fact.detail if identities else without_identities(view.fact.detail),
                relayed=view.fact.relayed,
                reactions=[ReactionOut.model_validate(mark) for mark in marks.get(view.fact.id, ())],
            ),
        )


@facts.get("/backlog")
async def get_backlog(_: MayReadMessages, context: Context) -> BacklogOut:
    """How far behind the reactions are."""
    async with context.database.view() as session:
        return BacklogOut.model_validate(await relaying.get_backlog(session))


@facts.post("/{fact_id}/reactions/{reaction}/retry")
async def retry_reaction(
    actor: MayRetryReactions,
    context: Context,
    fact_id: Annotated[int, Path(ge=1, le=BIGGEST)],
    reaction: Annotated[str, Path(max_length=50)],
) -> ReactionOut:
    """Have a failing reaction tried at once instead of at `next_try_at`."""
    now = context.clock.now()
    async with context.database.unit() as session:
        return ReactionOut.model_validate(await relaying.retry(session, actor, fact_id, reaction, now))
