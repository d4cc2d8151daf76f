"""What an action lets in and out."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec import Struct

from csms.ocpp import v16
from csms.ocpp.errors import ErrorCode, OcppError
from csms.ocpp.protocol import Sender

NOW = datetime(2024, 5, 1, 10, tzinfo=UTC)
AUTHORIZE = v16.PROTOCOL.action_of(v16.Authorize)
HEARTBEAT = v16.PROTOCOL.action_of(v16.Heartbeat)
METER_VALUES = v16.PROTOCOL.action_of(v16.MeterValues)
SET_CHARGING_PROFILE = v16.PROTOCOL.action_of(v16.SetChargingProfile)


def a_profile(limit: Any) -> v16.SetChargingProfile:
    schedule = v16.ChargingSchedule(
        charging_rate_unit="A",
        charging_schedule_period=[v16.ChargingSchedulePeriod(start_period=0, limit=limit)],
    )
    profile = v16.ChargingProfile(
        charging_profile_id=1,
        stack_level=0,
        charging_profile_purpose="TxProfile",
        charging_profile_kind="Absolute",
        charging_schedule=schedule,
    )
    return v16.SetChargingProfile(connector_id=1, cs_charging_profiles=profile)


def test_a_message_travels_under_the_names_of_the_wire() -> None:
    request = v16.StopTransaction(
        meter_stop=1500,
        timestamp=NOW,
        transaction_id=7,
        transaction_data=[v16.TransactionMeterValue(timestamp=NOW, sampled_value=[])],
    )
    action = v16.PROTOCOL.action_of(v16.StopTransaction)
    payload = action.encode_request(request)
    assert payload == (
        b'{"meterStop":1500,"timestamp":"2024-05-01T10:00:00Z","transactionId":7,'
        b'"transactionData":[{"timestamp":"2024-05-01T10:00:00Z","sampledValue":[]}]}'
    )
    assert action.decode_request(payload) == request


def test_an_answer_travels_too() -> None:
    answer = v16.AuthorizeResponse(id_tag_info=v16.IdTagInfo(status="Accepted", parent_id_tag="GROUP"))
    payload = AUTHORIZE.encode_response(answer)
    assert payload == b'{"idTagInfo":{"status":"Accepted","parentIdTag":"GROUP"}}'
    assert AUTHORIZE.decode_response(payload) == answer


def test_a_limit_leaves_as_the_decimal_it_is() -> None:
    for limit, text in (("16.1", b"16.1"), ("16.10", b"16.10"), ("16", b"16"), ("0.3", b"0.3"), ("1e3", b"1E+3")):
        payload = SET_CHARGING_PROFILE.encode_request(a_profile(v16.ChargingRate(limit)))
        assert b'"limit":%b}' % text in payload


INVALID: list[tuple[Callable[[], bytes], str]] = [
    (lambda: AUTHORIZE.encode_request(v16.Authorize(id_tag="x" * 21)), "idTag: longer than 20 characters"),
    (lambda: AUTHORIZE.encode_request(v16.Authorize(id_tag=None)), "idTag: expected str, got null"),  # type: ignore[arg-type]
    (lambda: AUTHORIZE.encode_request(v16.Authorize(id_tag="\ud800")), "payload: .* surrogates not allowed"),
    (lambda: AUTHORIZE.encode_request(v16.Authorize(id_tag=object())), "payload: object has no form on the wire"),  # type: ignore[arg-type]
    (lambda: AUTHORIZE.encode_request(v16.Heartbeat()), "payload: idTag is missing"),  # type: ignore[arg-type]
    (
        lambda: HEARTBEAT.encode_response(v16.HeartbeatResponse(current_time=NOW.replace(tzinfo=None))),
        "currentTime: no time zone",
    ),
    (lambda: METER_VALUES.encode_request(v16.MeterValues(connector_id=1, meter_value=[])), "meterValue: fewer than 1"),
    (
        lambda: SET_CHARGING_PROFILE.encode_request(a_profile(v16.ChargingRate("16.15"))),
        r"csChargingProfiles.chargingSchedule.chargingSchedulePeriod\[0\].limit: more than one digit after the point",
    ),
    (lambda: SET_CHARGING_PROFILE.encode_request(a_profile(v16.ChargingRate("NaN"))), "payload: JSON is malformed"),
    (lambda: SET_CHARGING_PROFILE.encode_request(a_profile("16")), r"\.limit: expected number"),
]


@pytest.mark.parametrize(("send", "description"), INVALID)
def test_nothing_invalid_leaves(send: Callable[[], bytes], description: str) -> None:
    with pytest.raises(OcppError, match=description):
        send()


def test_an_action_is_found_by_its_request() -> None:
    for name, action in v16.PROTOCOL.actions.items():
        assert v16.PROTOCOL.action_of(action.request) is action
        assert action.name == name == action.request.__name__
        assert action.response.__name__ == f"{name}Response"


def test_each_side_receives_what_the_other_sends() -> None:
    csms, station = v16.PROTOCOL.received_by(Sender.CSMS), v16.PROTOCOL.received_by(Sender.STATION)
    assert set(csms) == {
        *("Authorize", "BootNotification", "DataTransfer", "DiagnosticsStatusNotification"),
        *("FirmwareStatusNotification", "Heartbeat", "MeterValues", "StartTransaction", "StatusNotification"),
        *("StopTransaction", "LogStatusNotification", "SecurityEventNotification", "SignCertificate"),
        "SignedFirmwareStatusNotification",
    }
    assert set(csms) & set(station) == {"DataTransfer"}
    assert set(csms) | set(station) == set(v16.PROTOCOL.actions)


def test_the_protocol_is_ocpp_1_6_with_its_security_extension() -> None:
    assert v16.PROTOCOL.name == "ocpp1.6"
    assert len(v16.PROTOCOL.actions) == 28 + 11


def test_every_message_type_is_exported() -> None:
    exported = {getattr(v16, name) for name in v16.__all__ if isinstance(getattr(v16, name), type)}
    for action in v16.PROTOCOL.actions.values():
        assert {action.request, action.response} <= exported
    assert all(issubclass(kind, Struct | v16.ChargingRate) for kind in exported)


def test_an_unknown_field_is_the_fault_of_the_formation() -> None:
    with pytest.raises(OcppError) as refusal:
        HEARTBEAT.decode_request(b'{"vendorExtra":1}')
    assert refusal.value.code == ErrorCode.FORMATION_VIOLATION
