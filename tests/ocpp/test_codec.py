"""Every refusal of the decoder, in the words and with the code its sender gets. This pins the wording of msgspec too."""

import pytest

from csms.ocpp import v16
from csms.ocpp.errors import ErrorCode, OcppError

SAMPLE = b'{"timestamp": "2024-05-01T10:00:00Z", "sampledValue": [{"value": "1"}]}'

FORMATION = ErrorCode.FORMATION_VIOLATION
OCCURRENCE = ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION
PROPERTY = ErrorCode.PROPERTY_CONSTRAINT_VIOLATION
TYPE = ErrorCode.TYPE_CONSTRAINT_VIOLATION

REFUSALS = [
    ("Heartbeat", b"null", FORMATION, "payload: expected object, got null"),
    ("Heartbeat", b"[]", FORMATION, "payload: expected object, got array"),
    ("Heartbeat", b'"{}"', FORMATION, "payload: expected object, got str"),
    ("Heartbeat", b"{", FORMATION, "payload: Input data was truncated"),
    ("Heartbeat", b'{"a":NaN}', FORMATION, "payload: a is not a known field"),
    ("Heartbeat", b"{}}", FORMATION, "payload: JSON is malformed: trailing characters (byte 3)"),
    ("Authorize", b'{"idTag":NaN}', FORMATION, "payload: JSON is malformed: invalid character (byte 9)"),
    ("Authorize", b"{}", OCCURRENCE, "payload: idTag is missing"),
    ("Authorize", b'{"idTag":"A","id_tag":"A"}', FORMATION, "payload: id_tag is not a known field"),
    ("Authorize", b'{"idTag":12}', TYPE, "idTag: expected str, got int"),
    ("Authorize", b'{"idTag":null}', TYPE, "idTag: expected str, got null"),
    ("Authorize", b'{"idTag":"123456789012345678901"}', PROPERTY, "idTag: longer than 20 characters"),
    ("Authorize", b'{"a\nb - at `$.x`":1}', FORMATION, "payload: JSON is malformed: invalid character (byte 3)"),
    ("Authorize", b'{"a\\nb":1}', FORMATION, "payload: a\nb is not a known field"),
    ("Reset", b'{"type":"hard"}', PROPERTY, "type: 'hard' is not one of its values"),
    ("Reset", b'{"type":1}', TYPE, "type: expected str, got int"),
    ("CancelReservation", b'{"reservationId":"1"}', TYPE, "reservationId: expected int, got str"),
    ("CancelReservation", b'{"reservationId":true}', TYPE, "reservationId: expected int, got bool"),
    ("CancelReservation", b'{"reservationId":1.0}', TYPE, "reservationId: expected int, got float"),
    ("CancelReservation", b'{"reservationId":1e999}', PROPERTY, "reservationId: number out of range"),
    ("CancelReservation", b'{"reservationId":%b}' % (b"1" * 4301), PROPERTY, "reservationId: number out of range"),
    ("MeterValues", b'{"connectorId":1,"meterValue":[]}', OCCURRENCE, "meterValue: fewer than 1 elements"),
    ("MeterValues", b'{"connectorId":1,"meterValue":{}}', TYPE, "meterValue: expected array, got object"),
    ("MeterValues", b'{"connectorId":1,"meterValue":[1]}', TYPE, "meterValue[0]: expected object, got int"),
    (
        "MeterValues",
        b'{"connectorId":1,"meterValue":[%b,{"timestamp":"2024-05-01T10:00:00Z"}]}' % SAMPLE,
        OCCURRENCE,
        "meterValue[1]: sampledValue is missing",
    ),
    (
        "MeterValues",
        b'{"connectorId":1,"meterValue":[%b]}' % SAMPLE.replace(b'"1"', b'"1","unit":"wh"'),
        PROPERTY,
        "meterValue[0].sampledValue[0].unit: 'wh' is not one of its values",
    ),
    (
        "MeterValues",
        b'{"connectorId":1,"meterValue":[%b]}' % SAMPLE.replace(b"0Z", b"0"),
        PROPERTY,
        "meterValue[0].timestamp: no time zone",
    ),
    (
        "MeterValues",
        b'{"connectorId":1,"meterValue":[%b]}' % SAMPLE.replace(b"05-01", b"05-32"),
        PROPERTY,
        "meterValue[0].timestamp: not an RFC 3339 date-time",
    ),
    (
        "MeterValues",
        b'{"connectorId":1,"meterValue":[%b]}' % SAMPLE.replace(b'"2024-05-01T10:00:00Z"', b"1714557600"),
        TYPE,
        "meterValue[0].timestamp: expected str, got int",
    ),
    ("GetDiagnostics", b'{"location":"my files"}', PROPERTY, "location: not well-formed"),
]


@pytest.mark.parametrize(("action", "payload", "code", "description"), REFUSALS)
def test_a_refusal_says_what_is_wrong_and_where(action: str, payload: bytes, code: str, description: str) -> None:
    with pytest.raises(OcppError) as refusal:
        v16.PROTOCOL.actions[action].decode_request(payload)
    assert (refusal.value.code, refusal.value.description) == (code, description)


def test_what_is_nested_too_deeply_is_refused() -> None:
    limit = b"[" * 100_000
    with pytest.raises(OcppError, match="FormationViolation: payload: nested too deeply"):
        v16.PROTOCOL.actions["GetCompositeSchedule"].decode_response(
            b'{"chargingSchedule":{"minChargingRate":%b' % limit
        )


def test_text_that_is_not_utf_8_is_refused() -> None:
    with pytest.raises(OcppError, match="FormationViolation: payload: 'utf-8' codec can't decode byte 0xff"):
        v16.PROTOCOL.actions["Authorize"].decode_request(b'{"idTag":"\xff"}')
