"""The benchmark speaks correct OCPP, and does not take a wrong answer for a right one."""

import json

import pytest
from bench.mix import CYCLE, Script, WrongAnswerError
from ocpp.messages import Call, validate_payload

NOW = b"2026-01-01T00:00:00.000Z"
METER = ["MeterValues", "MeterValues"]
ACCEPTED = {"idTagInfo": {"status": "Accepted"}}


def answer(frame: bytes, payload: object) -> bytes:
    return json.dumps([3, json.loads(frame)[1], payload], separators=(",", ":")).encode()


def test_a_cycle_is_the_session_of_the_design() -> None:
    actions = [step.action.decode() for step in CYCLE]

    before, during, after = actions[:4], actions[4:12], actions[12:]

    assert before == ["Heartbeat", "StatusNotification", "Authorize", "StartTransaction"]
    assert during == ["StatusNotification", *METER, "Heartbeat", *METER, "StatusNotification", "StopTransaction"]
    assert after == ["StatusNotification", "MeterValues", "Heartbeat"]


async def test_every_call_passes_the_schema_of_the_open_charge_alliance() -> None:
    script = Script("BENCH0001")

    for frame in [script.boot(), *(script.next_call(NOW) for _ in CYCLE)]:
        kind, message_id, action, payload = json.loads(frame)
        assert kind == 2
        await validate_payload(Call(message_id, action, payload), "1.6")


def test_meter_values_carry_energy_power_and_three_phases_of_current_and_voltage() -> None:
    script = Script("BENCH0001")
    calls = [json.loads(script.next_call(NOW)) for _ in CYCLE]
    meter_values = [payload for _, _, action, payload in calls if action == "MeterValues"]

    for payload in meter_values:
        (sampled,) = [value["sampledValue"] for value in payload["meterValue"]]
        assert [sample["measurand"].split(".")[0] for sample in sampled] == [
            "Energy",
            "Power",
            *["Current"] * 3,
            *["Voltage"] * 3,
        ]
    assert ["transactionId" in payload for payload in meter_values] == [True, True, True, True, False]


def test_the_transaction_id_of_the_answer_is_the_one_that_meter_values_and_the_stop_carry() -> None:
    script = Script("BENCH0001")
    for _ in range(4):
        start = script.next_call(NOW)
    script.check(answer(start, {"transactionId": 4711, **ACCEPTED}))
    later = [json.loads(script.next_call(NOW))[3] for _ in range(8)]

    assert [payload["transactionId"] for payload in later if "transactionId" in payload] == [4711] * 5


def test_a_transaction_id_given_to_two_stations_is_an_error() -> None:
    given: set[int] = set()
    first, second = (Script(id_token, transaction_ids=given) for id_token in ("BENCH0001", "BENCH0002"))
    first_start, second_start = [[script.next_call(NOW) for _ in range(4)][-1] for script in (first, second)]
    first.check(answer(first_start, {"transactionId": 7, **ACCEPTED}))

    with pytest.raises(WrongAnswerError, match="given twice"):
        second.check(answer(second_start, {"transactionId": 7, **ACCEPTED}))


def test_two_sessions_never_start_at_the_same_meter_value() -> None:
    script = Script("BENCH0001")
    calls = [json.loads(script.next_call(NOW)) for _ in range(3 * len(CYCLE))]
    starts = [payload["meterStart"] for _, _, action, payload in calls if action == "StartTransaction"]
    stops = [payload["meterStop"] for _, _, action, payload in calls if action == "StopTransaction"]

    assert starts[1:] == stops[:-1]
    assert starts == sorted(set(starts))


def test_the_same_answer_with_spaces_in_it_is_right() -> None:
    script = Script("BENCH0001")
    frame = script.next_call(NOW)

    script.check(b'[3, "%x", {"currentTime": "2026-01-01T00:00:00Z"}]' % script.message_id)
    assert json.loads(frame)[1] == f"{script.message_id:x}"


@pytest.mark.parametrize(
    ("calls", "wrong", "says"),
    [
        (1, b'[3,"another",{}]', "not the answer"),
        (1, b'[4,"1","InternalError","",{}]', "CALLERROR InternalError"),
        (1, b"[2,", "not an OCPP frame"),
        (3, b'[3,"3",{"idTagInfo":{"status":"Invalid"}}]', "Authorize: Invalid"),
        (3, b'[3,"3",{}]', "Authorize"),
        (4, b'[3,"4",{"transactionId":0,"idTagInfo":{"status":"Accepted"}}]', "above zero"),
        (4, b'[3,"4",{"transactionId":7,"idTagInfo":{"status":"ConcurrentTx"}}]', "ConcurrentTx"),
        (4, b'[3,"4",{"idTagInfo":{"status":"Accepted"}}]', "transactionId"),
    ],
)
def test_a_wrong_answer_is_an_error(calls: int, wrong: bytes, says: str) -> None:
    script = Script("BENCH0001")
    for _ in range(calls):
        script.next_call(NOW)

    with pytest.raises(WrongAnswerError, match=says):
        script.check(wrong)


def test_from_an_echo_the_call_itself_is_the_answer() -> None:
    script = Script("BENCH0001", echo=True)
    for _ in range(4):
        frame = script.next_call(NOW)
        script.check(frame)

    with pytest.raises(WrongAnswerError):
        script.check(answer(frame, {"transactionId": 1, **ACCEPTED}))
