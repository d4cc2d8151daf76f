"""A tiny central system on `websockets` that lets the PyPI package `ocpp` (OCA schemas) judge what our stations send."""

import asyncio
import contextlib
import itertools
import json
import re
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from jsonschema import FormatChecker
from ocpp.messages import get_validator
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from csms.simulator import Behaviour, ConnectorSpec, Fleet, StationSpec, SteppedClock

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Received:
    station: str
    action: str
    payload: dict[str, Any]
    message_id: str


@dataclass(frozen=True)
class Error:
    """Answer with a CALLERROR."""

    code: str
    description: str = ""


@dataclass(frozen=True)
class Raw:
    """Answer with these bytes, `{id}` standing for the message id."""

    text: str


FORMATS = FormatChecker()


@FORMATS.checks("date-time")
def _is_rfc3339(value: object) -> bool:
    return re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", str(value)) is not None


SILENCE = object()
DROP = object()


class TinyCsms:
    """Answers as a central system should, except where told otherwise for the next call of an action."""

    def __init__(self) -> None:
        self.url = ""
        self.received: list[Received] = []
        self.complaints: list[str] = []
        self.headers: dict[str, Any] = {}
        self.id_tags: dict[str, dict[str, Any]] = defaultdict(lambda: {"status": "Accepted"})
        self.boot: dict[str, Any] = {"status": "Accepted", "interval": 300}
        self.links: dict[str, ServerConnection] = {}
        self.door: int | None = None
        """The HTTP status with which the door stays closed."""
        self.tongue: str | None = "ocpp1.6"
        self.loses: Callable[[], bool] = lambda: False
        """Whether the connection breaks in place of the next answer."""
        self._next: dict[str, deque[Any]] = defaultdict(deque)
        self._transaction_ids = itertools.count(1001)
        self._message_ids = itertools.count(1)
        self._waiting: dict[str, tuple[str, asyncio.Future[Any]]] = {}
        self._listeners: list[tuple[Callable[[Received], bool], asyncio.Future[Received]]] = []

    def answer_next(self, action: str, *answers: Any) -> None:
        """The next calls of an action are answered with these: a payload, an Error, Raw, SILENCE, or DROP."""
        self._next[action].extend(answers)

    def of(self, *actions: str) -> list[Received]:
        return [received for received in self.received if received.action in actions]

    def payloads(self, action: str) -> list[dict[str, Any]]:
        return [received.payload for received in self.of(action)]

    def statuses(self, connector_id: int) -> list[str]:
        return [p["status"] for p in self.payloads("StatusNotification") if p["connectorId"] == connector_id]

    def heard(self, action: str, **fields: Any) -> Awaitable[Received]:
        """The next call of an action, from now on, with these values in its payload."""
        future: asyncio.Future[Received] = asyncio.get_running_loop().create_future()
        self._listeners.append(
            (lambda r: r.action == action and all(r.payload.get(k) == v for k, v in fields.items()), future)
        )
        return asyncio.wait_for(future, 20)

    async def call(self, station: str, action: str, payload: dict[str, Any] | None = None) -> Any:
        """Ask a station something; the answer is its payload or an Error. What we ask is judged, too."""
        payload = json.loads(json.dumps(payload or {}), parse_float=Decimal)
        self._judge(2, action, payload, "we ask")
        return await self.call_unchecked(station, action, payload)

    async def call_unchecked(self, station: str, action: str, payload: Any) -> Any:
        message_id = f"c{next(self._message_ids)}"
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[message_id] = action, future
        await self.links[station].send(json.dumps([2, message_id, action, payload], default=float))
        return await asyncio.wait_for(future, 20)

    def drop(self, station: str) -> None:
        """Cut the connection without a word."""
        self.links[station].transport.abort()

    async def handle(self, link: ServerConnection) -> None:
        station = link.request.path.rsplit("/", 1)[1]
        self.links[station] = link
        self.headers[station] = link.request.headers
        with contextlib.suppress(ConnectionClosed):
            async for text in link:
                message = json.loads(text, parse_float=Decimal)
                if message[0] == 2:
                    await self._called(link, station, *message[1:])
                else:
                    self._answered(message)

    async def _called(self, link: ServerConnection, station: str, message_id: str, action: str, payload: Any) -> None:
        self._judge(2, action, payload, station)
        received = Received(station, action, payload, message_id)
        self.received.append(received)
        for listener in list(self._listeners):
            wanted, future = listener
            if wanted(received) and not future.done():
                future.set_result(received)
                self._listeners.remove(listener)
        answer = self._next[action].popleft() if self._next[action] else self._default(action, payload)
        if answer is DROP or self.loses():
            link.transport.abort()
        elif isinstance(answer, Error):
            await link.send(json.dumps([4, message_id, answer.code, answer.description, {}]))
        elif isinstance(answer, Raw):
            await link.send(answer.text.replace("{id}", message_id))
        elif answer is not SILENCE:
            await link.send(json.dumps([3, message_id, answer]))

    def _answered(self, message: list[Any]) -> None:
        if message[1] not in self._waiting:
            return
        action, future = self._waiting.pop(message[1])
        if message[0] == 3:
            self._judge(3, f"{action}Response", message[2], "station answers")
            future.set_result(message[2])
        else:
            future.set_result(Error(message[2], message[3]))

    def _default(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        now = datetime.now(UTC).isoformat()
        match action:
            case "BootNotification":
                return {"currentTime": now, **self.boot}
            case "Heartbeat":
                return {"currentTime": now}
            case "Authorize":
                return {"idTagInfo": self.id_tags[payload["idTag"]]}
            case "StartTransaction":
                return {"idTagInfo": self.id_tags[payload["idTag"]], "transactionId": next(self._transaction_ids)}
            case "DataTransfer":
                return {"status": "UnknownVendorId"}
        return {}

    def _judge(self, kind: int, action: str, payload: Any, who: str) -> None:
        name = action if kind == 2 else action.removesuffix("Response")
        validator = get_validator(kind, name, "1.6", parse_float=Decimal)
        validator = validator.evolve(format_checker=FORMATS)
        self.complaints += [f"{who} {action}: {error.message}" for error in validator.iter_errors(payload)]


@dataclass
class Stage:
    """Fleets against one central system, in stepped time, taken down and checked at the end."""

    csms: TinyCsms
    clock: SteppedClock
    fleets: list[Fleet] = field(default_factory=list)
    violations_expected: bool = False

    def fleet(self, *specs: StationSpec, **options: Any) -> Fleet:
        fleet = Fleet(options.pop("url", self.csms.url), specs, clock=options.pop("clock", self.clock), **options)
        self.fleets.append(fleet)
        return fleet

    async def station(self, *connectors: ConnectorSpec, call_timeout_s: float = 30, **options: Any) -> Any:
        """One station, CS-1, booted."""
        spec = StationSpec("CS-1", connectors or (ConnectorSpec(meter_start_wh=5000),), **options)
        station = self.fleet(spec, call_timeout_s=call_timeout_s)["CS-1"]
        await station.come_online()
        return station


@pytest.fixture
async def csms():
    csms = TinyCsms()
    async with serve(
        csms.handle,
        "127.0.0.1",
        0,
        select_subprotocol=lambda _link, _offered: csms.tongue,
        process_request=lambda link, _request: csms.door and link.respond(csms.door, "no"),
        ping_interval=None,
    ) as server:
        csms.url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/ocpp"
        yield csms
    assert csms.complaints == []


@pytest.fixture
async def clock():
    return SteppedClock(START)


@pytest.fixture
async def stage(csms, clock):
    stage = Stage(csms, clock)
    yield stage
    for fleet in stage.fleets:
        await fleet.stop()
        assert not fleet.failures
        assert stage.violations_expected or not fleet.violations


@pytest.fixture
def drop():
    return DROP


@pytest.fixture
def silence():
    return SILENCE


@pytest.fixture
def error():
    return Error


@pytest.fixture
def raw():
    return Raw


@pytest.fixture
def calm():
    """Nothing goes wrong by itself."""
    return Behaviour(offline_every_s=None, fault_every_s=None, power_cut_every_s=None)
