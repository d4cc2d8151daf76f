"""The door: every connection is looked at before it becomes a link.

A plain protocol reads the request's head and pauses the socket; when the station is known and proven, the socket goes to
picows for the upgrade and everything after it.
"""

import asyncio
import logging
from asyncio import Transport
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

from csms.domain.stations.admission import Admitted
from csms.domain.stations.inbox import Knock
from csms.gateway.link import Link
from csms.gateway.upgrade import HeadTooLong, NotNow, NotOurs, Refusal, UpgradeRequest, WrongPassword, read
from csms.kit.errors import Unavailable

if TYPE_CHECKING:
    from csms.gateway.server import Gateway

log = structlog.get_logger(__name__)

HEAD_LIMIT = 8192
READ_BUFFER = 2048
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


class Door(asyncio.Protocol):
    """One connection until it is admitted or refused."""

    __slots__ = ("_data", "_gateway", "_task", "_timer", "_transport")

    def __init__(self, gateway: "Gateway") -> None:
        self._gateway = gateway
        self._data = bytearray()
        self._transport: Transport | None = None
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, Transport) or hasattr(transport, "pause_reading")
        self._transport = transport  # type: ignore[assignment]
        patience = self._gateway.hub.settings.handshake_timeout_s
        self._timer = asyncio.get_running_loop().call_later(patience, transport.abort)  # type: ignore[attr-defined]

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._cancel_timer()

    def data_received(self, data: bytes) -> None:
        self._data += data
        if self._task is not None or self._transport is None:
            return
        end = self._data.find(_END)
        if (len(self._data) if end < 0 else end) > HEAD_LIMIT:
            self._refuse(HeadTooLong())
        elif end >= 0:
            self._transport.pause_reading()
            self._task = self._gateway.hub.tasks.start(self._enter(), name="handshake")

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _refuse(self, refusal: Refusal) -> None:
        if self._transport is not None:
            self._transport.write(refusal.to_bytes())
            self._transport.close()

    async def _enter(self) -> None:
        address = self._address()
        try:
            request = read(bytes(self._data[: self._data.index(_END)]))
            station = await self._admit(request, address)
            if self._gateway.protocol not in request.subprotocols:
                log.warning("no common subprotocol", station=request.identity, offered=request.subprotocols)
                self._upgrade(_Farewell(), None)
            else:
                await self._open(station, address)
        except Refusal as refusal:
            log.info("connection refused", address=address, status=refusal.status)
            self._refuse(refusal)
        except Unavailable as trouble:
            log.error("connection refused for now", address=address, reason=trouble.detail, **trouble.facts)
            self._refuse(NotNow())

    def _address(self) -> str:
        peer = self._transport.get_extra_info("peername") if self._transport is not None else None
        return f"{peer[0]}:{peer[1]}" if peer else "unknown"

    async def _admit(self, request: UpgradeRequest, address: str) -> Admitted:
        gateway = self._gateway
        station = await gateway.find(request.identity)
        if station is None:
            await gateway.unknown(
                Knock(
                    request.identity, gateway.hub.clock.now(), address, request.path[:500],
                    ", ".join(request.subprotocols)[:200], (request.username or "")[:200] or None,
                    (request.user_agent or "")[:200] or None,
                )
            )  # fmt: skip
            station = await gateway.find(request.identity)
            if station is None:
                raise NotOurs
        if not await gateway.proven(station, request):
            log.warning("wrong user name or password", station=request.identity, address=address, user=request.username)
            raise WrongPassword
        return station

    async def _open(self, station: Admitted, address: str) -> None:
        hub = self._gateway.hub
        async with self._gateway.entering(station.station_id):
            replaced = asyncio.Event()
            hub.replace(station.station_id, replaced.set)
            await replaced.wait()
            opened = await hub.openings.ask_async(station.station_id)
            if opened is None:
                raise NotOurs
            link = Link(hub, opened, address)
            self._upgrade(link, self._gateway.protocol)
            if link.transport is None and hub.links.get(station.station_id) is not link:
                hub.closed(link)  # the socket died meanwhile, or the upgrade was malformed after all

    def _upgrade(self, listener: WSListener, subprotocol: str | None) -> None:
        """Hand the socket to picows, with everything read so far."""
        self._cancel_timer()
        transport = self._transport
        if transport is None:
            return

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
        data = memoryview(bytes(self._data))
        while data and not transport.is_closing():
            room = protocol.get_buffer(-1)
            count = min(len(room), len(data))
            room[:count] = data[:count]
            protocol.buffer_updated(count)
            data = data[count:]
        if not transport.is_closing():
            transport.resume_reading()
