"""The frames of the RPC layer (OCPP-J 1.6 §4): JSON arrays [2, id, action, {}], [3, id, {}], [4, id, code, text, {}]."""

import re
from contextlib import suppress
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Raw, Struct

from csms.ocpp.codec import DECODE_FAILURES, refusal
from csms.ocpp.errors import DESCRIPTION_LIMIT, ErrorCode, OcppError

MESSAGE_ID_LIMIT: Final = 36
UNREADABLE_ID: Final = "-1"

MessageId = Annotated[str, Meta(min_length=1, max_length=MESSAGE_ID_LIMIT)]


class Call(Struct, array_like=True, tag=2, forbid_unknown_fields=True, frozen=True, gc=False):
    """A request (§4.2.1); its payload is not decoded yet."""

    message_id: MessageId
    action: str
    payload: Raw


class CallResult(Struct, array_like=True, tag=3, forbid_unknown_fields=True, frozen=True, gc=False):
    """An answer (§4.2.2); its payload is not decoded yet."""

    message_id: MessageId
    payload: Raw


class CallError(Struct, array_like=True, tag=4, forbid_unknown_fields=True, frozen=True, gc=False):
    """A refusal (§4.2.3); many stations leave out or null its description and details."""

    message_id: MessageId
    code: str
    description: str | None = ""
    details: Raw = Raw(b"{}")


class Malformed(Struct, frozen=True, gc=False):
    """What arrived instead of a frame: the sender's message id or "-1", and what is wrong with it.

    `reply` is false for what calls itself an answer: a CALLERROR in return would answer nothing.
    """

    message_id: str
    code: str
    description: str
    reply: bool


Frame = Call | CallResult | CallError

_DECODER: Final[msgspec.json.Decoder[Frame]] = msgspec.json.Decoder(Frame)
_decode = _DECODER.decode
_encode = msgspec.json.Encoder().encode

# The message type and the message id, also where the rest of the frame is damaged; further than this nobody looks for them.
_HEAD: Final = re.compile(rb'\s*\[\s*"?([^\s,\]"]*)"?\s*(?:,\s*("(?:[^"\\]|\\.)*"|-?\d+(?=\s*[,\]])))?')
_HEAD_BYTES: Final = 512


def decode_frame(data: bytes | memoryview) -> Call | CallResult | CallError | Malformed:
    """The frame in one WebSocket message; never raises, whatever the bytes. Payloads refer to the bytes given."""
    if type(data) is not bytes:
        data = bytes(data)  # the buffer behind a view may be written again while a payload still refers to it
    try:
        return _decode(data)
    except DECODE_FAILURES as failure:
        return malformed(data, refusal(failure, "frame"))


def malformed(data: bytes, error: OcppError) -> Malformed:
    """What to say about bytes that are not accepted as a frame."""
    head = _HEAD.match(data, 0, _HEAD_BYTES)
    kind, literal = head.groups() if head else (b"", None)
    message_id = UNREADABLE_ID
    if literal is not None:
        with suppress(*DECODE_FAILURES):
            message_id = str(msgspec.json.decode(literal))
    return Malformed(message_id, error.code, error.description, reply=kind not in (b"3", b"4"))


def encode_call(message_id: str, action: str, payload: bytes) -> bytes:
    """A CALL frame around an encoded payload."""
    return b"[2,%b,%b,%b]" % (_encode(message_id), _encode(action), payload)


def encode_result(message_id: str, payload: bytes) -> bytes:
    """A CALLRESULT frame around an encoded payload."""
    return b"[3,%b,%b]" % (_encode(message_id), payload)


def encode_error(message_id: str, code: str, description: str = "", details: bytes = b"{}") -> bytes:
    """A CALLERROR frame; the description is cut to 255 characters, `details` is an encoded JSON object."""
    text = _encode(description[:DESCRIPTION_LIMIT])
    return b"[4,%b,%b,%b,%b]" % (_encode(message_id), _encode(code), text, details)


def oversize(data: bytes, limit: int) -> Malformed:
    """What to say about a frame longer than `limit` bytes."""
    return malformed(data, OcppError(ErrorCode.FORMATION_VIOLATION, f"frame: longer than {limit} bytes"))
