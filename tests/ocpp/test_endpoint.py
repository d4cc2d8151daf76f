"""Stories of one connection: `>>` is what the other end says, `<<` what it hears."""

import json
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csms.ocpp import v16
from csms.ocpp.endpoint import (
    Abandoned,
    Answered,
    Endpoint,
    IncomingCall,
    QueueFull,
    Refused,
    Rejected,
    TimedOut,
    Unmatched,
)
from csms.ocpp.errors import ErrorCode
from csms.ocpp.frames import Call, encode_result
from csms.ocpp.protocol import Sender

RESET = v16.PROTOCOL.action_of(v16.Reset)
CLEAR_CACHE = v16.PROTOCOL.action_of(v16.ClearCache)
HARD = RESET.encode_request(v16.Reset(type="Hard"))


@pytest.fixture
def csms() -> Endpoint:
    return Endpoint(v16.PROTOCOL, Sender.CSMS)


@pytest.fixture
def calling(csms: Endpoint) -> Endpoint:
    """An endpoint whose call "1" (Reset, 30 s, placed for "operator") left at 100.0."""
    csms.place("1", RESET, HARD, 30.0, "operator")
    assert csms.to_send(100.0) == b'[2,"1","Reset",{"type":"Hard"}]'
    return csms


def test_a_call_comes_in_and_is_answered(csms: Endpoint) -> None:
    event = csms.receive(b'[2,"a1","Authorize",{"idTag":"ABC"}]')
    assert event == IncomingCall("a1", v16.PROTOCOL.action_of(v16.Authorize), v16.Authorize(id_tag="ABC"))
    assert isinstance(event, IncomingCall)
    answer = v16.AuthorizeResponse(id_tag_info=v16.IdTagInfo(status="Invalid"))
    reply = encode_result(event.message_id, event.action.encode_response(answer))
    assert reply == b'[3,"a1",{"idTagInfo":{"status":"Invalid"}}]'


def test_a_station_that_does_not_wait_is_heard_all_the_same(calling: Endpoint) -> None:
    events = [calling.receive(b'[2,"%d","Heartbeat",{}]' % n) for n in range(3)]
    assert [event.message_id for event in events if isinstance(event, IncomingCall)] == ["0", "1", "2"]
    assert isinstance(calling.receive(b'[3,"1",{"status":"Accepted"}]'), Answered)


@pytest.mark.parametrize(
    ("call", "code", "description"),
    [
        (b'[2,"7","Explode",{}]', "NotImplemented", "Explode is unknown"),
        (b'[2,"7","heartbeat",{}]', "NotImplemented", "heartbeat is unknown"),
        (b'[2,"7","Reset",{"type":"Hard"}]', "NotSupported", "Reset is not for this side"),
        (b'[2,"7","Heartbeat",null]', "FormationViolation", "payload: expected object, got null"),
        (b'[2,"7","Heartbeat",[]]', "FormationViolation", "payload: expected object, got array"),
        (b'[2,"7","Authorize",{}]', "OccurenceConstraintViolation", "payload: idTag is missing"),
        (b'[2,"7","Authorize",{"idTag":7}]', "TypeConstraintViolation", "idTag: expected str, got int"),
    ],
)
def test_a_call_we_cannot_take_is_answered_with_an_error(
    csms: Endpoint, call: bytes, code: str, description: str
) -> None:
    event = csms.receive(call)
    assert isinstance(event, Rejected)
    assert isinstance(event.frame, Call)
    assert event.frame.message_id == "7"
    assert (event.code, event.description) == (code, description)
    assert event.reply is not None
    assert json.loads(event.reply) == [4, "7", code, description, {}]


def test_a_station_refuses_what_is_for_the_central_system() -> None:
    station = Endpoint(v16.PROTOCOL, Sender.STATION)
    assert isinstance(station.receive(b'[2,"1","Reset",{"type":"Soft"}]'), IncomingCall)
    assert isinstance(station.receive(b'[2,"2","DataTransfer",{"vendorId":"x"}]'), IncomingCall)
    event = station.receive(b'[2,"3","Heartbeat",{}]')
    assert isinstance(event, Rejected)
    assert event.code == ErrorCode.NOT_SUPPORTED


