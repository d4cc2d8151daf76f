"""Frames as OCPP-J 1.6 §4 has them, and everything else that may come through a socket."""

import json

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from csms.ocpp.errors import ErrorCode
from csms.ocpp.frames import (
    Call,
    CallError,
    CallResult,
    Malformed,
    decode_frame,
    encode_call,
    encode_error,
    encode_result,
)

FORMATION = ErrorCode.FORMATION_VIOLATION
PROPERTY = ErrorCode.PROPERTY_CONSTRAINT_VIOLATION
TYPE = ErrorCode.TYPE_CONSTRAINT_VIOLATION


def test_a_call() -> None:
    frame = decode_frame(b' [ 2, "19223201", "BootNotification", {"chargePointVendor": "X"} ]\n')
    assert isinstance(frame, Call)
    assert (frame.message_id, frame.action) == ("19223201", "BootNotification")
    assert bytes(frame.payload) == b'{"chargePointVendor": "X"}'


def test_a_result() -> None:
    frame = decode_frame(b'[3,"19223201",{"status":"Accepted"}]')
    assert isinstance(frame, CallResult)
    assert frame.message_id == "19223201"
    assert bytes(frame.payload) == b'{"status":"Accepted"}'


def test_an_error() -> None:
    frame = decode_frame(b'[4,"162376037","NotSupported","SendLocalList.req not implemented",{"a":1}]')
    assert isinstance(frame, CallError)
    assert (frame.message_id, frame.code) == ("162376037", "NotSupported")
    assert frame.description == "SendLocalList.req not implemented"
    assert bytes(frame.details) == b'{"a":1}'


@pytest.mark.parametrize("rest", ["", ',""', ',"",{}', ",null,null", ',"",[]', ',"",""'])
def test_an_error_may_be_terse(rest: str) -> None:
    frame = decode_frame(b'[4,"1","InternalError"%b]' % rest.encode())
    assert isinstance(frame, CallError)
    assert (frame.code, frame.description or "") == ("InternalError", "")


def test_a_message_id_has_up_to_36_characters_of_any_kind() -> None:
    for message_id in ("1", "d290f1ee-6c54-4b01-90e6-d701748f0851", "é" * 36, '"\\\n', "𝄞" * 36):
        frame = decode_frame(encode_call(message_id, "Heartbeat", b"{}"))
        assert isinstance(frame, Call)
        assert frame.message_id == message_id


def test_the_description_of_an_error_is_cut() -> None:
    frame = decode_frame(encode_error("1", "GenericError", "x" * 256))
    assert isinstance(frame, CallError)
    assert frame.description == "x" * 255


LONG_ID = b"a" * 37
NOT_FRAMES = [
    (b"", "-1", FORMATION, True),
    (b"\x00", "-1", FORMATION, True),
    (b"hello", "-1", FORMATION, True),
    (b"null", "-1", FORMATION, True),
    (b"42", "-1", FORMATION, True),
    (b'"[2]"', "-1", FORMATION, True),
    (b'{"a":1}', "-1", FORMATION, True),
    (b"[]", "-1", FORMATION, True),
    (b"[2]", "-1", FORMATION, True),
    (b'[2,"7"]', "7", FORMATION, True),
    (b'[2,"7","Heartbeat"]', "7", FORMATION, True),
    (b'[2,"7","Heartbeat",{},"extra"]', "7", FORMATION, True),
    (b'[2,"7","Heartbeat",{}', "7", FORMATION, True),
    (b'[2,"7","Heartbeat",{"a":}]', "7", FORMATION, True),
    (b'[2,"7","Heartbeat",NaN]', "7", FORMATION, True),
    (b'[2,"7","Heartbeat",{}]]', "7", FORMATION, True),
    (b'[2,"7","Heartbeat",{"a":"\\ud800"}]', "7", FORMATION, True),
    (b'[2,"7","Heartbeat",' + b"[" * 50_000, "7", FORMATION, True),
    (b"[" * 50_000, "-1", FORMATION, True),
    (b'\xef\xbb\xbf[2,"7","Heartbeat",{}]', "-1", FORMATION, True),
    ('[2,"7","Heartbeat",{}]'.encode("utf-16"), "-1", FORMATION, True),
    (b'[2,"7",5,{}]', "7", TYPE, True),
    (b'[2,"7",null,{}]', "7", TYPE, True),
    (b'[2,7,"Heartbeat",{}]', "7", TYPE, True),
    (b'[2,null,"Heartbeat",{}]', "-1", TYPE, True),
    (b'[2,{"a":1},"Heartbeat",{}]', "-1", TYPE, True),
    (b'[2,"\xff","Heartbeat",{}]', "-1", FORMATION, True),
    (b'[2,"\\ud800","Heartbeat",{}]', "-1", FORMATION, True),
    (b'[2,"","Heartbeat",{}]', "", PROPERTY, True),
    (b'[2,"%b","Heartbeat",{}]' % LONG_ID, LONG_ID.decode(), PROPERTY, True),
    (b'[2,"a\\"b\\u00e9","Heartbeat"]', 'a"bé', FORMATION, True),
    (b'[2,"%b","Heartbeat",{}]' % (b"a" * 1_000_000), "-1", PROPERTY, True),
    (b'[2,%b,"Heartbeat",{}]' % (b"7" * 1000), "-1", PROPERTY, True),
    (b'["2","7","Heartbeat",{}]', "7", TYPE, True),
    (b'[2.0,"7","Heartbeat",{}]', "7", TYPE, True),
    (b'[null,"7","Heartbeat",{}]', "7", TYPE, True),
    (b'[5,"7","NotifyPeriodicEventStream",{}]', "7", PROPERTY, True),
    (b'[-2,"7","Heartbeat",{}]', "7", PROPERTY, True),
    (b'[99999999999999999999999,"7",{}]', "7", TYPE, True),
    (b'[3,"7"]', "7", FORMATION, False),
    (b'[3,"7",{},{}]', "7", FORMATION, False),
    (b'[3,"7",{"status":}]', "7", FORMATION, False),
    (b"[3,7,{}]", "7", TYPE, False),
    (b'[ "3" , "7",{}]', "7", TYPE, False),
    (b'[4,"7"]', "7", FORMATION, False),
    (b'[4,"7",5,"",{}]', "7", TYPE, False),
    (b'[4,"7","InternalError","",{},1]', "7", FORMATION, False),
]


