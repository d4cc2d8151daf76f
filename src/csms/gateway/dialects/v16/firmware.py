"""Firmware management profile: what stations report of updates and uploads (OCPP 1.6 §4.4, §4.5)."""

from typing import Final

from csms.domain.firmware import live as jobs
from csms.domain.firmware.model import DIAGNOSTICS, FIRMWARE
from csms.domain.stations.changes import DiagnosticsStatus, FirmwareStatus
from csms.gateway.dialects.v16.words import snake
from csms.gateway.turn import Handler, LiveStation, Turn
from csms.kit.facts import Fact, detail
from csms.ocpp import v16


def firmware_status(
    live: LiveStation, request: v16.FirmwareStatusNotification, turn: Turn
) -> v16.FirmwareStatusNotificationResponse:
    turn.changes.append(FirmwareStatus(request.status, live.station.id))
    jobs.progressed(live.station.id, FIRMWARE, None, snake(request.status), turn.now, turn.changes)
    said = detail(status=request.status)
    turn.changes.append(Fact("FirmwareStatusReported", turn.now, live.station.id, None, said))
    return v16.FirmwareStatusNotificationResponse()


def diagnostics_status(
    live: LiveStation, request: v16.DiagnosticsStatusNotification, turn: Turn
) -> v16.DiagnosticsStatusNotificationResponse:
    turn.changes.append(DiagnosticsStatus(request.status, live.station.id))
    jobs.progressed(live.station.id, DIAGNOSTICS, None, snake(request.status), turn.now, turn.changes)
    said = detail(status=request.status)
    turn.changes.append(Fact("DiagnosticsStatusReported", turn.now, live.station.id, None, said))
    return v16.DiagnosticsStatusNotificationResponse()


HANDLERS: Final = {
    "FirmwareStatusNotification": Handler(firmware_status),
    "DiagnosticsStatusNotification": Handler(diagnostics_status),
}
