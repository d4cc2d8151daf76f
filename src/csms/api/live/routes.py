"""Live data over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request
from fastapi.responses import StreamingResponse
from sqlalchemy import select

from csms.api.context import ApiContext, Context
from csms.api.live.hub import LiveHub
from csms.api.live.listener import Interest
from csms.api.rights import MayReadStations
from csms.api.routing import router
from csms.domain.accounts.rules import Actor, Right
from csms.domain.stations.model import Location

live = router("/live", "Live data")


def _hub_of(request: Request) -> LiveHub:
    hub = request.app.state.live
    assert isinstance(hub, LiveHub)
    return hub


async def _places(context: ApiContext, actor: Actor) -> tuple[frozenset[UUID] | None, frozenset[UUID] | None]:
    """The locations the actor sees, and those where it sees who charges; None: all."""
    seen, known = actor.scope_of(Right.STATIONS_READ), actor.scope_of(Right.IDENTITIES_READ)
    if seen.everything and known.everything:
        return None, None
    async with context.database.view() as session:
        rows = (await session.execute(select(Location.id, Location.organisation_id))).all()
    places = [(row[0], row[1]) for row in rows]
    return (
        None if seen.everything else frozenset(place[0] for place in places),
        None if known.everything else frozenset(place[0] for place in places if known.covers(*place)),
    )


@live.get("", response_class=StreamingResponse, responses={200: {"content": {"text/event-stream": {}}}})
async def watch_stations(
    actor: MayReadStations,
    context: Context,
    hub: Annotated[LiveHub, Depends(_hub_of)],
    station: Annotated[list[str] | None, Query(max_length=100, description="only stations of these identities")] = None,
    location: Annotated[UUID | None, Query(description="only stations of this location")] = None,
) -> StreamingResponse:
    """Server-sent events: `snapshot` in one or more parts, then a `station` for each that changed, and `removed`.

    Each carries stations in the shape of `GET /stations/{identity}`. A new `snapshot` may come at any time: part 0 starts over.
    """
    within, known = await _places(context, actor)
    interest = Interest(frozenset(station) if station else None, location, within, known)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(hub.stream(interest), media_type="text/event-stream", headers=headers)
