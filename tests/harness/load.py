"""Stations that charge without end and never give up: each keeps in memory what it said and what was acknowledged.

They behave as OCPP 1.6 wants: one call at a time, a call that got no answer is sent again with a new message id, over a new
connection if need be, until it is answered.
"""

import asyncio
import itertools
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from websockets.exceptions import WebSocketException

from csms.kit.clock import SystemClock

from .sockets import StationSocket, open_station

BEGIN = SystemClock().now().replace(microsecond=0) - timedelta(days=1)  # a clock far from ours would be marked as wrong
CALL_S = 20.0


@dataclass
class Transaction:
    """What the station knows of a transaction of its own: the truth that the server's tables are held against."""

    connector: int
    start: dict[str, Any]
    id: int | None = None
    meter_stop: int | None = None
    stopped: bool = False


@dataclass
class Reading:
    """A MeterValues call by its unique time; `sent` counts how often it left, `acknowledged` whether it was answered."""

    transaction: Transaction
    energy_wh: int
    sent: int = 0
    acknowledged: bool = False


@dataclass
class ScriptedStation:
    """Two connectors that charge in turns, on one connection; `acknowledged` is called for every answer."""

    url: str
    identity: str
    random: Random
    acknowledged: Callable[[], None]
    transactions: list[Transaction] = field(default_factory=list)
    readings: dict[str, Reading] = field(default_factory=dict)
    reconnects: int = 0

    def __post_init__(self) -> None:
        self._socket: StationSocket | None = None
        self._meters = {1: 0, 2: 0}
        self._ticks = itertools.count(1)
        self._stopping = False

    def now(self) -> str:
        """A time that this station never gives twice."""
        return (BEGIN + timedelta(seconds=next(self._ticks))).isoformat().replace("+00:00", "Z")

    async def run(self) -> None:
        """Charge until `finish`; then end what is running and leave."""
        running: list[Transaction] = []
        while running or not self._stopping:
            free = [connector for connector in (1, 2) if all(one.connector != connector for one in running)]
            if free and not self._stopping and self.random.random() < 0.5:
                running.append(await self._begin(self.random.choice(free)))
            elif running and (self._stopping or self.random.random() < 0.2):
                await self._end(running.pop(self.random.randrange(len(running))))
            elif running:
                await self._measure(self.random.choice(running))
            else:
                await self._deliver("Heartbeat", {})
        if self._socket is not None:
            await self._socket.leave()

    def finish(self) -> None:
        self._stopping = True

    async def _begin(self, connector: int) -> Transaction:
        start = {
            "connectorId": connector,
            "idTag": f"{self.identity}-{connector}",
            "meterStart": self._meters[connector],
            "timestamp": self.now(),
        }
        transaction = Transaction(connector, start)
        self.transactions.append(transaction)
        answer = await self._deliver("StartTransaction", start)
        assert answer["idTagInfo"]["status"] == "Accepted", answer
        transaction.id = answer["transactionId"]
        if self.random.random() < 0.1:
            again = await self._deliver("StartTransaction", start)
            assert again["transactionId"] == transaction.id, "the same start, another transaction"
        return transaction

    async def _measure(self, transaction: Transaction) -> None:
        self._meters[transaction.connector] += self.random.randrange(1, 500)
        at, energy_wh = self.now(), self._meters[transaction.connector]
        reading = self.readings[at] = Reading(transaction, energy_wh)
        payload = {
            "connectorId": transaction.connector,
            "transactionId": transaction.id,
            "meterValue": [{"timestamp": at, "sampledValue": [{"value": str(energy_wh)}]}],
        }
        await self._deliver("MeterValues", payload, reading)
        reading.acknowledged = True

    async def _end(self, transaction: Transaction) -> None:
        self._meters[transaction.connector] += self.random.randrange(1, 100)
        transaction.meter_stop = self._meters[transaction.connector]
        stop = {"transactionId": transaction.id, "meterStop": transaction.meter_stop, "timestamp": self.now()}
        await self._deliver("StopTransaction", stop)
        transaction.stopped = True
        if self.random.random() < 0.1:
            await self._deliver("StopTransaction", stop)

    async def _deliver(self, action: str, payload: dict[str, Any], reading: Reading | None = None) -> dict[str, Any]:
        while True:
            socket = self._socket or await self._connect()
            try:
                if reading is not None:
                    reading.sent += 1
                answer = await asyncio.wait_for(socket.call(action, payload), CALL_S)
            except (OSError, WebSocketException, TimeoutError):
                self._socket = None
                with suppress(WebSocketException, OSError):
                    await socket.leave()
                continue
            self.acknowledged()
            return answer

    async def _connect(self) -> StationSocket:
        while True:
            try:
                socket = await open_station(self.url, self.identity, open_timeout=CALL_S)
                if self.random.random() < 0.5:
                    await socket.boot()
            except (OSError, WebSocketException, TimeoutError, EOFError):
                await asyncio.sleep(self.random.uniform(0.01, 0.1))
                continue
            self._socket = socket
            self.reconnects += 1
            return socket


