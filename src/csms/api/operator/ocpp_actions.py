"""The OCPP actions that can be sent to a station, with the schema of their payloads: what a form is made from."""

from functools import cache
from typing import Any

import msgspec
from pydantic import Field

from csms.api.rights import MayReadCommands
from csms.api.routing import router
from csms.api.schemas import Out
from csms.ocpp.protocol import Sender
from csms.ocpp.v16 import PROTOCOL
from csms.ocpp.v16.types import ChargingRate

ocpp_actions = router("/ocpp", "Raw OCPP")


class OcppActionOut(Out):
    action: str
    request: dict[str, Any] = Field(description="JSON schema of the payload")


class OcppActionsOut(Out):
    protocol: str
    items: list[OcppActionOut]


def _schema_of(kind: type) -> dict[str, Any]:
    """Only a charging rate has no type in JSON of its own: it is a number with one digit after the point."""
    assert kind is ChargingRate
    return {"type": "number", "multipleOf": 0.1}


@cache
def _actions() -> OcppActionsOut:
    sent = (action for action in PROTOCOL.actions.values() if action.sender is not Sender.STATION)
    items = [
        OcppActionOut(action=action.name, request=msgspec.json.schema(action.request, schema_hook=_schema_of))
        for action in sorted(sent, key=lambda action: action.name)
    ]
    return OcppActionsOut(protocol=PROTOCOL.name, items=items)


@ocpp_actions.get("/actions")
async def list_ocpp_actions(_: MayReadCommands) -> OcppActionsOut:
    return _actions()
