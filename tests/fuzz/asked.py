"""What an operator asks of a fuzzing station, and a good answer to each, from which bad ones are made."""

from datetime import timedelta
from random import Random
from typing import Any, Final, NamedTuple

from csms.domain.commands.model import Command
from csms.kit.clock import SystemClock
from csms.kit.ids import uuid7

_AT: Final = "2030-01-01T10:00:00Z"
_HASHES: Final = '"hashAlgorithm":"SHA256","issuerNameHash":"ab","issuerKeyHash":"cd","serialNumber":"1"'
_ACCEPTED: Final = '{"status":"Accepted"}'


class Asked(NamedTuple):
    payload: dict[str, Any]
    answer: str = _ACCEPTED


_SCHEDULE: Final = {
    "chargingRateUnit": "W",
    "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 11_000.0}],
}
_PROFILE: Final = {
    "chargingProfileId": 1,
    "stackLevel": 0,
    "chargingProfilePurpose": "TxDefaultProfile",
    "chargingProfileKind": "Relative",
    "chargingSchedule": _SCHEDULE,
}
ASKED: Final = {
    "GetConfiguration": Asked(
        {},
        '{"configurationKey":[{"key":"HeartbeatInterval","readonly":false,"value":"300"},{"key":"NumberOfConnectors",'
        '"readonly":true,"value":"2"},{"key":"Vendors.Own","readonly":false}],"unknownKey":["AKey"]}',
    ),
    "ChangeConfiguration": Asked({"key": "HeartbeatInterval", "value": "300"}, '{"status":"RebootRequired"}'),
    "ChangeAvailability": Asked({"connectorId": 0, "type": "Operative"}, '{"status":"Scheduled"}'),
    "ClearCache": Asked({}),
    "Reset": Asked({"type": "Soft"}),
    "DataTransfer": Asked({"vendorId": "V"}, '{"status":"Accepted","data":"text"}'),
    "RemoteStartTransaction": Asked({"idTag": "FRIEND", "connectorId": 1}),
    "RemoteStopTransaction": Asked({"transactionId": 1}),
    "UnlockConnector": Asked({"connectorId": 1}, '{"status":"Unlocked"}'),
    "TriggerMessage": Asked({"requestedMessage": "Heartbeat"}),
    "GetLocalListVersion": Asked({}, '{"listVersion":3}'),
    "SendLocalList": Asked(
        {"listVersion": 4, "updateType": "Full", "localAuthorizationList": []}, '{"status":"VersionMismatch"}'
    ),
    "ReserveNow": Asked({"connectorId": 1, "expiryDate": _AT, "idTag": "FRIEND", "reservationId": 7}),
    "CancelReservation": Asked({"reservationId": 7}),
    "SetChargingProfile": Asked({"connectorId": 1, "csChargingProfiles": _PROFILE}),
    "ClearChargingProfile": Asked({"id": 1}),
    "GetCompositeSchedule": Asked(
        {"connectorId": 1, "duration": 600},
        '{"status":"Accepted","connectorId":1,"scheduleStart":"' + _AT + '","chargingSchedule":{"duration":600,'
        '"chargingRateUnit":"W","minChargingRate":1.0,"chargingSchedulePeriod":[{"startPeriod":0,"limit":11000.0,'
        '"numberPhases":3}]}}',
    ),
    "GetDiagnostics": Asked({"location": "ftp://127.0.0.1/in"}, '{"fileName":"a.log"}'),
    "UpdateFirmware": Asked({"location": "ftp://127.0.0.1/out", "retrieveDate": _AT}, "{}"),
    "GetLog": Asked(
        {"logType": "SecurityLog", "requestId": 1, "log": {"remoteLocation": "ftp://127.0.0.1/in"}},
        '{"status":"Accepted","filename":"a.log"}',
    ),
    "GetInstalledCertificateIds": Asked(
        {"certificateType": "CentralSystemRootCertificate"},
        '{"status":"Accepted","certificateHashData":[{' + _HASHES + "}]}",
    ),
    "ExtendedTriggerMessage": Asked({"requestedMessage": "LogStatusNotification"}),
}


def command(station_id: int, chance: Random) -> Command:
    """Any of them, to be sent as soon as the station is there."""
    action, now = chance.choice(list(ASKED)), SystemClock().now()
    return Command(
        id=uuid7(now), station_id=station_id, verb="ocpp", action=action, payload=ASKED[action].payload, state="pending",
        requested_by="a test", created_at=now, expires_at=now + timedelta(days=1), timeout_s=30.0,
    )  # fmt: skip
