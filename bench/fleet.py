"""Stations that connect, boot and come back: the network half of the load generator."""

import asyncio
import random
import secrets
import ssl
from array import array
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic, perf_counter

from picows import WSCloseCode, WSError, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from bench.mix import Script, WrongAnswerError

TEXT = WSMsgType.TEXT
HANDSHAKE_TIMEOUT_S = 30
BOOT_TIMEOUT_S = 60
MOST_FAILURES = 20


class Station(WSListener):
    """One charging station; its calls go out one at a time, as OCPP asks."""

    __slots__ = ("booted", "due", "fleet", "identity", "next_up", "pending", "script", "sent_at", "transport", "url")

    def __init__(self, fleet: "Fleet", number: int) -> None:
        self.fleet = fleet
        self.identity = identity(number)
        self.url = f"{fleet.urls[number % len(fleet.urls)]}/{self.identity}"
        self.script = Script(
            id_token(number),
            first_message_id=fleet.first_message_id,
            echo=fleet.echo,
            transaction_ids=fleet.transaction_ids,
        )
        self.transport: WSTransport | None = None
        self.booted: asyncio.Future[None] | None = None
        self.pending = False
        self.sent_at = 0.0
        self.due: deque[float] = deque()

    async def join(self) -> None:
        """Connect and boot; raises OSError, WSError, TimeoutError or WrongAnswerError."""
        booted = self.booted = asyncio.get_running_loop().create_future()
        await ws_connect(
            lambda: self,
            self.url,
            extra_headers={"Sec-WebSocket-Protocol": "ocpp1.6"},
            websocket_handshake_timeout=HANDSHAKE_TIMEOUT_S,
            read_buffer_init_size=1024,
            ssl_context=self.fleet.tls,
            use_aiofastnet=False,
            logger_name="bench",
        )
        try:
            async with asyncio.timeout(BOOT_TIMEOUT_S):
                await booted
        except TimeoutError:
            self.leave()
            raise

    def leave(self) -> None:
        transport, self.transport = self.transport, None
        if transport is not None:
            transport.send_close(WSCloseCode.OK)
            transport.disconnect()

    def send_next(self, sent_at: float) -> None:
        """Send the next call of the mix; its latency counts from `sent_at`."""
        assert self.transport is not None
        self.sent_at = sent_at
        self.pending = True
        self.transport.send(TEXT, self.script.next_call(self.fleet.stamp))

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport
        self.pending = True
        transport.send(TEXT, self.script.boot())

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        now = perf_counter()
        answer = frame.get_payload_as_bytes()
        try:
            self.script.check(answer)
        except WrongAnswerError as wrong:
            if self._is_not_an_answer(transport, frame, answer):
                return
            self.fleet.error(str(wrong))
        fleet = self.fleet
        self.pending = False
        if self.booted is None:
            fleet.latencies_s.append(now - self.sent_at)
            fleet.on_answer(self, now)
        else:
            self._boot_answered(transport)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        if self.transport is transport:
            self.transport = None
            self.fleet.lost(self)
        if self.booted is not None and not self.booted.done():
            self.booted.set_exception(ConnectionResetError("connection closed before the boot was answered"))

    def _boot_answered(self, transport: WSTransport) -> None:
        assert self.booted is not None
        if transport.response.headers.get("Sec-WebSocket-Protocol") != "ocpp1.6":
            self.fleet.error("the handshake did not choose the subprotocol ocpp1.6")
        self.fleet.boots_s.append(monotonic())
        if not self.booted.done():
            self.booted.set_result(None)
        self.booted = None

    def _is_not_an_answer(self, transport: WSTransport, frame: WSFrame, payload: bytes) -> bool:
        """Take a close, a ping, or a call from the server; True when the frame was one of these."""
        if frame.msg_type is WSMsgType.CLOSE:
            transport.send_close(WSCloseCode.OK)
            transport.disconnect()
        elif frame.msg_type is TEXT and payload.startswith(b"[2,") and not self.script.echo:
            _, message_id, _, action, _ = payload.split(b'"', 4)
            self.fleet.calls_s[action.decode()].append(monotonic())
            transport.send(TEXT, b'[4,"%b","NotImplemented","",{}]' % message_id)
        else:
            return frame.msg_type is not TEXT
        return True


