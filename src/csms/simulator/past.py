"""What stations did while nobody could hear them: visits and faults of the past, kept in the queues that they deliver later."""

import asyncio
import heapq
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from csms.ocpp import v16
from csms.simulator.backlog import Entry
from csms.simulator.car import Car
from csms.simulator.clock import BelatedClock
from csms.simulator.connector import Connector, Fault
from csms.simulator.controller import status_notification
from csms.simulator.station import Station

Mishap = Literal["stop lost", "meter replaced"]


@dataclass(frozen=True, slots=True)
class Visit:
    """A car that came and went; with a `fault` the hardware broke at `ends_at` and was mended at `leaves_at`.

    A mishap leaves the central system something to puzzle over: the end was never reported, or the meter was exchanged.
    """

    connector_id: int
    id_tag: str
    car: Car
    comes_at: datetime
    starts_at: datetime
    ends_at: datetime
    leaves_at: datetime
    reason: v16.StopReason = "Local"
    reading_s: float = 300
    fault: Fault | None = None
    mishap: Mishap | None = None


class _Memory:
    """One visit as it happens: `steps` yields when something happens next, and does it when resumed."""

    def __init__(self, station: Station, visit: Visit) -> None:
        self._station = station
        self._visit = visit
        self._connector: Connector = station.connector(visit.connector_id)

    def steps(self) -> Iterator[datetime]:
        visit, station, connector = self._visit, self._station, self._connector
        yield visit.comes_at
        connector.plugged, connector.car = True, visit.car
        yield visit.starts_at
        station.begin(connector, visit.id_tag)
        pause = timedelta(seconds=visit.reading_s)
        at = visit.starts_at + pause
        while at < visit.ends_at:
            yield at
            station.take_reading(connector, "MeterValuesSampledData", "Sample.Periodic")
            at += pause
        yield visit.ends_at
        self._end()
        yield visit.leaves_at
        connector.plugged, connector.car, connector.finishing = False, None, False
        if visit.fault is not None:
            connector.fault = None
            self._say_status()
        station.refresh(connector)

    def _end(self) -> None:
        visit, station, connector = self._visit, self._station, self._connector
        if visit.mishap == "meter replaced":
            station.settle(connector)
            connector.exchange_meter()
        by_card = visit.id_tag if visit.reason == "Local" else None
        entry = station.finish(connector, visit.reason, id_tag=by_card)
        if visit.mishap == "stop lost":
            station.backlog.lose(entry)
        if visit.fault is not None:
            connector.fault = visit.fault
            station.refresh(connector)
            self._say_status()

    def _say_status(self) -> None:
        connector = self._connector
        said = status_notification(connector.connector_id, connector.derive(), self._station.now())
        self._station.backlog.add(Entry(said, None, connector.meter_wh))


async def relive(clock: BelatedClock, visits: Mapping[str, Sequence[Visit]], stations: Sequence[Station]) -> int:
    """Let each station live through its visits (by identity), one station after the other; gives the number of messages kept.

    Visits of one connector must not overlap. Other tasks have their turn every few milliseconds.
    """
    for station in stations:
        order = itertools.count()
        memories = [_Memory(station, visit).steps() for visit in visits.get(station.identity, ())]
        due = [(next(memory), next(order), memory) for memory in memories]
        heapq.heapify(due)
        while due:
            at, number, memory = heapq.heappop(due)
            clock.go_to(at)
            following = next(memory, None)
            if following is not None:
                heapq.heappush(due, (following, next(order), memory))
            if number % 20 == 0:
                await asyncio.sleep(0)
    return sum(len(station.backlog) for station in stations)