@pytest.mark.parametrize(("data", "message_id", "code", "reply"), NOT_FRAMES)
def test_what_is_no_frame_says_whom_to_answer_and_why(data: bytes, message_id: str, code: str, reply: bool) -> None:
    malformed = decode_frame(data)
    assert isinstance(malformed, Malformed)
    assert (malformed.message_id, malformed.code, malformed.reply) == (message_id, code, reply)
    assert malformed.description.startswith("frame")
    assert json.loads(encode_error(malformed.message_id, malformed.code, malformed.description))[1] == message_id


def test_a_payload_outlives_the_buffer_it_came_in() -> None:
    buffer = bytearray(b'[2,"7","Heartbeat",{}]')
    frame = decode_frame(memoryview(buffer))
    buffer[:] = b"x" * len(buffer)
    assert isinstance(frame, Call)
    assert bytes(frame.payload) == b"{}"


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
_almost_frames = st.builds(
    lambda kind, rest: json.dumps([kind, *rest]),
    st.sampled_from([2, 3, 4, "2", 2.0, 5, None]),
    st.lists(st.text(max_size=40) | _json, max_size=5),
).map(str.encode)


@given(st.binary() | st.text().map(lambda text: text.encode("utf-8", "surrogatepass")) | _almost_frames)
@example(b'[2,%b,"Heartbeat",{}]' % (b"1" * 5000))
@example(b"[1e999,1e999]")
@example(b'[2,"' + b"\\" * 100_001)
def test_no_bytes_whatsoever_raise(data: bytes) -> None:
    frame = decode_frame(data)
    assert isinstance(frame, Call | CallResult | CallError | Malformed)
    assert len(frame.message_id) <= len(data) + 2


@given(st.binary(max_size=8), st.integers(0, 60), st.integers(0, 5))
def test_a_damaged_frame_is_a_frame_or_keeps_its_message_id(noise: bytes, start: int, lost: int) -> None:
    sound = b'[2,"7","StatusNotification",{"connectorId":1,"status":"Available"}]'
    start += 7  # the head is whole
    damaged = sound[:start] + noise + sound[start + lost :]
    assert decode_frame(damaged).message_id == "7"


@given(st.text(min_size=1, max_size=36), st.text(), st.dictionaries(st.text(), st.integers()))
def test_what_is_encoded_is_decoded(message_id: str, text: str, content: dict[str, int]) -> None:
    payload = msgspec.json.encode(content)

    call = decode_frame(encode_call(message_id, text, payload))
    assert isinstance(call, Call)
    assert (call.message_id, call.action, bytes(call.payload)) == (message_id, text, payload)

    result = decode_frame(encode_result(message_id, payload))
    assert isinstance(result, CallResult)
    assert (result.message_id, bytes(result.payload)) == (message_id, payload)

    error = decode_frame(encode_error(message_id, text, text, payload))
    assert isinstance(error, CallError)
    assert (error.message_id, error.code, error.description) == (message_id, text, text[:255])
    assert bytes(error.details) == payload
