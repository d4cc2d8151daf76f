"""Any OCPP action, with the payload as it goes on the wire. Nothing is held back for what we believe of the station."""

from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Body, Path, Request, Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from csms.api.context import Context
from csms.api.operator.commands import CommandOut, Wait, show_command
from csms.api.problems import NoAnswer
from csms.api.rights import MaySendRaw
from csms.api.routing import router
from csms.api.schemas import Out
from csms.domain.commands import service as verbs
from csms.domain.commands.errors import StationOffline
from csms.domain.commands.expiry import withdraw
from csms.domain.commands.service import CommandView
from csms.domain.stations.verbs import stations
from csms.kit.errors import Invalid, NotFound
from csms.ocpp.errors import OcppError
from csms.ocpp.protocol import Sender
from csms.ocpp.v16 import PROTOCOL

ocpp_raw = router("/stations", "Raw OCPP")

_UNANSWERED = {"NoAnswer", "ConnectionLost"}


class UnknownAction(NotFound):
    """OCPP 1.6 has no such action."""

    code = "unknown_action"


class NotOurs(Invalid):
    """This action is sent by stations, not to them."""

    code = "not_sent_by_us"


class PayloadRefused(Invalid):
    """This is no valid payload of this action."""

    code = "payload_refused"


class RawResult(Out):
    """The station's answer."""

    outcome: Literal["result"] = "result"
    payload: dict[str, Any]


class RawError(Out):
    """The station's CALLERROR."""

    outcome: Literal["error"] = "error"
    code: str
    description: str


Answer = Annotated[RawResult | RawError, Field(discriminator="outcome")]


def _check(action: str, payload: bytes) -> None:
    known = PROTOCOL.actions.get(action)
    if known is None:
        raise UnknownAction(f"OCPP 1.6 has no action {action}.", actions=sorted(PROTOCOL.actions))
    if known.sender is Sender.STATION:
        raise NotOurs(f"{action} is sent by stations, not to them.")
    try:
        known.decode_request(payload)
    except OcppError as error:
        raise PayloadRefused(error.description, ocpp_code=error.code) from None


def _answer(view: CommandView) -> RawResult | RawError:
    """Raises NoAnswer when the station gave none, PayloadRefused when its OCPP version could not say this."""
    command = view.command
    if command.answer is not None:
        return RawResult(payload=command.answer)
    if command.state == "failed" and command.error_code not in _UNANSWERED:
        if command.frame_id is None:
            raise PayloadRefused(command.error_description, ocpp_code=command.error_code)
        return RawError(code=command.error_code or "", description=command.error_description or "")
    unsent = command.state in ("pending", "expired")
    detail = "The station was busy, this was not sent." if unsent else "The station did not answer in time."
    raise NoAnswer(command.error_description or detail, command=str(command.id))


@ocpp_raw.post(
    "/{identity}/ocpp/{action}",
    response_model=Answer,
    responses={202: {"model": CommandOut, "description": "Placed; see Location"}},
)
async def call_action(
    actor: MaySendRaw,
    context: Context,
    request: Request,
    response: Response,
    identity: str,
    action: Annotated[str, Path(description="as OCPP 1.6 spells it", examples=["Reset"])],
    payload: Annotated[dict[str, Any] | None, Body(examples=[{"type": "Soft"}])] = None,
    wait: Wait = 0,
) -> Any:
    """The station's answer when waited for; 409 when it is offline, 504 when it does not answer in time."""
    _check(action, await request.body() or b"{}")

    async def place(session: AsyncSession) -> tuple[UUID, str | None]:
        station = await stations.get_station(session, identity)
        command = await verbs.place_raw(
            session,
            context.bus,
            actor,
            station,
            action,
            payload or {},
            now=context.clock.now(),
            expires_in_s=wait or verbs.TIMEOUT_S,
            timeout_s=max(wait, verbs.TIMEOUT_S),
            seal=context.seal,
        )
        return command.id, await stations.gateway_of(session, station.id)

    command_id, gateway = await context.database.write(place)
    if await stations.is_surely_gone(context.bus, gateway) and await context.database.write(
        partial(withdraw, command_id=command_id, now=context.clock.now())
    ):
        raise StationOffline(identity=identity)
    view = await verbs.wait_until_settled(context.database, context.bus, command_id, wait, context.leaving.is_set)
    response.headers["Location"] = f"/api/v1/commands/{command_id}"
    if wait == 0:
        headers = {"Location": f"/api/v1/commands/{command_id}"}
        return Response(show_command(view).model_dump_json(), 202, headers, "application/json")
    return _answer(view)
