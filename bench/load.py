"""The load generator, a process of its own: reads orders from standard input, a line of JSON each, and answers the same way.

`python -m bench.load ws://127.0.0.1:9000/ocpp [--echo]`"""

import argparse
import asyncio
import gc
import math
import sys
from array import array
from time import perf_counter

import msgspec
import uvloop

from bench.fleet import Fleet, Station, wait_until
from bench.mix import CYCLE
from bench.orders import (
    AwaitBack,
    AwaitRestart,
    Back,
    Calls,
    ClosedLoop,
    Connect,
    Connected,
    Disconnect,
    Done,
    OpenLoop,
    Order,
    Reply,
    TakeCalls,
    Window,
)
from bench.process import CpuMeter, raise_open_files

DRAIN_TIMEOUT_S = 30.0
TICK_S = 0.001


def percentile(ordered: list[float], fraction: float) -> float:
    """The smallest value that is at least as large as this fraction of all (nearest rank)."""
    if not ordered:
        return 0.0
    return ordered[math.ceil(len(ordered) * fraction) - 1]


class Meter:
    """A measurement window over a fleet."""

    def __init__(self, fleet: Fleet, parts: dict[str, list[int]]) -> None:
        self._fleet = fleet
        self._cpu = CpuMeter(parts)
        self._first = len(fleet.latencies_s)
        self._start = perf_counter()

    def read(self, late_s: float = 0.0) -> Window:
        seconds = perf_counter() - self._start
        latencies: array[float] = self._fleet.latencies_s[self._first :]
        parts, own, others = self._cpu.read()
        ordered = sorted(latencies)
        messages = len(ordered)
        return Window(
            stations=len(self._fleet.stations),
            seconds=seconds,
            messages=messages,
            per_second=messages / seconds,
            server_cpu_us=sum(parts.values()) / max(messages, 1) * 1e6,
            load_cpu_us=own / max(messages, 1) * 1e6,
            other_cores=others / seconds,
            p50_ms=percentile(ordered, 0.50) * 1e3,
            p99_ms=percentile(ordered, 0.99) * 1e3,
            max_ms=ordered[-1] * 1e3 if ordered else 0.0,
            late_ms=late_s * 1e3,
            parts_cpu_us={name: spent / max(messages, 1) * 1e6 for name, spent in parts.items()},
        )


async def closed_loop(fleet: Fleet, order: ClosedLoop) -> Window:
    stopping = False

    def next_call(station: Station, now: float) -> None:
        if station.transport is not None and not (stopping and station.script.step == 0):
            station.send_next(now)

    fleet.on_answer = next_call
    for station in fleet.connected():
        station.send_next(perf_counter())
    await asyncio.sleep(order.warm_up_s)
    meter = Meter(fleet, order.parts)
    await asyncio.sleep(order.seconds)
    window = meter.read()
    stopping = True
    await _drain(fleet)
    return window


async def open_loop(fleet: Fleet, order: OpenLoop) -> Window:
    """A station that is still waiting when its next call is due sends it late, and the wait counts as latency."""
    await spread(fleet)
    timetable = Timetable(fleet, order.per_second)
    await timetable.run(order.warm_up_s)
    meter = Meter(fleet, order.parts)
    timetable.late_s = 0.0
    await timetable.run(order.seconds)
    window = meter.read(timetable.late_s)
    await _drain(fleet)
    return window


async def spread(fleet: Fleet) -> None:
    """Let stations go on to different places of the cycle: each moment sees the mix, not five hundred starts and then none."""
    places = {station: number % len(CYCLE) for number, station in enumerate(fleet.connected())}

    def next_call(station: Station, now: float) -> None:
        if station.transport is not None and station.script.step != places[station]:
            station.send_next(now)

    fleet.on_answer = next_call
    for station in places:
        next_call(station, perf_counter())
    await _drain(fleet)


class Timetable:
    """Makes calls due at a fixed rate, the stations taking turns."""

    def __init__(self, fleet: Fleet, per_second: int) -> None:
        self._fleet = fleet
        fleet.on_answer = _send_overdue
        self._per_second = per_second
        self._start = perf_counter()
        self._made_due = 0
        self.late_s = 0.0

    async def run(self, seconds: float) -> None:
        until = perf_counter() + seconds
        while (now := perf_counter()) < until:
            self._make_due(now)
            await asyncio.sleep(TICK_S)

    def _make_due(self, now: float) -> None:
        stations = self._fleet.stations
        due_by_now = int((now - self._start) * self._per_second)
        if due_by_now > self._made_due:
            self.late_s = max(self.late_s, now - self._start - (self._made_due + 1) / self._per_second)
        while self._made_due < due_by_now:
            station = stations[self._made_due % len(stations)]
            self._made_due += 1
            if station.pending:
                station.due.append(now)
            elif station.transport is not None:
                station.send_next(perf_counter())


def _send_overdue(station: Station, _now: float) -> None:
    if station.due and station.transport is not None:
        station.send_next(station.due.popleft())


async def _drain(fleet: Fleet) -> None:
    """Let every call that was sent be answered; an answer that never comes is an error."""
    for station in fleet.stations:
        station.due.clear()
    if not await wait_until(lambda: not any(station.pending for station in fleet.connected()), DRAIN_TIMEOUT_S):
        unanswered = sum(station.pending for station in fleet.connected())
        fleet.errors[f"calls were not answered within {DRAIN_TIMEOUT_S:.0f} s"] += unanswered


async def obey(fleet: Fleet, order: Order) -> msgspec.Struct:
    match order:
        case Connect():
            start = perf_counter()
            await fleet.grow(order.stations, order.at_once)
            return Connected(len(fleet.stations), perf_counter() - start)
        case ClosedLoop():
            return await closed_loop(fleet, order)
        case OpenLoop():
            return await open_loop(fleet, order)
        case TakeCalls():
            return Calls(fleet.calls_s.pop(order.action, []))
        case AwaitBack():
            await fleet.all_back(order.timeout_s)
            first, last = min(fleet.boots_s, default=0.0), max(fleet.boots_s, default=0.0)
            return Back(len(fleet.stations), first, last, fleet.failed_attempts)
        case Disconnect():
            fleet.shrink(order.stations)
        case AwaitRestart():
            fleet.expect_restart()
    return Done()


async def main(urls: list[str], *, echo: bool, ca: str | None = None) -> None:
    orders = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    fleet = Fleet(urls, echo=echo, ca=ca)
    decoder = msgspec.json.Decoder(Order)
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)
    while line := await orders.readline():
        result = await obey(fleet, decoder.decode(line))
        reply = Reply(
            result=msgspec.Raw(msgspec.json.encode(result)),
            errors=dict(fleet.errors),
            started=len(fleet.transaction_ids),
            stopped=sum(station.script.stops for station in fleet.stations),
        )
        print(msgspec.json.encode(reply).decode(), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Load generator of the benchmark; orders on standard input.")
    parser.add_argument(
        "urls", nargs="+", help="where stations connect, in turn; the identity is added as the last path segment"
    )
    parser.add_argument(
        "--echo", action="store_true", help="the server is a bare echo: frames come back as they were sent"
    )
    parser.add_argument("--ca", help="whom stations trust, where they connect over TLS")
    arguments = parser.parse_args()
    raise_open_files()
    uvloop.run(main(arguments.urls, echo=arguments.echo, ca=arguments.ca))
