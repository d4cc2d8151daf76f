"""One end of one OCPP-J connection, sans-IO: bytes in, events out; time comes in as seconds of any steady clock."""

from collections import deque
from typing import Any, Final

import msgspec
from msgspec import Struct

from csms.ocpp.codec import DECODE_FAILURES
from csms.ocpp.errors import ErrorCode, OcppError, normalised_code
from csms.ocpp.frames import (
    MESSAGE_ID_LIMIT,
    Call,
    CallError,
    CallResult,
    Malformed,
    decode_frame,
    encode_call,
    encode_error,
    oversize,
)
from csms.ocpp.protocol import AnyAction, Protocol, Sender


class IncomingCall(Struct, frozen=True):
    """The peer asks; answer in your own time with `frames.encode_result` or `frames.encode_error`."""

    message_id: str
    action: AnyAction
    request: Any


class Answered(Struct, frozen=True):
    """The peer answered our call."""

    message_id: str
    action: AnyAction
    response: Any
    context: object


class Refused(Struct, frozen=True):
    """Our call came to nothing: the peer sent a CALLERROR, or an answer that violates the schema."""

    message_id: str
    action: AnyAction
    code: str
    description: str
    details: dict[str, Any]
    context: object


class Rejected(Struct, frozen=True):
    """The peer sent what we cannot take; `reply` is the CALLERROR to send, `frame` the call if it is one."""

    frame: Call | None
    reply: bytes | None
    code: str
    description: str


class Unmatched(Struct, frozen=True):
    """An answer to no outstanding call: late, repeated or made up. Nothing to send."""

    message_id: str
    description: str


class TimedOut(Struct, frozen=True):
    """Our call was not answered in time."""

    message_id: str
    action: AnyAction
    context: object


class Abandoned(Struct, frozen=True):
    """Our call had no answer when the connection ended; `sent` tells whether it had left the queue."""

    message_id: str
    action: AnyAction
    context: object
    sent: bool


Event = IncomingCall | Answered | Refused | Rejected | Unmatched


class _Placed(Struct, frozen=True):
    message_id: str
    action: AnyAction
    payload: bytes
    timeout_s: float
    context: object


class QueueFull(Exception):  # noqa: N818
    """More calls are waiting on this connection than it will ever hold."""


class Endpoint:
    """One end of one connection: checks what arrives and keeps our calls to one at a time (OCPP-J §4.1.1)."""

    __slots__ = ("_max_frame_bytes", "_outstanding", "_queue", "_received", "deadline", "protocol")

    QUEUE_LIMIT: Final = 256

    deadline: float | None

    def __init__(self, protocol: Protocol, side: Sender, *, max_frame_bytes: int = 65536) -> None:
        self.protocol = protocol
        self.deadline = None
        self._received = protocol.received_by(side)
        self._max_frame_bytes = max_frame_bytes
        self._outstanding: _Placed | None = None
        self._queue: deque[_Placed] | None = None

    def receive(self, data: bytes) -> Event:
        """What one WebSocket message means; never raises, whatever the bytes."""
        if len(data) > self._max_frame_bytes:
            return self._malformed(oversize(data, self._max_frame_bytes))
        frame = decode_frame(data)
        if type(frame) is Call:
            return self._call(frame)
        if type(frame) is CallResult:
            return self._result(frame)
        if type(frame) is CallError:
            return self._error(frame)
        assert type(frame) is Malformed
        return self._malformed(frame)

    def place(
        self, message_id: str, action: AnyAction, payload: bytes, timeout_s: float, context: object = None
    ) -> None:
        """Queue a call of ours; `context` comes back with whatever becomes of it. Raises QueueFull."""
        if not 0 < len(message_id) <= MESSAGE_ID_LIMIT:
            raise ValueError(f"a message id has 1 to {MESSAGE_ID_LIMIT} characters: {message_id!r}")
        if self._queue is None:
            self._queue = deque()
        if len(self._queue) >= self.QUEUE_LIMIT:
            raise QueueFull(f"{len(self._queue)} calls are waiting")
        self._queue.append(_Placed(message_id, action, payload, timeout_s, context))

    def to_send(self, now: float) -> bytes | None:
        """The next CALL frame, if no call of ours is outstanding; its time-out starts now."""
        if self._outstanding is not None or not self._queue:
            return None
        call = self._outstanding = self._queue.popleft()
        self.deadline = now + call.timeout_s
        return encode_call(call.message_id, call.action.name, call.payload)

    def expired(self, now: float) -> TimedOut | None:
        """The outstanding call if its time is up; the next one can go then, and a late answer is Unmatched."""
        if self.deadline is None or now < self.deadline:
            return None
        call = self._settle()
        return TimedOut(call.message_id, call.action, call.context)

    def close(self) -> list[Abandoned]:
        """Every call of ours that will have no answer because the connection ended, in the order they were placed."""
        sent = [] if self._outstanding is None else [self._settle()]
        waiting, self._queue = self._queue or (), None
        return [Abandoned(call.message_id, call.action, call.context, sent=True) for call in sent] + [
            Abandoned(call.message_id, call.action, call.context, sent=False) for call in waiting
        ]

    def _settle(self) -> _Placed:
        call = self._outstanding
        assert call is not None
        self._outstanding = self.deadline = None
        return call

    def _awaits(self, message_id: str) -> bool:
        return self._outstanding is not None and self._outstanding.message_id == message_id

    def _call(self, frame: Call) -> IncomingCall | Rejected:
        action = self._received.get(frame.action)
        if action is None:
            return self._unknown(frame)
        try:
            return IncomingCall(frame.message_id, action, action.decode_request(frame.payload))
        except OcppError as error:
            return _rejected(frame, error.code, error.description)

    def _unknown(self, frame: Call) -> Rejected:
        if frame.action in self.protocol.actions:
            return _rejected(frame, ErrorCode.NOT_SUPPORTED, f"{frame.action} is not for this side")
        return _rejected(frame, ErrorCode.NOT_IMPLEMENTED, f"{frame.action} is unknown")

    def _result(self, frame: CallResult) -> Answered | Refused | Unmatched:
        if not self._awaits(frame.message_id):
            return Unmatched(frame.message_id, "a result for no outstanding call")
        call = self._settle()
        try:
            response = call.action.decode_response(frame.payload)
        except OcppError as error:
            return _invalid_answer(call, error.code, error.description)
        return Answered(call.message_id, call.action, response, call.context)

    def _error(self, frame: CallError) -> Refused | Unmatched:
        if not self._awaits(frame.message_id):
            return Unmatched(frame.message_id, f"an error for no outstanding call: {frame.code}")
        call = self._settle()
        code, description = normalised_code(frame.code), frame.description or ""
        return Refused(call.message_id, call.action, code, description, _details(frame), call.context)

    def _malformed(self, what: Malformed) -> Rejected | Refused:
        if what.reply:
            reply = encode_error(what.message_id, what.code, what.description)
            return Rejected(None, reply, what.code, what.description)
        if self._awaits(what.message_id):
            return _invalid_answer(self._settle(), what.code, what.description)
        return Rejected(None, None, what.code, what.description)


def _rejected(frame: Call, code: str, description: str) -> Rejected:
    return Rejected(frame, encode_error(frame.message_id, code, description), code, description)


def _invalid_answer(call: _Placed, code: str, description: str) -> Refused:
    return Refused(call.message_id, call.action, code, f"invalid answer: {description}", {}, call.context)


def _details(frame: CallError) -> dict[str, Any]:
    try:
        return msgspec.json.decode(frame.details, type=dict[str, Any])
    except DECODE_FAILURES:
        return {}
