"""Stations that charge without end and keep a log of what they were promised: the truth that the tables are held against."""

import asyncio
import random
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from csms.kit.clock import SystemClock

from ...harness.sockets import CallFailed, StationSocket

ANSWER_WITHIN_S = 8.0
LOST = (OSError, WebSocketException, TimeoutError)


class ChargingStation:
    """Charges at one connector, with a card named as itself, one transaction after the other.

    It says everything again until it is answered.

    `started` and `stopped` hold what the server acknowledged: transaction ids with their meter's beginning, and with the energy
    delivered, in Wh. `heard` counts the ids of the calls it got.
    """

    def __init__(self, identity: str, urls: list[str], chance: random.Random) -> None:
        self.identity = identity
        self._urls = urls
        self._chance = chance
        self._socket: StationSocket | None = None
        self._answering: asyncio.Task[None] | None = None
        self._clock = SystemClock().now() - timedelta(days=1)  # a clock far from ours would be marked as wrong
        self._meter_wh = 0
        self._message = 0
        self.started: dict[int, int] = {}
        self.stopped: dict[int, int] = {}
        self.heard: Counter[str] = Counter()
        self.finishing = False

    async def run(self) -> None:
        await self._tell("BootNotification", {"chargePointVendor": "Test", "chargePointModel": "Post"})
        while not self.finishing:
            await self._charge()
        await self._leave()

    async def _charge(self) -> None:
        begun_wh = self._meter_wh
        begun = {"connectorId": 1, "idTag": self.identity, "meterStart": begun_wh, "timestamp": self._now()}
        transaction = (await self._tell("StartTransaction", begun))["transactionId"]
        assert transaction not in self.started, "one transaction id for two transactions"
        self.started[transaction] = begun_wh
        for _ in range(self._chance.randint(1, 3)):
            self._meter_wh += self._chance.randint(1, 500)
            sample = {"timestamp": self._now(), "sampledValue": [{"value": str(self._meter_wh)}]}
            await self._tell("MeterValues", {"connectorId": 1, "transactionId": transaction, "meterValue": [sample]})
        self._meter_wh += self._chance.randint(1, 500)
        ended = {"transactionId": transaction, "meterStop": self._meter_wh, "timestamp": self._now()}
        await self._tell("StopTransaction", ended)
        self.stopped[transaction] = self._meter_wh - begun_wh

    def _now(self) -> str:
        self._clock += timedelta(seconds=1)
        return self._clock.strftime("%Y-%m-%dT%H:%M:%SZ")

    async def _tell(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Until it is answered; over a new connection, perhaps to another gateway, if the old one is lost or silent."""
        while True:
            try:
                if self._socket is None:
                    await self._connect()
                assert self._socket is not None
                self._message += 1
                answer = await self._socket.start_call(action, payload, f"{self.identity}-{self._message}")
                frame = await asyncio.wait_for(answer, ANSWER_WITHIN_S)
                if frame[0] == 4:
                    raise CallFailed(frame[2], frame[3])
                body: dict[str, Any] = frame[2]
                return body
            except (*LOST, CallFailed):
                await self._leave()
                await asyncio.sleep(self._chance.uniform(0.05, 0.4))

    async def _connect(self) -> None:
        url = f"{self._chance.choice(self._urls)}/{self.identity}"
        async with asyncio.timeout(5):
            connection = await connect(url, subprotocols=["ocpp1.6"], ping_interval=None, close_timeout=0.5, proxy=None)  # type: ignore[list-item]
        self._socket = StationSocket(connection)
        self._answering = asyncio.create_task(self._answer(self._socket))

    async def _answer(self, socket: StationSocket) -> None:
        with suppress(*LOST):
            while True:
                call = await socket.calls.get()
                self.heard[call[1]] += 1
                await socket.answer(call, {"unknownKey": call[3].get("key", [])})

    async def _leave(self) -> None:
        if self._answering is not None:
            self._answering.cancel()
            await asyncio.gather(self._answering, return_exceptions=True)
            self._answering = None
        if self._socket is not None:
            socket, self._socket = self._socket, None
            socket.abort()
            with suppress(*LOST):
                await socket.leave()


class Fleet:
    """Many of them."""

    def __init__(self, prefix: str, count: int, urls: list[str]) -> None:
        self.stations = [ChargingStation(f"{prefix}-{n}", urls, random.Random(n)) for n in range(count)]
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [asyncio.create_task(station.run()) for station in self.stations]

    async def progress(self, transactions: int, within_s: float = 60.0) -> None:
        """Wait until every station has ended so many more."""
        goals = {station.identity: len(station.stopped) + transactions for station in self.stations}
        async with asyncio.timeout(within_s):
            while any(len(station.stopped) < goals[station.identity] for station in self.stations):
                self._raise_failures()
                await asyncio.sleep(0.05)

    async def finish(self) -> None:
        for station in self.stations:
            station.finishing = True
        await asyncio.wait_for(asyncio.gather(*self._tasks), 60)

    def _raise_failures(self) -> None:
        for task in self._tasks:
            if task.done():
                task.result()
