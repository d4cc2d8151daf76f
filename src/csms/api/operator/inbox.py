"""The inbox: stations that tried to connect and are not ours yet."""

from datetime import datetime
from typing import Annotated

from fastapi import Query
from pydantic import Field

from csms.api.context import Context
from csms.api.operator.stations import Adoption, StationMade, issued, station_made
from csms.api.paging import PageOut, slice_of
from csms.api.rights import MayChangeInbox, MayReadInbox
from csms.api.routing import router
from csms.api.schemas import Out
from csms.domain.stations.verbs import inbox as verbs
from csms.kit.paging import Slice

inbox = router("/inbox", "Inbox of unknown stations")


class UnknownStationOut(Out):
    identity: str
    first_seen_at: datetime
    seen_at: datetime
    attempts: int
    address: str = Field(description="where it last came from")
    path: str
    subprotocols: str
    username: str | None
    user_agent: str | None


@inbox.get("")
async def list_unknown_stations(
    _: MayReadInbox,
    context: Context,
    part: Annotated[Slice, slice_of("seen_at", "first_seen_at", "identity", "attempts", "address", default="-seen_at")],
    search: Annotated[str | None, Query(max_length=200, description="part of identity, address, user agent")] = None,
) -> PageOut[UnknownStationOut]:
    async with context.database.view() as session:
        return PageOut.of(await verbs.list_unknown(session, search, part), UnknownStationOut.model_validate)


@inbox.get("/{identity:path}")
async def get_unknown_station(_: MayReadInbox, context: Context, identity: str) -> UnknownStationOut:
    async with context.database.view() as session:
        return UnknownStationOut.model_validate(await verbs.get_unknown(session, identity))


@inbox.post("/{identity:path}/adopt", status_code=201)
async def adopt_station(actor: MayChangeInbox, context: Context, identity: str, body: Adoption) -> StationMade:
    """Make it ours. It must be given the password in the answer, which is shown this once."""
    given = await issued(context, identity, body)
    async with context.database.unit() as session:
        await verbs.adopt(
            session,
            context.bus,
            actor,
            identity=identity,
            credential=given.credential,
            now=context.clock.now(),
            name=body.name,
            location_id=body.location_id,
            registration=body.registration,
        )
        return await station_made(context, session, actor, identity, given)


@inbox.delete("/{identity:path}", status_code=204)
async def dismiss_station(actor: MayChangeInbox, context: Context, identity: str) -> None:
    """Forget it; it comes back when it tries again."""
    async with context.database.unit() as session:
        await verbs.dismiss(session, actor, identity, context.clock.now())
