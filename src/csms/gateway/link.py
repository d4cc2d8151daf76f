"""A link: one station's connection, its frames in order.

A frame is decided in memory at once, its changes go to the recorder, and its answer leaves when they are committed. When
a commit is refused (another process took the link), or a decision failed half-way, memory can no longer be trusted: the
link closes, and the next one starts from the tables.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import structlog
from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport

from csms.domain.quirks.rules import CONNECTOR_ID
from csms.domain.sessions.quiet import end_quiet_sessions
from csms.domain.sessions.recall import NOTHING, Found, Question
from csms.domain.stations.changes import NewFrame
from csms.domain.stations.live import ACCEPTED
from csms.gateway.discretion import discreet_wire
from csms.gateway.faults import about, fault
from csms.gateway.mending import Mending, mended, noted
from csms.gateway.peer import Shown
from csms.gateway.turn import WAIT, Handler, Turn
from csms.kit.changes import Change
from csms.kit.clock import from_microseconds
from csms.kit.errors import Invalid
from csms.kit.recording import Fenced, Submission, Taken
from csms.ocpp.endpoint import Answered, Endpoint, Event, IncomingCall, Refused, Rejected, TimedOut, Unmatched
from csms.ocpp.errors import ErrorCode
from csms.ocpp.frames import encode_error, encode_result
from csms.ocpp.protocol import Sender

if TYPE_CHECKING:
    from csms.gateway.hub import Hub, Opened

log = structlog.get_logger(__name__)

IN_FLIGHT_BYTES = 192 * 1024  # decided but not yet committed (some 80 frames); more than that and we stop reading
ANSWER_READ_S = 5.0  # for the answer to a call of ours, once a socket that was not read is read again
FAREWELL_S = 5.0
OVERSIZE_KEPT = 4096  # of a frame we refuse for its length, this much is kept


class Link(WSListener):
    """Implements picows' listener; everything here runs in the event loop, without tasks of its own."""

    __slots__ = (
        "_backlog",
        "_drained",
        "_in_flight",
        "_mending",
        "_parts",
        "_pinged_at",
        "_subject",
        "_unread",
        "_waiting",
        "address",
        "closing",
        "commands_waiting",
        "ended",
        "endpoint",
        "epoch",
        "heard_at",
        "hub",
        "live",
        "opened_at",
        "paused",
        "security_profile",
        "shown",
        "tls",
        "transport",
    )

    def __init__(
        self,
        hub: "Hub",
        opened: "Opened",
        address: str,
        security_profile: int = 0,
        tls: str | None = None,
        shown: Shown | None = None,
    ) -> None:
        super().__init__()
        self.hub = hub
        self.live = opened.live
        self.epoch = opened.epoch
        self.commands_waiting = opened.commands_waiting
        self.endpoint = Endpoint(hub.dialect.protocol, Sender.CSMS, max_frame_bytes=hub.settings.max_frame_bytes)
        self.address = address
        self.security_profile = security_profile
        self.tls = tls
        self.shown = shown
        self.transport: WSTransport | None = None
        self.heard_at = hub.clock.monotonic()
        self.opened_at = hub.clock.now()
        self.closing = False
        self.ended = False
        self._subject = f"live.{opened.live.station.id}"
        self._pinged_at = 0.0
        self.paused = False
        self._unread = False
        self._in_flight = 0
        self._waiting: IncomingCall | None = None  # the call whose question is open
        self._mending: Mending | None = None  # of the frame that is being taken
        self._backlog: deque[bytes] | None = None
        self._parts: bytearray | None = None
        self._drained: Callable[[], None] | None = None

    # -- the socket ---------------------------------------------------------------------------------------------------

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport
        self.hub.opened(self)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self.transport = None
        self.closing = True
        self.hub.closed(self)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        self.heard_at = self.hub.clock.monotonic()
        kind = frame.msg_type
        if kind in (WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.CONTINUATION):
            if frame.fin and self._parts is None:
                self._arrived(frame.get_payload_as_bytes())
            else:
                self._part(frame)
        elif kind == WSMsgType.PING:
            if not self._unread:
                transport.send_pong(frame.get_payload_as_bytes())
        elif kind == WSMsgType.CLOSE:
            self.closing = True
            code = frame.get_close_code()
            transport.send_close(WSCloseCode.OK if code == WSCloseCode.NO_INFO else code)
            transport.disconnect()

    def pause_writing(self) -> None:
        """The station does not read what we say: neither do we, or our answers would pile up here."""
        self._unread = True
        self._pause()

    def resume_writing(self) -> None:
        self._unread = False
        self.go_on()

    def _part(self, frame: WSFrame) -> None:
        """Put a fragmented message together; one that grows past all limits ends the connection."""
        if self._parts is None:
            self._parts = bytearray()
        self._parts += frame.get_payload_as_bytes()
        endless = len(self._parts) > self.hub.settings.max_message_bytes
        if frame.fin or endless:
            data, self._parts = bytes(self._parts), None
            self._arrived(data)
        if endless:
            self.close(WSCloseCode.MESSAGE_TOO_BIG, "the message is too long")

    def close(self, code: WSCloseCode, reason: str) -> None:
        """End the connection: say why, then hang up; at last also on one whose buffers the peer no longer empties."""
        self.closing = True
        self._resume()
        if self.transport is not None and not self.transport.is_close_frame_sent:
            self.transport.send_close(code, reason.encode())
            self.transport.disconnect()
            asyncio.get_running_loop().call_later(FAREWELL_S, self.hang_up)

    def farewell(self) -> None:
        """End the connection because the process ends: take nothing more, and go when what was taken is committed and answered."""
        if not self.closing:
            self.closing = True
            self.when_drained(partial(self.close, WSCloseCode.GOING_AWAY, "the system is restarting"))

    def hang_up(self) -> None:
        """End a connection that no longer answers."""
        self.closing = True
        if self.transport is not None:
            self.transport.disconnect(graceful=False)

    def ping(self, now: float, interval: float) -> None:
        """Ask for a sign of life, at most once an interval."""
        if self.transport is not None and now - self._pinged_at >= interval:
            self._pinged_at = now
            self.transport.send_ping()

    def when_drained(self, then: Callable[[], None]) -> None:
        """Call `then` when nothing of this link waits for a commit any more."""
        if self._in_flight == 0 and self._waiting is None:
            then()
        else:
            self._drained = then

    def _send(self, data: bytes) -> None:
        if self.transport is not None and not self.transport.is_close_frame_sent:
            self.transport.send(WSMsgType.TEXT, data)

    # -- frames in ----------------------------------------------------------------------------------------------------

    def _arrived(self, data: bytes) -> None:
        if self.closing:
            return  # unanswered, so the station sends it again on its next connection
        if self._backlog or self._must_wait():
            if self._backlog is None:
                self._backlog = deque()
            self._backlog.append(data)
            self._pause()
            if self.hub.recorder.full:
                self.hub.wait_for_room(self)
        else:
            self._take(data)

    def _must_wait(self) -> bool:
        """Whether the next frame is not taken yet: order, what is in flight, a full recorder, a station that does not read."""
        return self._waiting is not None or self._in_flight >= IN_FLIGHT_BYTES or self._unread or self.hub.recorder.full

    @property
    def deaf(self) -> bool:
        """Whether it is our doing that nothing is heard of the station; then its silence says nothing."""
        return self.paused and not self._unread

    @property
    def behind(self) -> bool:
        """Whether the station has said what is not decided yet."""
        return self.paused or self._waiting is not None or bool(self._backlog)

    def _pause(self) -> None:
        """What the station says from now on stays in its socket."""
        if not self.paused and self.transport is not None:
            self.paused = True
            self.transport.underlying_transport.pause_reading()

    def _resume(self) -> None:
        if self.paused:
            self.paused = False
            self.heard_at = self.hub.clock.monotonic()
            if self.endpoint.deadline is not None:  # the answer may have been in the socket for long
                self.endpoint.deadline = max(self.endpoint.deadline, self.heard_at + ANSWER_READ_S)
            if self.transport is not None:
                self.transport.underlying_transport.resume_reading()

    def go_on(self) -> None:
        """Take what has waited, as far as possible, and read again when nothing waits any more."""
        backlog = self._backlog
        while backlog and not self.closing and not self._must_wait():
            self._take(backlog.popleft())
        if backlog:
            if self.hub.recorder.full:
                self.hub.wait_for_room(self)
        elif not self._unread:
            self._resume()

    def _take(self, data: bytes) -> None:
        event = self.endpoint.receive(data)
        self._mending = None
        if type(event) is Rejected or self.live.quirks is not None:
            event = self._mended(event, data)
        if type(event) is IncomingCall:
            self._called(event, data)
        else:
            self._other(event, data)

    def _mended(self, event: Event, data: bytes) -> Event:
        """The frame as its station's repairs make it; one that a repair fails at stays as it came."""
        try:
            event, self._mending = mended(event, data, self.live, self.hub.dialect.protocol)
        except Exception:
            said = event.frame if isinstance(event, Rejected) else event
            log.exception("a frame could not be repaired", **about(self.live, None, said.message_id if said else None))
        return event

    def _called(self, call: IncomingCall, data: bytes) -> None:
        handler = self.hub.dialect.handlers.get(call.action.name)
        if handler is None:
            return self._refuse(call, data, ErrorCode.NOT_SUPPORTED, f"{call.action.name} is not supported")
        if handler.boots and (retry_s := self._boot_again_after()) is not None:
            handler = self.hub.dialect.come_again(retry_s)
        if not (handler.unregistered or self.live.station.served):
            words = "send a BootNotification and wait until it is accepted"  # OCPP-J errata 3.8
            return self._refuse(call, data, ErrorCode.SECURITY_ERROR, words)
        oversized = handler.oversized(call.request)
        if oversized is not None:
            if oversized.startswith(CONNECTOR_ID):
                self._mending = Mending((), (CONNECTOR_ID,))
            return self._refuse(call, data, ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, oversized)
        question = handler.question(self.live, call.request) if handler.question is not None else None
        now = self.hub.clock.now()
        if question is None:
            return self._decide(handler, call, data, NOTHING, now, now)
        self._waiting = call
        if handler.unseen is not None and self.hub.policy.without_database != WAIT:
            handler = handler._replace(eager=True)
            patience_s = self.hub.settings.database_patience_s
            asyncio.get_running_loop().call_later(patience_s, self._unseen, handler, call, data, now)
        return self.hub.ask(question, partial(self._found, question, handler, call, data, now))

    def _boot_again_after(self) -> int | None:
        """Whether a boot would be one too many at present; not of a station that has booted on this very connection."""
        station, hub = self.live.station, self.hub
        if station.registration != ACCEPTED or (station.booted_at is not None and station.booted_at >= self.opened_at):
            return None
        retry_s = hub.boots.wait_s(station.id, hub.clock.monotonic(), hub.recorder.lag_s)
        if retry_s is not None:
            hub.tally.boots_deferred += 1
        return retry_s

    def _unseen(self, handler: Handler, call: IncomingCall, data: bytes, arrived_at: datetime) -> None:
        """The tables have not told in time: decide as the operator wishes it; what they tell later is not heard."""
        if self._waiting is call and not self.closing and handler.unseen is not None:
            self._waiting = None
            decided = handler._replace(decide=handler.unseen)
            self._decide(decided, call, data, NOTHING, arrived_at, self.hub.clock.now())
            self._settle()

    def _found(
        self,
        question: Question,
        handler: Handler,
        call: IncomingCall,
        data: bytes,
        arrived_at: datetime,
        found: Found | None,
        error: Exception | None,
    ) -> None:
        if self._waiting is not call:
            return
        self._waiting = None
        if error is not None or found is None:
            if not isinstance(error, Invalid):  # what no database takes is the station's own trouble
                log.error("look-up failed", **about(self.live, call.action.name, call.message_id), error=repr(error))
            self._refuse(call, data, *fault(error or RuntimeError()))
        elif not self.closing:
            found = self.hub.starting.beside(found, question)
            self._decide(handler, call, data, found, arrived_at, self.hub.clock.now())
            if question.start is not None:
                self.hub.starting.begun(self.live.sessions, question.start)
        self._settle()

    def _decide(
        self, handler: Handler, call: IncomingCall, data: bytes, found: Found, arrived_at: datetime, now: datetime
    ) -> None:
        hub = self.hub
        frame_id = hub.frame_ids.next(arrived_at)
        turn = Turn(from_microseconds(frame_id), frame_id, found, hub.policy, hub.new_transaction_id)
        try:
            response = handler.decide(self.live, call.request, turn)
            answer = encode_result(call.message_id, call.action.encode_response(response))
        except Exception as error:
            # Memory may be half changed: tell the station, keep the frame, and start anew from the tables.
            log.exception("a frame could not be decided", **about(self.live, call.action.name, call.message_id))
            self._refuse(call, data, *fault(error))
            self.closing = True
            return self.when_drained(lambda: self._fail("internal error"))
        hub.tally.messages[call.action.name, "result"] += 1
        changes = turn.changes
        changes.append(
            NewFrame(self.live.station.id, frame_id, "in", call.action.name, call.message_id, data, answer, now, "result",
                     None, turn.session_id)
        )  # fmt: skip
        if self._mending is not None:
            noted(self._mending, self.live, frame_id, now, changes)
        if handler.eager:
            self._send(answer)
            return self._record(turn.now, changes, None, len(data))
        return self._record(turn.now, changes, answer, len(data))

    def _refuse(self, call: IncomingCall, data: bytes, code: str, description: str) -> None:
        reply = encode_error(call.message_id, code, description)
        self._keep(data, call.action.name, call.message_id, reply, "error", code)

    def _other(self, event: Event, data: bytes) -> None:
        """Answers to our calls, and what is no proper frame: all kept, the first also settled."""
        if isinstance(event, Answered | Refused):
            self._answered(event, data)
        elif isinstance(event, Rejected):
            frame = event.frame
            action, message_id = (frame.action, frame.message_id) if frame is not None else (None, None)
            outcome = "error" if frame is not None else "malformed"
            if len(data) > self.hub.settings.max_frame_bytes:
                data = data[:OVERSIZE_KEPT]
            self._keep(data, action, message_id, event.reply, outcome, event.code)
        elif isinstance(event, Unmatched):
            self._keep(discreet_wire(data), None, event.message_id, None, "unmatched", None)

    def _keep(
        self,
        data: bytes,
        action: str | None,
        message_id: str | None,
        reply: bytes | None,
        outcome: str,
        code: str | None,
    ) -> None:
        now = self.hub.clock.now()
        frame_id = self.hub.frame_ids.next(now)
        log.debug("not a frame to take", **about(self.live, action, message_id), outcome=outcome, code=code)
        known = action if action is not None and action in self.hub.dialect.handlers else "other"
        self.hub.tally.messages[known, outcome] += 1
        frame = NewFrame(
            self.live.station.id, frame_id, "in", action, message_id, data, reply, now, outcome, code, None
        )
        changes: list[Change] = [frame]
        if self._mending is not None:
            noted(self._mending, self.live, frame_id, now, changes)
        self._record(now, changes, reply, len(data))

    def _answered(self, event: Answered | Refused, data: bytes) -> None:
        """An answer that cannot be taken fails its command, which would wait for ever otherwise."""
        try:
            return self.hub.dispatch.answered(self, event, data)
        except Exception as error:
            # Memory may be half changed, as above.
            log.exception("an answer could not be taken", **about(self.live, event.action.name, event.message_id))
            refused = Refused(event.message_id, event.action, *fault(error), {}, event.context)
            self.hub.dispatch.answered(self, refused, data)
            self.closing = True
            return self.when_drained(lambda: self._fail("internal error"))

    # -- committing ---------------------------------------------------------------------------------------------------

    def _record(self, now: datetime, changes: list[Change], answer: bytes | None, frame_bytes: int) -> None:
        submission = Submission(self.live.station.id, self.epoch, now, changes, self._recorded, answer, frame_bytes)
        self._in_flight += submission.size
        self.hub.recorder.submit(submission)

    def record(self, changes: list[Change], then: Callable[[], None] | None = None) -> None:
        """Commit changes of this station that no frame of its own brought; `then` runs after the commit."""

        def done(submission: Submission, error: Exception | None) -> None:
            self._recorded(submission, error)
            if error is None and then is not None:
                then()

        submission = Submission(self.live.station.id, self.epoch, self.hub.clock.now(), changes, done)
        self._in_flight += submission.size
        self.hub.recorder.submit(submission)

    def _recorded(self, submission: Submission, error: Exception | None) -> None:
        self._in_flight -= submission.size
        if isinstance(error, Fenced | Taken):  # unanswered: a start comes again, and hears what the tables say then
            self._fail(
                "replaced by a newer connection" if isinstance(error, Fenced) else "the id token charges elsewhere"
            )
        elif error is not None:
            self._unstorable(submission)
        else:
            if submission.answer is not None:
                self._send(submission.answer)
            self.hub.bus.ring(self._subject)
        self._settle()

    def _unstorable(self, submission: Submission) -> None:
        """The rows of a frame are refused: say so, or the station says it for ever, and start anew from the tables."""
        self.closing = True
        frame = next((change for change in submission.changes if type(change) is NewFrame), None)
        if frame is None or frame.outcome != "result":
            return self._fail("internal error")
        log.error("a frame could not be stored", **about(self.live, frame.action, frame.message_id))
        reply = encode_error(frame.message_id or "", ErrorCode.INTERNAL_ERROR, "this cannot be stored here")
        kept = frame._replace(answer=reply, outcome="error", error_code=ErrorCode.INTERNAL_ERROR, session_id=None)
        self._record(submission.seen_at, [kept], reply, len(frame.call))
        if self._drained is None:
            self._drained = partial(self._fail, "internal error")
        return None

    def _settle(self) -> None:
        if self.paused:
            self.go_on()
        if self._drained is not None and self._in_flight == 0 and self._waiting is None:
            drained, self._drained = self._drained, None
            drained()

    def _fail(self, reason: str) -> None:
        self.close(WSCloseCode.INTERNAL_ERROR, reason)

    # -- our calls ----------------------------------------------------------------------------------------------------

    def send_call(self, frame: bytes) -> None:
        self._send(frame)

    def end_quiet_sessions(self) -> None:
        """End what the station has forgotten to end; unless frames of it are being looked at, which may speak of it.

        Its time is taken as that of a frame, so that a replay knows where between the frames it happened.
        """
        if self.behind or self.closing:
            return
        hub, live = self.hub, self.live
        now = from_microseconds(hub.frame_ids.next(hub.clock.now()))
        changes: list[Change] = []
        patience = timedelta(seconds=hub.policy.quiet_session_s)
        end_quiet_sessions(live.sessions, live.station, self.opened_at, patience, now, changes)
        if changes:
            self.record(changes)

    def timed_out(self) -> TimedOut | None:
        """The call of ours whose time is up, if any."""
        return self.endpoint.expired(self.hub.clock.monotonic())
