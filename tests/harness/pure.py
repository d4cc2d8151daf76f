"""Plays transcripts on the pure core: dialect handlers and live functions, no socket, no database, no clock but the test's."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec

from csms.domain.sessions.recall import NOTHING
from csms.domain.stations.changes import NewFrame
from csms.gateway.dialects.v16 import DIALECT
from csms.gateway.mending import Mending, mended, noted
from csms.gateway.turn import Handler, LiveStation, Policy, Turn
from csms.kit.changes import Change
from csms.kit.clock import microseconds
from csms.ocpp.endpoint import Endpoint, IncomingCall, Rejected, Unmatched
from csms.ocpp.errors import ErrorCode
from csms.ocpp.frames import encode_error, encode_result
from csms.ocpp.protocol import Sender

from .memory import MemoryTables
from .server import LONG_AGO, NOON, plain
from .transcript import Frame


@dataclass
class PureDriver:
    """The rules of a link, one frame at a time, over tables in memory; every frame is a second after the one before."""

    registration: str = "accepted"
    booted: bool = True
    policy: Policy = field(default_factory=Policy)
    tables: MemoryTables = field(default_factory=MemoryTables)
    now: datetime = NOON

    def __post_init__(self) -> None:
        self._live: dict[str, LiveStation] = {}
        self._noted: list[Change] = []  # what was mended in the frame that is being taken
        self._endpoint = Endpoint(DIALECT.protocol, Sender.CSMS)
        self._heard: dict[str, deque[Frame]] = {}
        self._transaction_ids = iter(range(1, 1_000_000))

    def live(self, station: str) -> LiveStation:
        if station not in self._live:
            known = self.tables.rows("stations", identity=station)
            station_id = known[0]["id"] if known else self._add(station)
            self._live[station] = self.tables.recall(station_id)
        return self._live[station]

    def _add(self, station: str) -> int:
        station_id = len(self.tables.tables["stations"]) + 1
        row = {"id": station_id, "identity": station, "registration": self.registration}
        self.tables.tables["stations"].append(row | {"booted_at": LONG_AGO if self.booted else None})
        return station_id

    async def say(self, station: str, frame: str) -> None:
        self.now += timedelta(seconds=1)
        data = frame.encode()
        event = self._endpoint.receive(data)
        mending = None
        if isinstance(event, Rejected) or self.live(station).quirks is not None:
            event, mending = mended(event, data, self.live(station), DIALECT.protocol)
        if mending is not None:
            self._note(station, mending)
        if isinstance(event, IncomingCall):
            self._called(station, event, data)
        elif isinstance(event, Rejected):
            call = event.frame
            action, message_id = (call.action, call.message_id) if call else (None, None)
            self._keep(station, action, message_id, data, event.reply, "error" if call else "malformed", event.code)
        else:
            assert isinstance(event, Unmatched)
            self._keep(station, None, event.message_id, data, None, "unmatched", None)

    def _note(self, station: str, mending: Mending) -> None:
        noted(mending, self.live(station), microseconds(self.now), self.now, self._noted)

    def _called(self, station: str, call: IncomingCall, data: bytes) -> None:
        handler = DIALECT.handlers.get(call.action.name)
        if handler is None:
            return self._refuse(station, call, data, ErrorCode.NOT_SUPPORTED)
        if not (handler.unregistered or self.live(station).station.served):
            return self._refuse(station, call, data, ErrorCode.SECURITY_ERROR)
        if handler.oversized(call.request) is not None:
            return self._refuse(station, call, data, ErrorCode.PROPERTY_CONSTRAINT_VIOLATION)
        return self._decide(station, handler, call, data)

    def _decide(self, station: str, handler: Handler, call: IncomingCall, data: bytes) -> None:
        live = self.live(station)
        question = handler.question(live, call.request) if handler.question is not None else None
        found = NOTHING if question is None else self.tables.find(question)
        frame_id = microseconds(self.now)
        turn = Turn(self.now, frame_id, found, self.policy, self._transaction_ids.__next__)
        response = handler.decide(live, call.request, turn)
        answer = encode_result(call.message_id, call.action.encode_response(response))
        self.tables.apply(turn.changes)
        self._keep(station, call.action.name, call.message_id, data, answer, "result", None, turn.session_id)

    def _refuse(self, station: str, call: IncomingCall, data: bytes, code: str) -> None:
        reply = encode_error(call.message_id, code, "refused")
        self._keep(station, call.action.name, call.message_id, data, reply, "error", code)

    def _keep(
        self, station: str, action: str | None, message_id: str | None, data: bytes, answer: bytes | None, outcome: str,
        code: str | None, session_id: int | None = None,
    ) -> None:  # fmt: skip
        station_id = self.live(station).station.id
        frame = NewFrame(station_id, microseconds(self.now), "in", action, message_id, data, answer, self.now, outcome,
                         code, session_id)  # fmt: skip
        self.tables.apply([frame, *self._noted])
        self._noted = []
        if answer is not None:
            self._heard.setdefault(station, deque()).append(msgspec.json.decode(answer))

    async def hear(self, station: str) -> Frame:
        assert self._heard.get(station), f"{station} hears nothing"
        return self._heard[station].popleft()

    async def reconnect(self) -> None:
        """Memory is dropped; what the tables say stays."""
        self._live.clear()

    async def restart(self) -> None:
        self._live.clear()

    async def rows(self, station: str, table: str) -> list[dict[str, Any]]:
        key = "id" if table == "stations" else "station_id"
        found = self.tables.rows(table, **{key: self.live(station).station.id})
        return [{name: plain(value) for name, value in row.items()} for row in found]
