"""The door: every connection is looked at before it becomes a link.

A plain protocol starts TLS if the first byte asks for it, reads the request's head and pauses the socket; when the station
is known and proven, the socket goes to picows for the upgrade and everything after it.
"""

import asyncio
import logging
from asyncio import Transport
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog
from picows import (
    WSAutoPingStrategy,
    WSCloseCode,
    WSListener,
    WSTransport,
    WSUpgradeRequest,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
)
from picows.picows import WSProtocol  # type: ignore[attr-defined]

from csms.domain.connections.recording import Attempt
from csms.domain.stations.admission import Admitted
from csms.domain.stations.inbox import Knock
from csms.gateway.admission import Crowded, Gate, Place
from csms.gateway.link import Link
from csms.gateway.proof import Proof
from csms.gateway.proxies import BadPreface, preface
from csms.gateway.secure import HANDSHAKE, PLAIN, Line, StationTls, TlsTrouble, line_of, offered_version, secure
from csms.gateway.tls import feed
from csms.gateway.upgrade import (
    IDENTITY_LIMIT,
    Busy,
    HeadTooLong,
    NotNow,
    NotOurs,
    Refusal,
    TlsExpected,
    TlsNotSpoken,
    UpgradeRequest,
    WrongPassword,
    read,
)
from csms.kit.errors import Unavailable

if TYPE_CHECKING:
    from csms.gateway.server import Gateway

log = structlog.get_logger(__name__)

HEAD_LIMIT = 8192
READ_BUFFER = 2048
BY_PROXY = Line("ended by proxy")
_SECURE = ("https", "wss")
DOORS_TO_A_LINE = 2  # so many connections for each that may stand in line: some have not said yet what they want
IN_LINE_S = 30.0  # takes nothing of a handshake's own time, or the first in line would be those who have none left
TLS_PLACE_S = 2.0  # who takes longer to shake hands costs no time of ours, and keeps nobody out
_END = b"\r\n\r\n"
_picows_log = logging.LoggerAdapter(
    logging.getLogger("csms.picows")
)  # an adapter, or picows makes a logger a connection


class _Farewell(WSListener):
    """For a station that speaks no version of ours: the upgrade completes without a subprotocol, then ends (OCPP-J §3.3)."""

    def on_ws_connected(self, transport: WSTransport) -> None:
        transport.send_close(WSCloseCode.PROTOCOL_ERROR, b"no common subprotocol; ocpp1.6 is spoken here")
        transport.disconnect()

    def on_ws_frame(self, transport: WSTransport, frame: Any) -> None:
        pass

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Port:
    """What a listening port speaks: `plain` WebSocket, WebSocket over TLS, or both, told apart by the first byte."""

    plain: bool = True
    tls: StationTls | None = None