class Fleet:
    """All stations of a run, with what they have measured so far."""

    def __init__(self, urls: list[str], *, echo: bool, ca: str | None = None) -> None:
        self.urls = urls
        self.tls = None if ca is None else ssl.create_default_context(cafile=ca)
        self.echo = echo
        self.first_message_id = secrets.randbits(24) << 32
        self.stations: list[Station] = []
        self.stamp = b""
        self.latencies_s = array("d")
        self.boots_s = array("d")
        self.transaction_ids: set[int] = set()
        self.errors: Counter[str] = Counter()
        self.calls_s: defaultdict[str, list[float]] = defaultdict(list)
        self.patient = False
        self.failed_attempts = 0
        self.on_answer: Callable[[Station, float], None] = lambda _station, _now: None
        self._returns: set[asyncio.Task[None]] = set()
        self._tick()

    def error(self, text: str) -> None:
        self.errors[text] += 1

    async def grow(self, stations: int, at_once: int) -> None:
        """Connect and boot until there are this many stations; a station that fails is an error, and is left out.

        After twenty failures no more is tried: a server that answers nobody would take an hour to say so."""
        failures = 0
        numbers = iter(range(len(self.stations) + 1, stations + 1))

        async def worker() -> None:
            nonlocal failures
            for number in numbers:
                if failures >= MOST_FAILURES:
                    return
                station = Station(self, number)
                try:
                    await station.join()
                    self.stations.append(station)
                except (OSError, WSError, TimeoutError) as failure:
                    failures += 1
                    self.error(f"a station could not connect and boot: {type(failure).__name__}: {failure}")

        await asyncio.gather(*(worker() for _ in range(at_once)))

    def connected(self) -> list[Station]:
        return [station for station in self.stations if station.transport is not None]

    def shrink(self, stations: int) -> None:
        leaving, self.stations = self.stations[stations:], self.stations[:stations]
        for station in leaving:
            station.leave()

    def expect_restart(self) -> None:
        """Stations come back by themselves from now on."""
        self.patient = True
        self.failed_attempts = 0
        self.boots_s = array("d")

    async def all_back(self, timeout_s: float) -> None:
        """Wait until every station has booted since `expect_restart`; one that has not by then is an error."""
        await wait_until(lambda: len(self.boots_s) >= len(self.stations), timeout_s)
        if missing := len(self.stations) - len(self.boots_s):
            self.errors[f"stations were not back within {timeout_s:.0f} s"] += missing
        self.patient = False

    def lost(self, station: Station) -> None:
        if station.booted is not None:
            return
        if not self.patient:
            self.error("the server closed a connection")
            return
        task = asyncio.create_task(self._come_back(station))
        self._returns.add(task)
        task.add_done_callback(self._returns.discard)

    async def _come_back(self, station: Station) -> None:
        """Try again after a short, growing, jittered pause: at most two seconds, where real stations wait longer."""
        longest_s = 0.5
        while True:
            await asyncio.sleep(random.uniform(longest_s / 2, longest_s))
            try:
                await station.join()
            except (OSError, WSError, TimeoutError):
                self.failed_attempts += 1
                longest_s = min(longest_s * 1.5, 2.0)
            else:
                return

    def _tick(self) -> None:
        """Calls carry the time to a tenth of a second: formatting it for every call would cost more than the call."""
        self.stamp = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z").encode()
        asyncio.get_running_loop().call_later(0.1, self._tick)


async def wait_until(condition: Callable[[], bool], timeout_s: float) -> bool:
    """Look every 10 ms, so that the path of a call has no event to set; returns the condition."""
    until = monotonic() + timeout_s
    while not condition() and monotonic() < until:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    return condition()


def identity(number: int) -> str:
    """The identity with which station `number` connects."""
    return f"BENCH-{number:05}"


def id_token(number: int) -> str:
    """The id token that station `number` charges with."""
    return f"BENCH{number:04}"
