"""A station's line to the central system: one WebSocket at a time, calls and answers checked both ways."""

import asyncio
import itertools
import logging
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from msgspec import Struct
from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from csms.ocpp import v16
from csms.ocpp.endpoint import Answered, Endpoint, IncomingCall, QueueFull, Refused, Rejected, Unmatched
from csms.ocpp.errors import ErrorCode, OcppError
from csms.ocpp.frames import encode_error, encode_result
from csms.ocpp.protocol import Sender
from csms.simulator.clock import Clock
from csms.simulator.safe import Safe

log = logging.getLogger("csms.simulator")

_MAX_FRAME_BYTES = 1 << 20
_INVALID_ANSWER = "invalid answer: "


class CallFailed(Exception):  # noqa: N818
    """A call that the central system did not process: its CALLERROR, an answer that violates the schema, or silence."""

    def __init__(self, code: str, description: str = "") -> None:
        super().__init__(f"{code}: {description}")
        self.code = code
        self.description = description


class ConnectionLost(Exception):  # noqa: N818
    """The connection is gone, and with it whatever answer was on its way."""


Outcome = Struct | CallFailed | ConnectionLost
Done = Callable[[Outcome], object]


@dataclass(frozen=True, slots=True)
class Violation:
    """Something the central system sent that the specification does not allow."""

    station: str
    at: datetime
    code: str
    description: str
    received: str


class _Link(WSListener):
    """One connection, from the upgrade to its end."""

    def __init__(self, modem: "Modem") -> None:
        self.modem = modem
        self.endpoint = Endpoint(v16.PROTOCOL, Sender.STATION, max_frame_bytes=_MAX_FRAME_BYTES)
        self.transport: WSTransport | None = None
        self.timeout: asyncio.TimerHandle | None = None
        self.late: set[str] = set()
        self.heard = True
        self.fragments = bytearray()

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        self.heard = True
        if frame.msg_type is WSMsgType.CLOSE:
            transport.send_close(WSCloseCode.OK)
            transport.disconnect()
        elif frame.msg_type in (WSMsgType.TEXT, WSMsgType.CONTINUATION):
            data = frame.get_payload_as_bytes()
            if self.fragments or not frame.fin:
                self.fragments += data
                if not frame.fin:
                    return
                data = bytes(self.fragments)
                self.fragments.clear()
            self.modem.received(self, data)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self.modem.lost(self)

    def send(self, data: bytes) -> None:
        assert self.transport is not None
        if not self.transport.is_disconnected:
            self.transport.send(WSMsgType.TEXT, data)