class Acknowledgements:
    """Counts answers, and lets a test wait for the next so many."""

    def __init__(self) -> None:
        self.count = 0
        self._awaited: list[tuple[int, asyncio.Future[None]]] = []

    def add(self) -> None:
        self.count += 1
        for awaited in [awaited for awaited in self._awaited if awaited[0] <= self.count]:
            self._awaited.remove(awaited)
            if not awaited[1].done():
                awaited[1].set_result(None)

    async def more(self, count: int, within_s: float = 60) -> None:
        reached = asyncio.get_running_loop().create_future()
        self._awaited.append((self.count + count, reached))
        await asyncio.wait_for(reached, within_s)


def verify(stations: list[ScriptedStation], tables: dict[str, list[dict[str, Any]]]) -> None:
    """Hold the tables against what the stations know: every transaction once, energy to the watt-hour, every reading."""
    names = {row["id"]: row["identity"] for row in tables["stations"]}
    ids = [row["id"] for row in tables["sessions"]]
    assert len(ids) == len(set(ids))
    for station in stations:
        mine = [row for row in tables["sessions"] if names[row["station_id"]] == station.identity]
        _verify_transactions(station, mine)
        readings = [row for row in tables["readings"] if names[row["station_id"]] == station.identity]
        _verify_readings(station, readings)
    assert not tables["review_items"], tables["review_items"][:5]


def _verify_transactions(station: ScriptedStation, rows: list[dict[str, Any]]) -> None:
    by_id = {row["id"]: row for row in rows}
    acknowledged = [transaction for transaction in station.transactions if transaction.id is not None]
    assert len({transaction.id for transaction in acknowledged}) == len(acknowledged), (
        "a transaction id was given twice"
    )
    assert len(rows) == len(station.transactions), f"{station.identity}: {len(rows)} of {len(station.transactions)}"
    for transaction in acknowledged:
        row = by_id[transaction.id]
        start = transaction.start
        said = (start["connectorId"], start["idTag"], start["meterStart"], start["timestamp"])
        at = row["started_at"].isoformat().replace("+00:00", "Z")
        assert (row["evse"], row["id_token"], row["meter_start_wh"], at) == said
        if transaction.stopped:
            assert transaction.meter_stop is not None
            assert (row["state"], row["ended_by"]) == ("ended", "station")
            assert row["energy_wh"] == transaction.meter_stop - start["meterStart"]
    total = sum((one.meter_stop or 0) - one.start["meterStart"] for one in acknowledged)
    assert sum(row["energy_wh"] for row in rows) == total


def _verify_readings(station: ScriptedStation, rows: list[dict[str, Any]]) -> None:
    found: Counter[str] = Counter()
    for row in rows:
        at = row["at"].isoformat().replace("+00:00", "Z")
        found[at] += 1
        reading = station.readings[at]
        assert (row["session_id"], row["energy_wh"]) == (reading.transaction.id, reading.energy_wh)
    for at, reading in station.readings.items():
        least = 1 if reading.acknowledged else 0
        assert least <= found[at] <= reading.sent, f"{station.identity} {at}: {found[at]} kept of {reading.sent} sent"
