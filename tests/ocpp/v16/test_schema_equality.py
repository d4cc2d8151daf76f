"""Our decoders and the OCA JSON schemas give the same verdict on every payload of every action, both ways."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator, Draft6Validator
from msgspec import Struct, inspect

from csms.ocpp import v16
from csms.ocpp.errors import OcppError
from csms.ocpp.uri import URI

from . import payloads, referee, strategies

MESSAGES = [f"{name}{kind}" for name in sorted(v16.PROTOCOL.actions) for kind in ("", "Response")]


def decoded(name: str, payload: bytes) -> Struct | None:
    """What we make of a payload; None if we refuse it."""
    action = v16.PROTOCOL.actions[name.removesuffix("Response")]
    try:
        return action.decode_response(payload) if name.endswith("Response") else action.decode_request(payload)
    except OcppError:
        return None


def encoded(name: str, message: Struct) -> bytes:
    action = v16.PROTOCOL.actions[name.removesuffix("Response")]
    return action.encode_response(message) if name.endswith("Response") else action.encode_request(message)


def assert_same_verdict(name: str, payload: bytes) -> Struct | None:
    message = decoded(name, payload)
    verdict = "accept" if referee.accepts(name, payload) else "refuse"
    assert ("refuse" if message is None else "accept") == verdict, (
        f"the schema would {verdict} {payload.decode()[:2000]}"
    )
    return message


def test_there_is_a_message_for_every_schema_and_a_schema_for_every_message() -> None:
    assert sorted(MESSAGES) == sorted(path.stem for path in referee.SCHEMAS.glob("*.json"))


@pytest.mark.parametrize("name", MESSAGES)
def test_same_fields_types_limits_and_values(name: str) -> None:
    action = v16.PROTOCOL.actions[name.removesuffix("Response")]
    ours = action.response if name.endswith("Response") else action.request
    assert shape_of_type(inspect.type_info(ours)) == shape_of_schema(referee.schema_of(name))


def shape_of_type(kind: inspect.Type) -> Any:
    if isinstance(kind, inspect.StructType):
        assert kind.forbid_unknown_fields
        return {field.encode_name: (field.required, shape_of_type(field.type)) for field in kind.fields}
    if isinstance(kind, inspect.ListType):
        assert kind.max_length is None
        return "array", kind.min_length or 0, shape_of_type(kind.item_type)
    if isinstance(kind, inspect.LiteralType):
        return "string", frozenset(kind.values)
    if isinstance(kind, inspect.StrType):
        return "string", {None: None, URI: "uri"}[kind.pattern], kind.max_length
    simple = (
        (inspect.DateTimeType(tz=True), ("string", "date-time", None)),
        (inspect.CustomType(v16.ChargingRate), ("number", Decimal("0.1"))),
        (inspect.IntType(), "integer"),
        (inspect.BoolType(), "boolean"),
    )
    return next(shape for simple_kind, shape in simple if simple_kind == kind)


def shape_of_schema(schema: payloads.Schema) -> Any:
    match schema:
        case {"type": "object", "additionalProperties": False}:
            required = schema.get("required", [])
            properties = schema.get("properties", {}).items()
            return {key: (key in required, shape_of_schema(item)) for key, item in properties}
        case {"type": "array", "items": item}:
            return "array", schema.get("minItems", 0), shape_of_schema(item)
        case {"type": "string", "enum": values}:
            return "string", frozenset(values)
        case {"type": "string"}:
            return "string", schema.get("format"), schema.get("maxLength")
        case {"type": "number", "multipleOf": step}:
            return "number", step
    return schema["type"]


@pytest.mark.parametrize("name", MESSAGES)
def test_same_verdict_on_every_single_fault(name: str) -> None:
    for payload in payloads.single_faults(referee.schema_of(name)):
        assert_same_verdict(name, payloads.written(payload))


@pytest.mark.parametrize("name", MESSAGES)
def test_right_payloads_are_accepted_and_leave_as_they_came(name: str) -> None:
    @given(payload=strategies.right(referee.schema_of(name)), ascii_only=st.booleans())
    def check(payload: Any, ascii_only: bool) -> None:
        text = payloads.written(payload, ascii_only=ascii_only)
        message = assert_same_verdict(name, text)
        assert message is not None, "the strategy makes right payloads"
        again = encoded(name, message)
        assert decoded(name, again) == message
        assert referee.accepts(name, again)

    check()


@pytest.mark.parametrize("name", MESSAGES)
def test_same_verdict_whatever_is_wrong(name: str) -> None:
    @given(payload=strategies.wrong(referee.schema_of(name)), ascii_only=st.booleans())
    def check(payload: Any, ascii_only: bool) -> None:
        assert_same_verdict(name, payloads.written(payload, ascii_only=ascii_only))

    check()


def test_the_schema_of_stop_transaction_knows_no_hertz_but_the_errata_do() -> None:
    payload = b"""{"meterStop": 1, "timestamp": "2024-05-01T10:00:00Z", "transactionId": 1, "transactionData": [
        {"timestamp": "2024-05-01T10:00:00Z", "sampledValue": [{"value": "50", "measurand": "Frequency", "unit": "Hertz"}]}]}"""
    assert not Draft4Validator(referee.load("StopTransaction")).is_valid(json.loads(payload))
    assert decoded("StopTransaction", payload)


def test_an_integer_has_no_point_in_the_security_extension_either() -> None:
    payload = b'{"status": "Idle", "requestId": 1.0}'
    assert Draft6Validator(referee.load("LogStatusNotification")).is_valid(json.loads(payload))
    assert not decoded("LogStatusNotification", payload)


def test_an_unpaired_surrogate_is_no_text() -> None:
    payload = b'{"idTag": "\\ud83d"}'
    assert referee.accepts("Authorize", payload)
    assert not decoded("Authorize", payload)


def test_both_values_of_a_repeated_field_are_checked() -> None:
    payload = b'{"idTag": 1, "idTag": "ABC"}'
    assert referee.accepts("Authorize", payload)
    assert not decoded("Authorize", payload)
    assert decoded("Authorize", b'{"idTag": "DEF", "idTag": "ABC"}') == v16.Authorize(id_tag="ABC")