def test_nonsense_is_answered_and_the_connection_goes_on(csms: Endpoint) -> None:
    for nonsense, message_id in ((b"{", "-1"), (b"[]", "-1"), (b'[2,"7","Heartbeat"]', "7"), (b'[9,"7",{}]', "7")):
        event = csms.receive(nonsense)
        assert isinstance(event, Rejected)
        assert event.frame is None
        assert event.reply is not None
        assert json.loads(event.reply)[:2] == [4, message_id]
    assert isinstance(csms.receive(b'[2,"8","Heartbeat",{}]'), IncomingCall)


def test_an_oversized_frame_is_refused_unread() -> None:
    small = Endpoint(v16.PROTOCOL, Sender.CSMS, max_frame_bytes=100)
    fits = b'[2,"7","DataTransfer",{"vendorId":"%b"}]'
    fits %= b"v" * (100 - len(fits) + 2)
    assert len(fits) == 100
    assert isinstance(small.receive(fits), IncomingCall)
    event = small.receive(fits.replace(b"vv", b"vvv", 1))
    assert isinstance(event, Rejected)
    assert event.reply == b'[4,"7","FormationViolation","frame: longer than 100 bytes",{}]'


def test_an_answer_returns_with_its_context(calling: Endpoint) -> None:
    assert calling.deadline == 130.0
    event = calling.receive(b'[3,"1",{"status":"Accepted"}]')
    assert event == Answered("1", RESET, v16.ResetResponse(status="Accepted"), "operator")
    assert calling.deadline is None


def test_one_call_at_a_time(calling: Endpoint) -> None:
    calling.place("2", CLEAR_CACHE, b"{}", 5.0)
    calling.place("3", RESET, HARD, 5.0)
    assert calling.to_send(101.0) is None
    calling.receive(b'[3,"1",{"status":"Accepted"}]')
    assert calling.to_send(102.0) == b'[2,"2","ClearCache",{}]'
    assert calling.deadline == 107.0
    assert calling.to_send(102.0) is None
    calling.receive(b'[4,"2","NotSupported","",{}]')
    assert calling.to_send(103.0) == b'[2,"3","Reset",{"type":"Hard"}]'
    calling.receive(b'[3,"3",{"status":"Rejected"}]')
    assert calling.to_send(104.0) is None


def test_a_refusal_is_a_result_with_its_code_as_1_6_spells_it(calling: Endpoint) -> None:
    event = calling.receive(b'[4,"1","OccurrenceConstraintViolation","no type",{"field":"type"}]')
    assert event == Refused("1", RESET, "OccurenceConstraintViolation", "no type", {"field": "type"}, "operator")
    assert calling.deadline is None


@pytest.mark.parametrize(
    "details", [b"null", b'"x"', b"[1]", b'{"a":1e999}', b'{"a":"\xff"}', b'{"a":' * 400 + b"1" + b"}" * 400]
)
def test_a_refusal_may_have_any_details(calling: Endpoint, details: bytes) -> None:
    event = calling.receive(b'[4,"1","InternalError",null,%b]' % details)
    assert isinstance(event, Refused)
    assert (event.code, event.description) == ("InternalError", "")
    assert isinstance(event.details, dict)


@pytest.mark.parametrize(
    ("answer", "code", "description"),
    [
        (b'[3,"1",{"status":"Maybe"}]', "PropertyConstraintViolation", "status: 'Maybe' is not one of its values"),
        (b'[3,"1",null]', "FormationViolation", "payload: expected object, got null"),
        (b'[3,"1"]', "FormationViolation", "frame: elements are missing"),
        (b'[4,"1"]', "FormationViolation", "frame: elements are missing"),
        (b'[3,"1",{"status":"Accep', "FormationViolation", "frame: Input data was truncated"),
    ],
)
def test_an_invalid_answer_settles_the_call(calling: Endpoint, answer: bytes, code: str, description: str) -> None:
    event = calling.receive(answer)
    assert event == Refused("1", RESET, code, f"invalid answer: {description}", {}, "operator")
    calling.place("2", CLEAR_CACHE, b"{}", 5.0)
    assert calling.to_send(101.0) is not None


