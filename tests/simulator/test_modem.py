"""A strict ear: whatever the central system sends against the specification is noticed, counted and answered."""

import logging

import pytest

from csms.ocpp import v16
from csms.simulator import CallFailed


@pytest.fixture
def violations(stage):
    """The test makes the central system misbehave; what the station noticed."""
    stage.violations_expected = True
    return lambda: [(v.code, v.description) for v in stage.fleets[0].violations]


async def test_an_invalid_call_is_answered_with_the_right_error(stage, csms, violations, caplog):
    await stage.station()
    with caplog.at_level(logging.ERROR):
        answer = await csms.call_unchecked("CS-1", "Reset", {"type": "Lukewarm"})
    assert answer.code == "PropertyConstraintViolation"
    assert (await csms.call_unchecked("CS-1", "Reset", {})).code == "OccurenceConstraintViolation"
    assert (await csms.call_unchecked("CS-1", "Reset", {"type": 7})).code == "TypeConstraintViolation"
    assert (await csms.call_unchecked("CS-1", "Explode", {})).code == "NotImplemented"
    assert (await csms.call_unchecked("CS-1", "StartTransaction", {})).code == "NotSupported"
    assert [code for code, _ in violations()] == [
        "PropertyConstraintViolation",
        "OccurenceConstraintViolation",
        "TypeConstraintViolation",
        "NotImplemented",
        "NotSupported",
    ]
    assert "CS-1: the central system violates OCPP 1.6: PropertyConstraintViolation: type" in caplog.text


async def test_an_invalid_answer_fails_the_call(stage, csms, violations, raw):
    station = await stage.station()
    csms.answer_next("Heartbeat", {"currentTime": "half past nine"})
    with pytest.raises(CallFailed, match="PropertyConstraintViolation"):
        await station.call(v16.Heartbeat())
    csms.answer_next("Heartbeat", {"currentTime": "2026-03-02T08:00:00Z", "mood": "fine"})
    with pytest.raises(CallFailed, match="FormationViolation"):
        await station.call(v16.Heartbeat())
    csms.answer_next("Heartbeat", raw('[3,"{id}"]'))
    with pytest.raises(CallFailed, match="FormationViolation"):
        await station.call(v16.Heartbeat())
    assert len(violations()) == 3


async def test_a_start_answered_without_a_transaction_id_is_tried_again(stage, csms, violations, clock):
    station = await stage.station()
    csms.answer_next("StartTransaction", {"idTagInfo": {"status": "Accepted"}})
    record = await station.start(1, "TAG")
    await clock.advance(61)
    assert record.transaction_id == 1001
    assert violations()[0][0] == "OccurenceConstraintViolation"


async def test_an_answer_nobody_asked_for(stage, csms, violations):
    station = await stage.station()
    await csms.links["CS-1"].send('[3,"made-up",{}]')
    await station.call(v16.Heartbeat())
    assert violations() == [("ProtocolError", "a result for no outstanding call")]


async def test_a_late_answer_is_no_violation(stage, csms, silence):
    station = await stage.station(call_timeout_s=0.1)
    csms.answer_next("Heartbeat", silence)
    with pytest.raises(CallFailed, match="TimedOut"):
        await station.call(v16.Heartbeat())
    late = csms.of("Heartbeat")[-1].message_id
    await csms.links["CS-1"].send(f'[3,"{late}",{{"currentTime":"2026-03-02T08:00:00Z"}}]')
    await station.call(v16.Heartbeat())


async def test_noise_does_not_end_the_connection(stage, csms, violations):
    station = await stage.station()
    for noise in ("", "hello", "{}", "[]", "[2]", '[9,"x",{}]', '[2,"x","Reset",null]'):
        await csms.links["CS-1"].send(noise)
    await station.call(v16.Heartbeat())
    assert station.online
    assert len(violations()) == 7
