"""Live data over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request
from fastapi.responses import StreamingResponse

from csms.api.live.hub import LiveHub
from csms.api.live.listener import Interest
from csms.api.routing import router
from csms.api.security import Viewer

live = router("/live", "Live data")


def _hub_of(request: Request) -> LiveHub:
    hub = request.app.state.live
    assert isinstance(hub, LiveHub)
    return hub


@live.get("", response_class=StreamingResponse, responses={200: {"content": {"text/event-stream": {}}}})
async def watch_stations(
    _: Viewer,
    hub: Annotated[LiveHub, Depends(_hub_of)],
    station: Annotated[list[str] | None, Query(max_length=100, description="only stations of these identities")] = None,
    location: Annotated[UUID | None, Query(description="only stations of this location")] = None,
) -> StreamingResponse:
    """Server-sent events: `snapshot` in one or more parts, then a `station` for each that changed, and `removed`.

    Each carries stations in the shape of `GET /stations/{identity}`. A new `snapshot` may come at any time: part 0 starts over.
    """
    interest = Interest(frozenset(station) if station else None, location)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(hub.stream(interest), media_type="text/event-stream", headers=headers)
