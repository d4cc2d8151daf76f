"""Remote Trigger (OCPP 1.6 §5.17)."""

from typing import Literal

from msgspec import UNSET, UnsetType

from csms.ocpp.protocol import Action, Sender
from csms.ocpp.v16.types import Message

TriggerStatus = Literal["Accepted", "Rejected", "NotImplemented"]


class TriggerMessage(Message, frozen=True, kw_only=True):
    requested_message: Literal[
        "BootNotification",
        "DiagnosticsStatusNotification",
        "FirmwareStatusNotification",
        "Heartbeat",
        "MeterValues",
        "StatusNotification",
    ]
    connector_id: int | UnsetType = UNSET


class TriggerMessageResponse(Message, frozen=True, kw_only=True):
    status: TriggerStatus


ACTIONS = (Action("TriggerMessage", TriggerMessage, TriggerMessageResponse, Sender.CSMS),)