def test_an_answer_nobody_waits_for_is_not_answered(calling: Endpoint) -> None:
    for answer in (b'[3,"2",{"status":"Accepted"}]', b'[3,"2",null]', b'[4,"2","InternalError","",{}]'):
        event = calling.receive(answer)
        assert isinstance(event, Unmatched)
        assert event.message_id == "2"
    event = calling.receive(b'[3,"2"]')
    assert isinstance(event, Rejected)
    assert event.reply is None
    assert calling.deadline == 130.0


def test_a_call_times_out_and_its_late_answer_is_unmatched(calling: Endpoint) -> None:
    calling.place("2", CLEAR_CACHE, b"{}", 5.0)
    assert calling.expired(129.9) is None
    assert calling.expired(130.0) == TimedOut("1", RESET, "operator")
    assert calling.expired(130.0) is None
    assert calling.to_send(130.0) == b'[2,"2","ClearCache",{}]'
    assert isinstance(calling.receive(b'[3,"1",{"status":"Accepted"}]'), Unmatched)
    assert isinstance(calling.receive(b'[3,"2",{"status":"Accepted"}]'), Answered)


def test_an_answer_counts_once(calling: Endpoint) -> None:
    assert isinstance(calling.receive(b'[3,"1",{"status":"Accepted"}]'), Answered)
    assert isinstance(calling.receive(b'[3,"1",{"status":"Accepted"}]'), Unmatched)


def test_a_broken_call_under_the_id_of_ours_does_not_settle_ours(calling: Endpoint) -> None:
    event = calling.receive(b'[2,"1","Heartbeat"]')
    assert isinstance(event, Rejected)
    assert event.reply is not None
    assert calling.deadline == 130.0


def test_the_end_of_a_connection_abandons_what_had_no_answer(calling: Endpoint) -> None:
    calling.place("2", CLEAR_CACHE, b"{}", 5.0, "scheduler")
    assert calling.close() == [
        Abandoned("1", RESET, "operator", sent=True),
        Abandoned("2", CLEAR_CACHE, "scheduler", sent=False),
    ]
    assert calling.close() == []
    assert calling.deadline is None
    assert calling.to_send(200.0) is None


def test_the_queue_has_a_bound(csms: Endpoint) -> None:
    for n in range(Endpoint.QUEUE_LIMIT):
        csms.place(str(n), RESET, HARD, 30.0)
    with pytest.raises(QueueFull):
        csms.place("one too many", RESET, HARD, 30.0)


@pytest.mark.parametrize("message_id", ["", "a" * 37])
def test_a_message_id_of_ours_fits(csms: Endpoint, message_id: str) -> None:
    with pytest.raises(ValueError, match="1 to 36 characters"):
        csms.place(message_id, RESET, HARD, 30.0)


def test_an_idle_endpoint_weighs_little(csms: Endpoint) -> None:
    csms.receive(b'[2,"7","Heartbeat",{}]')
    assert not hasattr(csms, "__dict__")
    assert sys.getsizeof(csms) < 400


_messages: st.SearchStrategy[Any] = st.one_of(
    st.tuples(
        st.just(2), st.sampled_from("123"), st.sampled_from(["Heartbeat", "Reset", "X"]), st.sampled_from([{}, None])
    ),
    st.tuples(st.just(3), st.sampled_from("123"), st.sampled_from([{"status": "Accepted"}, {}, None])),
    st.tuples(st.just(4), st.sampled_from("123"), st.just("InternalError")),
    st.tuples(st.just(3)),
    st.none(),
)


@given(st.lists(_messages | st.sampled_from(["place", "send", "wait"]), max_size=40))
def test_every_call_of_ours_ends_once_whatever_happens(story: list[Any]) -> None:
    csms = Endpoint(v16.PROTOCOL, Sender.CSMS)
    now, placed, ended, on_the_wire = 0.0, 0, [], 0
    for step in story:
        if step == "place":
            csms.place(str(placed % 3 + 1), RESET, HARD, 2.0, placed)
            placed += 1
        elif step == "send":
            on_the_wire += csms.to_send(now) is not None
        elif step == "wait":
            now += 1.5
            if (timed_out := csms.expired(now)) is not None:
                ended.append(timed_out.context)
        else:
            event = csms.receive(json.dumps(step).encode())
            if isinstance(event, Answered | Refused):
                ended.append(event.context)
        assert on_the_wire - len(ended) == (csms.deadline is not None)
    ended += [call.context for call in csms.close()]
    assert ended == list(range(placed))
