"""Remote Trigger, and its namesake of the security extension (OCPP 1.6 §5.17, white paper §5.5)."""

from collections.abc import Callable

from msgspec import UNSET, UnsetType

from csms.ocpp import v16
from csms.simulator.commands.certificates import request_certificate
from csms.simulator.metering import meter_value
from csms.simulator.station import Station


def trigger_message(station: Station, request: v16.TriggerMessage) -> v16.TriggerMessageResponse:
    return v16.TriggerMessageResponse(status=_trigger(station, request.requested_message, request.connector_id))


def extended_trigger_message(
    station: Station, request: v16.ExtendedTriggerMessage
) -> v16.ExtendedTriggerMessageResponse:
    status = _trigger(station, request.requested_message, request.connector_id)
    return v16.ExtendedTriggerMessageResponse(status=status)


def _trigger(station: Station, message: str, connector_id: int | UnsetType) -> v16.TriggerStatus:
    """Answer first, send afterwards; a message that does not care about connectors ignores the id."""
    send = _SENDERS.get(message)
    if send is None:
        return "NotImplemented"
    if message == "BootNotification" and station.registration == "Accepted":
        return "Rejected"  # errata 3.40: not to be asked for once accepted
    if message in ("MeterValues", "StatusNotification") and connector_id is not UNSET:
        if not 0 <= connector_id <= len(station.connectors):
            return "Rejected"
        wanted = [connector_id]
    else:
        wanted = list(range(len(station.connectors) + 1))
    station.soon(lambda: send(station, wanted))
    return "Accepted"


def _send_meter_values(station: Station, connector_ids: list[int]) -> None:
    measurands = station.configuration.measurands("MeterValuesSampledData")
    for connector in station.connectors:
        if connector.connector_id in connector_ids:
            station.settle(connector)
            value = meter_value(connector, measurands, "Trigger", station.now())
            transaction = connector.transaction
            known = None if transaction is None else transaction.record.transaction_id
            if value is not None:
                station.say(
                    v16.MeterValues(
                        connector_id=connector.connector_id,
                        meter_value=[value],
                        transaction_id=UNSET if known is None else known,
                    )
                )


def _send_status(station: Station, connector_ids: list[int]) -> None:
    for reported in (station.main, *station.connectors):
        if reported.connector_id in connector_ids:
            station.say_status(reported)


_SENDERS: dict[str, Callable[[Station, list[int]], object]] = {
    "BootNotification": lambda station, _: station.send_boot_notification(),
    "DiagnosticsStatusNotification": lambda station, _: station.say(
        v16.DiagnosticsStatusNotification(status=station.diagnostics_status)
    ),
    "FirmwareStatusNotification": lambda station, _: station.say(
        v16.FirmwareStatusNotification(status=station.firmware_status)
    ),
    "Heartbeat": lambda station, _: station.say(v16.Heartbeat()),
    "LogStatusNotification": lambda station, _: station.say(v16.LogStatusNotification(status=station.log_status)),
    "MeterValues": _send_meter_values,
    "SignChargePointCertificate": lambda station, _: request_certificate(station),
    "StatusNotification": _send_status,
}
