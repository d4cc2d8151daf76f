"""Facts: what happened, as it was stored with what made it true."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import Field

from csms.api.context import Context
from csms.api.operator.times import From, StationIdentity, To
from csms.api.paging import PageOut, slice_of
from csms.api.routing import router
from csms.api.schemas import Out
from csms.api.security import Viewer
from csms.domain.sessions import service as sessions
from csms.domain.stations.verbs import frames as verbs
from csms.domain.stations.verbs.stations import station_id
from csms.domain.stations.views import FactFilter
from csms.kit.paging import Slice

facts = router("/facts", "Facts")


class FactOut(Out):
    id: int
    kind: str
    at: datetime
    station: str | None = Field(description="identity of the station, unless it was deleted since")
    session_uid: UUID | None
    detail: dict[str, Any]


@facts.get("")
async def list_facts(
    _: Viewer,
    context: Context,
    part: Annotated[Slice, slice_of("id", "at", "kind", default="-id")],
    since: From = None,
    until: To = None,
    kind: Annotated[str | None, Query(max_length=50, examples=["SessionStarted"])] = None,
    station: StationIdentity = None,
) -> PageOut[FactOut]:
    async with context.database.view() as session:
        asked = FactFilter(kind, await station_id(session, station), None, since, until)
        page = await verbs.list_facts(session, asked, part)
        ids = (view.fact.session_id for view in page.items if view.fact.session_id is not None)
        uids = await sessions.uids_of(session, ids)
        return PageOut.of(
            page,
            lambda view: FactOut(
                id=view.fact.id,
                kind=view.fact.kind,
                at=view.fact.at,
                station=view.identity,
                session_uid=uids.get(view.fact.session_id) if view.fact.session_id is not None else None,
                detail=view.fact.detail,
            ),
        )