class Modem:
    """Opens and loses connections, places calls one at a time and hands what is asked of the station to `answer`.

    `answer` takes the name of the action and the request and returns the response, None to stay silent, or raises
    OcppError. `hung_up` is told when a connection ends, by either side.
    """

    def __init__(
        self,
        url: str,
        identity: str,
        clock: Clock,
        *,
        password: bytes | None,
        answer: Callable[[str, Any], Struct | None],
        hung_up: Callable[[], object],
        violations: list[Violation],
        failures: list[BaseException],
        call_timeout_s: float,
        tls_url: str | None = None,
        safe: Safe | None = None,
    ) -> None:
        self.identity = identity
        self.password = password
        self.user_agent: str | None = None
        self.messages_in = 0
        self.messages_out = 0
        self._plain_url = f"{url.rstrip('/')}/{quote(identity, safe='')}"
        self._tls_url = f"{(tls_url or url).rstrip('/')}/{quote(identity, safe='')}"
        self._safe = safe or Safe(1 if password is not None else 0)
        self._clock = clock
        self._answer = answer
        self._hung_up = hung_up
        self._violations = violations
        self._failures = failures
        self._call_timeout_s = call_timeout_s
        self._link: _Link | None = None
        self._open = 0
        self._waiters: list[asyncio.Future[None]] = []
        self._ids = itertools.count(1)
        self._id_prefix = f"{int(clock.now().timestamp() * 1000):x}-"

    @property
    def online(self) -> bool:
        return self._link is not None

    @property
    def url(self) -> str:
        """Where it connects, with its identity."""
        return self._tls_url if self._safe.secured else self._plain_url

    async def connect(self) -> None:
        """Open a connection; raises OSError or picows.WSError when the central system cannot or will not have it."""
        self.disconnect()
        headers = {"Sec-WebSocket-Protocol": v16.PROTOCOL.name}
        if self.password is not None and self._safe.profile < 3:
            credentials = self.identity.encode() + b":" + self.password
            headers["Authorization"] = f"Basic {b64encode(credentials).decode()}"
        if self.user_agent is not None:
            headers["User-Agent"] = self.user_agent
        secured, url = self._safe.secured, self.url
        self._clock.hold()
        try:
            transport, link = await ws_connect(
                lambda: _Link(self),
                url,
                ssl_context=self._safe.context() if secured else None,
                extra_headers=headers,
                max_frame_size=_MAX_FRAME_BYTES,
                websocket_handshake_timeout=self._call_timeout_s,
                read_buffer_init_size=1024,
                use_aiofastnet=False,
                logger_name=log,
            )
        finally:
            self._clock.release()
        if not isinstance(link, _Link) or transport.is_disconnected:
            raise ConnectionResetError(f"{url} hung up at once")  # picows returns no listener then
        if transport.response.headers.get("Sec-WebSocket-Protocol") != v16.PROTOCOL.name:
            transport.disconnect()
            raise ConnectionRefusedError(f"{url} does not speak {v16.PROTOCOL.name}")
        self._link = link

    def disconnect(self, *, abruptly: bool = False) -> None:
        """Hang up, with the closing handshake of WebSockets or without a word."""
        link = self._link
        if link is not None and link.transport is not None:
            if not abruptly:
                link.transport.send_close(WSCloseCode.GOING_AWAY)
            link.transport.disconnect(graceful=not abruptly)
            self.lost(link)

    def ping(self) -> None:
        """Send a WebSocket ping, or hang up if nothing at all was heard since the last one (OCPP-J errata 3.9)."""
        link = self._link
        if link is None or link.transport is None:
            return
        if not link.heard:
            log.warning("%s: the connection is dead: no pong", self.identity)
            self.disconnect(abruptly=True)
            return
        link.heard = False
        link.transport.send_ping()

    def place(self, request: Struct, done: Done) -> None:
        """Send a request when its turn comes; `done` hears exactly once what became of it."""
        link = self._link
        if link is None:
            done(ConnectionLost(f"{self.identity} is offline"))
            return
        action = v16.PROTOCOL.action_of(type(request))
        message_id = f"{self._id_prefix}{next(self._ids)}"
        try:
            link.endpoint.place(message_id, action, action.encode_request(request), self._call_timeout_s, done)
        except QueueFull as error:
            done(CallFailed("QueueFull", str(error)))
            return
        self._open += 1
        self._clock.hold()
        self._flush(link)

    async def call(self, request: Struct) -> Any:
        """Send a request and wait for its response; raises CallFailed or ConnectionLost."""
        outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

        def hear(result: Outcome) -> None:
            if not outcome.done():
                outcome.set_result(result)

        self.place(request, hear)
        result = await outcome
        if isinstance(result, Exception):
            raise result
        return result

    async def quiet(self) -> None:
        """Wait until every call placed so far, and what followed from its answer at once, has come to its end."""
        while self._open:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            await waiter

    def received(self, link: _Link, data: bytes) -> None:
        """What one WebSocket message brings about."""
        self.messages_in += 1
        match event := link.endpoint.receive(data):
            case IncomingCall():
                self._reply(link, event)
            case Answered(response=response, context=done):
                self._settle(link, done, response)
            case Refused(code=code, description=description, context=done):
                if description.startswith(_INVALID_ANSWER):
                    self._report(code, f"{event.action.name}: {description}", data)
                self._settle(link, done, CallFailed(code, description))
            case Rejected(reply=reply, code=code, description=description):
                self._report(code, description, data)
                if reply is not None:
                    self._send(link, reply)
            case Unmatched(message_id=message_id, description=description):
                if message_id not in link.late:
                    self._report(ErrorCode.PROTOCOL_ERROR, description, data)

    def lost(self, link: _Link) -> None:
        """The connection is over: every call without an answer learns it, in the order they were placed."""
        if link is not self._link:
            return
        self._link = None
        if link.timeout is not None:
            link.timeout.cancel()
        for abandoned in link.endpoint.close():
            self._finish(abandoned.context, ConnectionLost(f"{abandoned.action.name} was not answered"))
        self._hung_up()

    def _reply(self, link: _Link, call: IncomingCall) -> None:
        try:
            response = self._answer(call.action.name, call.request)
            if response is not None:
                self._send(link, encode_result(call.message_id, call.action.encode_response(response)))
        except OcppError as error:
            self._send(link, encode_error(call.message_id, error.code, error.description))
        except Exception as error:  # the edge of a link: what breaks here must not end the process
            self._failures.append(error)
            log.exception("%s: cannot answer %s", self.identity, call.action.name)
            self._send(link, encode_error(call.message_id, ErrorCode.INTERNAL_ERROR, str(error)))

    def _settle(self, link: _Link, done: object, outcome: Outcome) -> None:
        self._finish(done, outcome)
        self._flush(link)

    def _finish(self, done: Any, outcome: Outcome) -> None:
        done(outcome)
        self._open -= 1
        self._clock.release()
        if not self._open:
            waiters, self._waiters = self._waiters, []
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(None)

    def _flush(self, link: _Link) -> None:
        """Send the next call if none is outstanding, and watch the time of the one that is."""
        loop = asyncio.get_running_loop()
        frame = link.endpoint.to_send(loop.time())
        if frame is not None:
            self._send(link, frame)
        if link.timeout is not None:
            link.timeout.cancel()
            link.timeout = None
        if link.endpoint.deadline is not None:
            link.timeout = loop.call_at(link.endpoint.deadline, self._expire, link)

    def _expire(self, link: _Link) -> None:
        link.timeout = None
        late = link.endpoint.expired(asyncio.get_running_loop().time())
        if late is not None:
            link.late.add(late.message_id)
            log.warning("%s: no answer to %s in %s s", self.identity, late.action.name, self._call_timeout_s)
            self._finish(late.context, CallFailed("TimedOut", f"no answer in {self._call_timeout_s} s"))
        self._flush(link)

    def _send(self, link: _Link, data: bytes) -> None:
        self.messages_out += 1
        link.send(data)

    def _report(self, code: str, description: str, data: bytes) -> None:
        received = data[:500].decode(errors="replace")
        self._violations.append(Violation(self.identity, self._clock.now(), code, description, received))
        log.error("%s: the central system violates OCPP 1.6: %s: %s: %s", self.identity, code, description, received)
