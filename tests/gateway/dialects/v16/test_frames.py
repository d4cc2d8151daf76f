"""What is no proper call is answered or not as OCPP-J says, kept in any case, and the socket stays (OCPP-J 1.6 §4)."""

import json

import pytest

from .conftest import Play

STILL_THERE = """
        >> Heartbeat {}
        << {"currentTime": $_}
"""


@pytest.mark.behaviour("B-051")
async def test_an_unknown_action_is_not_implemented(play: Play) -> None:
    await play(
        f"""
        >> MakeCoffee {{"sugar": 2}}
        << !NotImplemented
        {STILL_THERE}
        == frames [{{"action": "MakeCoffee", "outcome": "error", "error_code": "NotImplemented"}}, {{"action": "Heartbeat"}}]
        """
    )


@pytest.mark.behaviour("B-051")
async def test_an_action_that_only_we_may_call_is_not_supported(play: Play) -> None:
    await play(
        f"""
        >> RemoteStartTransaction {{"idTag": "FRIEND"}}
        << !NotSupported
        >> TriggerMessage {{"requestedMessage": "Heartbeat"}}
        << !NotSupported
        {STILL_THERE}
        """
    )


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ('Heartbeat {"surprise": 1}', "FormationViolation"),
        ('Authorize {}', "OccurenceConstraintViolation"),
        ('Authorize {"idTag": 7}', "TypeConstraintViolation"),
        ('Authorize {"idTag": null}', "TypeConstraintViolation"),
        ('Authorize {"idTag": "more than twenty characters"}', "PropertyConstraintViolation"),
        ('StatusNotification {"connectorId": 1, "errorCode": "NoError", "status": "Sleeping"}', "PropertyConstraintViolation"),
        ('StatusNotification {"connectorId": 1.5, "errorCode": "NoError", "status": "Available"}', "TypeConstraintViolation"),
        ('MeterValues {"connectorId": 1, "meterValue": []}', "OccurenceConstraintViolation"),
        ('StartTransaction {"connectorId": 1, "idTag": "X", "meterStart": 0, "timestamp": "yesterday"}',
         "PropertyConstraintViolation"),
        ('StartTransaction {"connectorId": 1, "idTag": "X", "meterStart": 9223372036854775808,'
         ' "timestamp": "2030-01-01T10:00:00Z"}', "PropertyConstraintViolation"),
        ('StartTransaction {"connectorId": 99999999999999999999, "idTag": "X", "meterStart": 0,'
         ' "timestamp": "2030-01-01T10:00:00Z"}', "PropertyConstraintViolation"),
        ('StopTransaction {"transactionId": 1, "meterStop": -9223372036854775809,'
         ' "timestamp": "2030-01-01T10:00:00Z"}', "PropertyConstraintViolation"),
    ],
)  # fmt: skip
@pytest.mark.behaviour("B-050")
async def test_a_payload_that_violates_the_schema_gets_the_right_code(play_pure: Play, call: str, code: str) -> None:
    await play_pure(
        f"""
        >> {call}
        << !{code}
        {STILL_THERE}
        == frames [{{"outcome": "error", "error_code": "{code}"}}, {{"outcome": "result"}}]
        == sessions []
        == connectors []
        """
    )


async def test_a_refused_payload_over_the_wire(play: Play) -> None:
    await play(
        f"""
        >> Authorize {{"idTag": 7}}
        << !TypeConstraintViolation
        {STILL_THERE}
        == frames [{{"action": "Authorize", "outcome": "error", "error_code": "TypeConstraintViolation"}}, {{"outcome": "result"}}]
        """
    )


@pytest.mark.parametrize(
    ("data", "message_id"),
    [
        ("hello", "-1"),
        ("", "-1"),
        ("{}", "-1"),
        ("[]", "-1"),
        ("[2]", "-1"),
        ('[2,"m-1"]', "m-1"),
        ('[2,"m-1","Heartbeat"]', "m-1"),
        ('[2,"m-1","Heartbeat",null]', "m-1"),
        ('[2,"m-1","Heartbeat",[]]', "m-1"),
        ('[2,"m-1","Heartbeat",{},{}]', "m-1"),
        ('[2,"m-1","Heartbeat",{]', "m-1"),
        ('[5,"m-1","Heartbeat",{}]', "m-1"),
        ('["2","m-1","Heartbeat",{}]', "m-1"),
        ('[2,17,"Heartbeat",{}]', "17"),
        (
            '[2,"a message id that is longer than thirty-six","Heartbeat",{}]',
            "a message id that is longer than thirty-six",
        ),
    ],
)
@pytest.mark.behaviour("B-052")
async def test_what_is_no_frame_is_answered_with_a_call_error(play_pure: Play, data: str, message_id: str) -> None:
    kept = json.dumps(data)
    await play_pure(
        f"""
        >> {data}
        << [4, {json.dumps(message_id)}, $code, $_, {{}}]
        {STILL_THERE}
        == frames [{{"call": {kept}, "error_code": $code, "answer": $_}}, {{"outcome": "result"}}]
        """
    )


@pytest.mark.behaviour("B-052")
async def test_what_is_no_frame_is_answered_over_the_wire(play: Play) -> None:
    await play(
        f"""
        >> hello
        << [4, "-1", "FormationViolation", $_, {{}}]
        >> [2,"m-1","Heartbeat",null]
        << [4, "m-1", $_, $_, {{}}]
        {STILL_THERE}
        == frames [{{"call": "hello", "outcome": "malformed", "action": null}}, {{"error_code": $_}}, {{"outcome": "result"}}]
        """
    )


@pytest.mark.behaviour("B-052")
async def test_answers_to_nothing_we_asked_are_kept_and_not_answered(play: Play) -> None:
    await play(
        f"""
        >> [3,"unasked",{{}}]
        >> [4,"unasked","InternalError","",{{}}]
        >> [4,"unasked","InternalError"]
        >> [3,"unasked"]
        >> [3]
        {STILL_THERE}
        == frames [{{"outcome": "unmatched", "message_id": "unasked", "answer": null}},
             {{"outcome": "unmatched", "answer": null}}, {{"outcome": "unmatched", "answer": null}},
             {{"outcome": "malformed", "answer": null}}, {{"outcome": "malformed", "answer": null}},
             {{"action": "Heartbeat"}}]
        """
    )


@pytest.mark.behaviour("B-053")
async def test_message_ids_may_be_anything_up_to_36_characters(play: Play) -> None:
    lines = "".join(
        f"""
        >> [2,"{message_id}","Heartbeat",{{}}]
        << [3,"{message_id}",{{"currentTime": $_}}]
        """
        for message_id in ("1", "ä", '\\"', "x" * 36, "[3", " ")
    )
    await play(lines)
