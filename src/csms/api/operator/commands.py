"""Commands to stations in our own words, and the history of all commands."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from fastapi import Body, Query, Response
from pydantic import Field, WithJsonSchema
from sqlalchemy.ext.asyncio import AsyncSession

from csms.api.context import ApiContext, Context
from csms.api.identities import sees_all_identities, without_identities
from csms.api.operator.secret_values import without_secrets
from csms.api.operator.times import From, StationIdentity, To
from csms.api.paging import PageOut, slice_of
from csms.api.rights import MayCharge, MayConfigure, MayOperate, MayReadCommands, MaySendRaw
from csms.api.routing import router
from csms.api.schemas import Out
from csms.domain.accounts.rules import Actor, Right
from csms.domain.commands import service as verbs
from csms.domain.commands.service import CommandFilter, CommandView
from csms.domain.commands.verbs import VERBS, Start, Stop, Verb, checked_verb
from csms.domain.sessions import service as sessions
from csms.domain.smart_charging import service as smart_charging
from csms.domain.stations.model import Station
from csms.domain.stations.verbs import stations
from csms.kit.paging import Slice

commands = router("/commands", "Commands")
station_commands = router("/stations", "Commands")

Wait = Annotated[
    float,
    Query(ge=0, le=120, allow_inf_nan=False, description="seconds to wait for the station's answer; 0: do not wait"),
]
ExpiresIn = Annotated[
    float,
    Query(ge=1, le=7 * 86_400, allow_inf_nan=False, description="seconds that it waits for a station that is offline"),
]
# The verbs' payloads and what these refer to, for `components/schemas` of the OpenAPI document.
_, VERB_SCHEMAS = msgspec.json.schema_components(VERBS.values(), ref_template="#/components/schemas/{name}")
State = Literal["pending", "sent", "accepted", "rejected", "failed", "expired"]


class CommandOut(Out):
    id: UUID
    station: str
    verb: str = Field(description="ours, or `ocpp` for an OCPP action with its own payload")
    action: str
    payload: dict[str, Any]
    state: State
    explanation: str | None = Field(description="what it waits for, in words")
    requested_by: str
    created_at: datetime
    expires_at: datetime
    timeout_s: float
    sent_at: datetime | None
    settled_at: datetime | None
    frame_id: int | None
    answer: dict[str, Any] | None = Field(description="the station's own answer")
    error_code: str | None = Field(description="the station's error, or why there was no answer")
    error_description: str | None


Part = Annotated[
    Slice,
    slice_of(
        "id", "created_at", "settled_at", "station", "verb", "action", "state", "requested_by", default="-id"
    ),
]  # fmt: skip


def show_command(view: CommandView, *, online: bool = True, identities: bool = True) -> CommandOut:
    row = view.command
    columns = {name: getattr(row, name) for name in CommandOut.model_fields if hasattr(row, name)}
    payload = without_secrets(row.payload)
    columns["payload"] = payload if identities else without_identities(payload)
    explanation = None
    if row.state == "pending" and not online:
        explanation = f"The station is offline; this waits for it until {row.expires_at:%Y-%m-%d %H:%M:%S} UTC."
    return CommandOut(**columns, station=view.identity, explanation=explanation)


async def answered(context: ApiContext, response: Response, command_id: UUID, wait_s: float) -> CommandOut:
    """200 with the settled command, or 202 and where to look."""
    view = await verbs.wait_until_settled(context.database, context.bus, command_id, wait_s, context.leaving.is_set)
    if not view.settled:
        response.status_code = 202
    response.headers["Location"] = f"/api/v1/commands/{command_id}"
    async with context.database.view() as session:
        return show_command(view, online=await _would_be_heard(context, session, view))


async def _would_be_heard(context: ApiContext, session: AsyncSession, view: CommandView) -> bool:
    return view.settled or await stations.is_reachable(session, context.bus, view.command.station_id)


async def _prepared(session: AsyncSession, station: Station, verb: Verb) -> Verb:
    """A stop with the transaction id that the station knows the session by, a start with the profile it names."""
    if isinstance(verb, Start):
        return await smart_charging.prepared_start(session, station, verb)
    if not isinstance(verb, Stop) or verb.session is None:
        return verb
    found = await sessions.get_session(session, verb.session)
    return msgspec.structs.replace(verb, transaction_id=found.session.id)


def _placing(verb: str, kind: type[Verb]) -> Callable[..., Any]:
    async def place_command(
        actor: Actor,  # with the verb's right, below
        context: Context,
        response: Response,
        identity: str,
        payload: dict[str, Any] | None = None,
        wait: Wait = 0,
        expires_in: ExpiresIn = verbs.EXPIRES_IN_S,
    ) -> CommandOut:
        checked = checked_verb(verb, payload or {})

        async def place(session: AsyncSession) -> UUID:
            station = await stations.get_station(session, identity)
            command = await verbs.place(
                session,
                context.bus,
                actor,
                station,
                verb,
                await _prepared(session, station, checked),
                now=context.clock.now(),
                expires_in_s=expires_in,
                timeout_s=max(wait, verbs.TIMEOUT_S),
                seal=context.seal,
            )
            return command.id

        return await answered(context, response, await context.database.write(place), wait)

    # The verb's own struct checks the payload; here it also describes it.
    described = WithJsonSchema(VERB_SCHEMAS[kind.__name__])
    place_command.__annotations__["payload"] = Annotated[dict[str, Any] | None, Body(), described]
    place_command.__annotations__["actor"] = RIGHTS[verb]
    return place_command


RIGHTS: dict[str, Any] = {
    "start": MayCharge,
    "stop": MayCharge,
    "unlock": MayCharge,
    "reset": MayOperate,
    "change-availability": MayOperate,
    "trigger": MayOperate,
    "clear-cache": MayOperate,
    "get-configuration": MayOperate,
    "change-configuration": MayConfigure,
    "data-transfer": MaySendRaw,
}
for _verb, _kind in VERBS.items():
    station_commands.add_api_route(
        f"/{{identity}}/commands/{_verb}",
        _placing(_verb, _kind),
        methods=["POST"],
        name=f"command_{_verb.replace('-', '_')}",
        description=f"{_kind.__doc__}\n\n200: the station has answered; 202: it has not yet, see Location.",
        responses={202: {"model": CommandOut}},
    )


@commands.get("")
async def list_commands(
    actor: MayReadCommands,
    context: Context,
    part: Part,
    since: From = None,
    until: To = None,
    station: StationIdentity = None,
    state: State | None = None,
    verb: Annotated[str | None, Query(max_length=50)] = None,
    action: Annotated[str | None, Query(max_length=50)] = None,
    requested_by: Annotated[str | None, Query(max_length=300)] = None,
) -> PageOut[CommandOut]:
    async with context.database.view() as session:
        station_id = await stations.station_id(session, station)
        asked = CommandFilter(station_id, state, verb, action, requested_by, since, until)
        identities = sees_all_identities(actor, Right.COMMANDS_READ)
        page = await verbs.list_commands(session, asked, part)
        return PageOut.of(page, lambda view: show_command(view, identities=identities))


@commands.get("/{command_id}")
async def get_command(actor: MayReadCommands, context: Context, command_id: UUID) -> CommandOut:
    async with context.database.view() as session:
        view = await verbs.get_command(session, command_id)
        online = await _would_be_heard(context, session, view)
        return show_command(view, online=online, identities=sees_all_identities(actor, Right.COMMANDS_READ))


@station_commands.get("/{identity}/commands")
async def list_station_commands(
    actor: MayReadCommands,
    context: Context,
    identity: str,
    part: Part,
    since: From = None,
    until: To = None,
    state: State | None = None,
    verb: Annotated[str | None, Query(max_length=50)] = None,
) -> PageOut[CommandOut]:
    async with context.database.view() as session:
        station_id = await stations.station_id(session, identity)
        asked = CommandFilter(station_id, state, verb, since=since, until=until)
        identities = sees_all_identities(actor, Right.COMMANDS_READ)
        page = await verbs.list_commands(session, asked, part)
        return PageOut.of(page, lambda view: show_command(view, identities=identities))
