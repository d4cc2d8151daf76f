"""Core profile, the station itself: boot, heartbeat, status (OCPP 1.6 §4.2, §4.6, §4.9)."""

from typing import Final, Literal

from msgspec import UnsetType

from csms.domain.stations import live as stations
from csms.gateway.dialects.quirks.doubts import doubt_clock
from csms.gateway.dialects.quirks.station import settle
from csms.gateway.dialects.v16.words import STATUS, bounded, evse_of, given
from csms.gateway.turn import Handler, LiveStation, Turn
from csms.ocpp import v16

_REGISTRATION: Final[dict[str, Literal["Accepted", "Pending", "Rejected"]]] = {
    "accepted": "Accepted",
    "pending": "Pending",
    "rejected": "Rejected",
}


def boot_notification(live: LiveStation, request: v16.BootNotification, turn: Turn) -> v16.BootNotificationResponse:
    what = stations.Boot(
        request.charge_point_vendor,
        request.charge_point_model,
        given(request.charge_point_serial_number) or given(request.charge_box_serial_number),
        given(request.firmware_version),
        given(request.iccid),
        given(request.imsi),
        given(request.meter_type),
        given(request.meter_serial_number),
    )
    registration = stations.boot(live.station, what, turn.now, turn.changes)
    settle(live, what.vendor, what.model, what.firmware_version)
    policy = turn.policy
    return v16.BootNotificationResponse(
        status=_REGISTRATION[registration],
        current_time=turn.now.replace(microsecond=0),
        interval=policy.heartbeat_interval_s if registration == stations.ACCEPTED else policy.registration_retry_s,
    )


def come_again(retry_s: int) -> Handler:
    """Pending for a while, and nothing else: it is answered without a commit, and changes nothing (§4.2)."""

    def later(_live: LiveStation, _request: v16.BootNotification, turn: Turn) -> v16.BootNotificationResponse:
        return v16.BootNotificationResponse(
            status="Pending", current_time=turn.now.replace(microsecond=0), interval=retry_s
        )

    return Handler(later, eager=True, unregistered=True)


def heartbeat(_live: LiveStation, _request: v16.Heartbeat, turn: Turn) -> v16.HeartbeatResponse:
    return v16.HeartbeatResponse(current_time=turn.now.replace(microsecond=0))


_STATUS_TAKEN = v16.StatusNotificationResponse()


def status_notification(
    live: LiveStation, request: v16.StatusNotification, turn: Turn
) -> v16.StatusNotificationResponse:
    evse, connector = evse_of(request.connector_id)
    what = stations.Status(
        evse,
        connector,
        STATUS[request.status],
        None if request.error_code == "NoError" else request.error_code,
        given(request.info),
        given(request.vendor_id),
        given(request.vendor_error_code),
        None if isinstance(request.timestamp, UnsetType) else bounded(request.timestamp),
    )
    if what.at is not None:
        doubt_clock(live, what.at, turn)
    stations.report_status(live.station, what, turn.now, turn.changes)
    return _STATUS_TAKEN


HANDLERS: Final = {
    "BootNotification": Handler(boot_notification, unregistered=True, boots=True),
    "Heartbeat": Handler(heartbeat, eager=True),
    "StatusNotification": Handler(status_notification, integers=("connector_id",)),
}
