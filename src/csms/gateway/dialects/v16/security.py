"""Security extension: logs and signed firmware (OCPP 1.6 security white paper, edition 2)."""

from typing import Final

from msgspec import Struct

from csms.domain.firmware import live as jobs
from csms.domain.firmware.model import FIRMWARE, LOG
from csms.domain.stations.changes import FirmwareStatus
from csms.gateway.dialects.v16.words import given, snake
from csms.gateway.turn import Handler, LiveStation, Turn
from csms.kit.facts import Fact, detail
from csms.ocpp import v16


def log_status(live: LiveStation, request: v16.LogStatusNotification, turn: Turn) -> Struct:
    number = given(request.request_id)
    jobs.progressed(live.station.id, LOG, number, snake(request.status), turn.now, turn.changes)
    said = detail(status=request.status, request_id=number)
    turn.changes.append(Fact("LogStatusReported", turn.now, live.station.id, None, said))
    return v16.LogStatusNotificationResponse()


def signed_firmware_status(live: LiveStation, request: v16.SignedFirmwareStatusNotification, turn: Turn) -> Struct:
    turn.changes.append(FirmwareStatus(request.status, live.station.id))
    number = given(request.request_id)
    jobs.progressed(live.station.id, FIRMWARE, number, snake(request.status), turn.now, turn.changes)
    said = detail(status=request.status, request_id=number)
    turn.changes.append(Fact("FirmwareStatusReported", turn.now, live.station.id, None, said))
    return v16.SignedFirmwareStatusNotificationResponse()


HANDLERS: Final = {
    "LogStatusNotification": Handler(log_status, integers=("request_id",)),
    "SignedFirmwareStatusNotification": Handler(signed_firmware_status, integers=("request_id",)),
}