class Door(asyncio.Protocol):
    """One connection until it is admitted or refused."""

    __slots__ = ("_counted", "_data", "_gateway", "_in_line", "_line", "_noted", "_peer", "_port", "_prefaced", "_request",
                 "_task", "_timer", "_transport")  # fmt: skip

    def __init__(self, gateway: "Gateway", port: Port) -> None:
        self._gateway = gateway
        self._port = port
        self._line = PLAIN
        self._data = bytearray()
        self._transport: Transport | None = None
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._request: UpgradeRequest | None = None
        self._peer = ("unknown", "unknown")
        self._noted = False
        self._prefaced = False
        self._counted = False
        self._in_line = False  # it is we who keep the station waiting

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, Transport) or hasattr(transport, "pause_reading")
        self._transport = transport  # type: ignore[assignment]
        peer = transport.get_extra_info("peername")
        if peer:
            self._peer = (peer[0], f"{peer[0]}:{peer[1]}")
        self._counted = True
        self._gateway.doors += 1
        settings = self._gateway.hub.settings
        if self._gateway.doors > DOORS_TO_A_LINE * settings.handshakes_waiting:
            return self._turn_away()
        self._give(settings.handshake_timeout_s)
        return None

    def _give(self, seconds: float) -> None:
        """So much time from now, before we give up."""
        self._cancel_timer()
        if self._transport is not None:
            self._timer = asyncio.get_running_loop().call_later(seconds, self._give_up)

    def _give_up(self) -> None:
        if self._in_line:
            return self._turn_away()
        self._note("silent")
        if self._transport is not None:
            self._transport.abort()
        return None

    def _turn_away(self) -> None:
        """Too many are here: say so, if it can be said without another TLS handshake, and end the connection."""
        if self._line is PLAIN and (not self._data or self._data[0] == HANDSHAKE):
            self._note(Busy.problem, status=Busy.status, tls=offered_version(bytes(self._data)))
            if self._transport is not None:
                self._transport.abort()
        else:
            self._refuse(Busy())

    def _gone(self) -> None:
        if self._counted:
            self._counted = False
            self._gateway.doors -= 1

    def connection_lost(self, exc: Exception | None) -> None:
        if self._data and self._task is None:
            self._note("hung_up")
        self._transport = None
        self._gone()
        self._cancel_timer()

    def data_received(self, data: bytes) -> None:
        self._data += data
        if self._gateway.leaving and self._transport is not None:
            return self._transport.abort()
        if self._task is None and self._transport is not None:
            self._look()
        return None

    def _look(self) -> None:
        """See what came so far, and go on as soon as that is enough to tell."""
        assert self._transport is not None
        if not self._prefaced and not self._read_preface():
            return
        if not self._data:
            return
        if self._line is PLAIN and self._data[0] == HANDSHAKE:
            if self._port.tls is None:
                self._note("tls_to_plain", tls=offered_version(bytes(self._data)))
                self._refuse(TlsNotSpoken())
            else:
                self._task = self._gateway.hub.tasks.start(self._secure(self._port.tls), name="tls")
            return
        end = self._data.find(_END)
        if (len(self._data) if end < 0 else end) > HEAD_LIMIT:
            self._refuse(HeadTooLong())
        elif end >= 0:
            self._transport.pause_reading()
            self._task = self._gateway.hub.tasks.start(self._enter(), name="handshake")

    def _read_preface(self) -> bool:
        """Whether what a trusted proxy says first is complete; other connections have no such thing."""
        if self._gateway.proxies.trust(self._peer[0]):
            try:
                said = preface(bytes(self._data))
            except BadPreface:
                self._refuse(Refusal())
                return False
            if said is None:
                return False
            del self._data[: said.length]
            if said.host is not None:
                self._peer = (
                    said.host,
                    f"[{said.host}]:{said.port}" if ":" in said.host else f"{said.host}:{said.port}",
                )
        self._prefaced = True
        return True

    def _believe(self, request: UpgradeRequest) -> None:
        """Take a trusted proxy's word for where the request comes from, and whether it came over TLS."""
        proxies = self._gateway.proxies
        if request.forwarded_for is None or not proxies.trust(self._peer[0]):
            return
        origin = proxies.origin(request.forwarded_for)
        if origin is not None:
            self._peer = (origin, origin)
        if self._line is PLAIN and request.forwarded_proto in _SECURE:
            self._line = BY_PROXY

    async def _secure(self, tls: StationTls) -> None:
        """Speak TLS from here on; then look at what is said through it."""
        raw = self._transport
        if raw is None:
            return
        raw.pause_reading()
        place = await self._place(self._gateway.hub.tls_gate)
        if place is None:
            return
        asyncio.get_running_loop().call_later(TLS_PLACE_S, place.leave)
        try:
            await self._shake_hands(raw, tls)
        finally:
            place.leave()

    async def _place(self, gate: Gate) -> Place | None:
        """A place inside, after a wait in line; None for those who were turned away or have left."""
        self._in_line = True
        self._give(IN_LINE_S)
        try:
            if self._gateway.hub.recorder.full:
                raise Crowded
            place = await gate.enter()
        except Crowded:
            self._turn_away()
            return None
        if self._transport is None or self._transport.is_closing():
            place.leave()
            return None
        self._give(self._gateway.hub.settings.handshake_timeout_s)
        return place

    async def _shake_hands(self, raw: Transport, tls: StationTls) -> None:
        self._in_line = False
        said = bytes(self._data)
        self._data.clear()
        try:
            transport = await secure(raw, self, tls.context, said, self._gateway.hub.settings.handshake_timeout_s)
        except TlsTrouble as trouble:
            log.info("TLS handshake failed", address=self._peer[1], problem=trouble.problem, reason=trouble.note)
            self._line = Line(None, trouble.certificate)
            self._note(trouble.problem, trouble.note, tls=offered_version(said))
            raw.close()  # once the alert is out; who does not take it is ended when the time is up
            return
        self._task = None
        if self._transport is not None:  # else it was lost meanwhile
            self._transport = transport
            self._line = line_of(transport)
            self._look()

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _refuse(self, refusal: Refusal) -> None:
        if self._request is None:
            self._request = refusal.request
        station = self._request.identity if self._request is not None else None
        said = {"station": station, "address": self._peer[1], "status": refusal.status, "problem": refusal.problem}
        log.info("connection refused", **said)
        self._note(refusal.problem, refusal.words, status=refusal.status)
        if self._transport is not None:
            self._transport.write(refusal.to_bytes())
            self._transport.close()

    def _note(
        self, problem: str | None, note: str | None = None, *, status: int | None = None, tls: str | None = None
    ) -> None:
        """Keep what became of this connection, once."""
        if self._noted:
            return
        self._noted = True
        if problem is not None:
            self._gateway.hub.tally.failures[problem, status] += 1
        request, certificate = self._request, self._line.certificate
        attempt = Attempt(
            self._gateway.hub.clock.now(), self._peer[0], self._peer[1], problem, note and note[:500], status,
            tls=self._line.tls or tls, certificate_subject=certificate.subject if certificate is not None else None,
        )  # fmt: skip
        if request is None and certificate is not None:
            attempt = attempt._replace(identity=(certificate.common_name or "")[:IDENTITY_LIMIT] or None)
        elif request is not None:
            attempt = attempt._replace(
                identity=request.identity or None, path=request.path[:500],
                subprotocols=", ".join(request.subprotocols)[:200] or None,
                username=(request.username or "")[:200] or None, user_agent=(request.user_agent or "")[:200] or None,
            )  # fmt: skip
        self._gateway.attempted(attempt)

    async def _enter(self) -> None:
        try:
            if self._line is PLAIN and not self._port.plain:
                raise TlsExpected
            request = self._request = read(bytes(self._data[: self._data.index(_END)]))
            self._believe(request)
            place = await self._place(self._gateway.hub.gate)
            if place is None:
                return
            try:
                await self._let_in(request)
            finally:
                place.leave()
        except Refusal as refusal:
            self._refuse(refusal)
        except Unavailable as trouble:
            station = self._request.identity if self._request is not None else None
            said = {"station": station, "address": self._peer[1], "detail": trouble.detail}
            log.error("connection refused for now", **said, **trouble.facts)
            self._refuse(NotNow())

    async def _let_in(self, request: UpgradeRequest) -> None:
        station, proof = await self._admit(request)
        if self._gateway.protocol not in request.subprotocols:
            log.warning("no common subprotocol", station=request.identity, offered=request.subprotocols)
            self._note("no_subprotocol", status=101)
            self._upgrade(_Farewell(), None)
        else:
            await self._open(station, proof, self._peer[1])

    async def _admit(self, request: UpgradeRequest) -> tuple[Admitted, Proof]:
        gateway = self._gateway
        station = await gateway.find(request.identity)
        if station is None:
            station = await gateway.unknown(
                Knock(
                    request.identity, gateway.hub.clock.now(), self._peer[1], request.path[:500],
                    ", ".join(request.subprotocols)[:200], (request.username or "")[:200] or None,
                    (request.user_agent or "")[:200] or None,
                )
            )  # fmt: skip
            if station is None:
                raise NotOurs
        try:
            return await gateway.prove(station, request, self._line)
        except WrongPassword:
            said = {"station": request.identity, "address": self._peer[1], "user": request.username}
            log.warning("wrong user name or password", **said)
            raise

    async def _open(self, station: Admitted, proof: Proof, address: str) -> None:
        hub = self._gateway.hub
        async with self._gateway.entering(station.station_id):
            replaced = asyncio.Event()
            hub.replace(station.station_id, replaced.set)
            await replaced.wait()
            if self._gateway.leaving:
                raise NotNow
            opened = await hub.openings.ask_async(station.station_id)
            if opened is None:
                raise NotOurs
            await self._gateway.arrived(station, proof)
            link = Link(hub, opened, address, proof.profile, self._line.tls, proof.shown)
            if self._request is not None and self._gateway.first_success(self._request.identity):
                self._note(None, status=101)
            self._upgrade(link, self._gateway.protocol)
            self._let_go(link.transport)
            if link.transport is None and hub.links.get(station.station_id) is not link:
                hub.closed(link)  # the socket died meanwhile, or the upgrade was malformed after all

    def _let_go(self, socket: WSTransport | None) -> None:
        """Shed what was needed to get in: the loop keeps this door, and picows the request, as long as the socket lives."""
        self._data, self._request, self._task = bytearray(), None, None
        if socket is not None:
            socket.request.headers.clear()
            socket.response.headers.clear()

    def _upgrade(self, listener: WSListener, subprotocol: str | None) -> None:
        """Hand the socket to picows, with everything read so far."""
        self._cancel_timer()
        transport = self._transport
        if transport is None:
            return
        if transport.get_extra_info("socket") is None:  # it has died, and the loop is about to say so
            transport.abort()
            return
        self._gone()

        def accept(_request: WSUpgradeRequest) -> WSUpgradeResponseWithListener:
            extra = {"Sec-WebSocket-Protocol": subprotocol} if subprotocol is not None else None
            return WSUpgradeResponseWithListener(WSUpgradeResponse.create_101_response(extra), listener)

        settings = self._gateway.hub.settings
        protocol = WSProtocol(
            None, None, False, accept, _picows_log, True, settings.handshake_timeout_s, False, 10, 10,
            WSAutoPingStrategy.PING_WHEN_IDLE, False, settings.max_message_bytes, None, READ_BUFFER,
        )  # fmt: skip
        protocol.connection_made(transport)
        transport.set_protocol(protocol)
        feed(protocol, bytes(self._data), transport.is_closing)
        if not transport.is_closing():
            transport.resume_reading()
