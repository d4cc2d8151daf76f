"""Watches stations for all listeners at once: one look at the database for what changed, however many look on."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from typing import NamedTuple
from uuid import UUID

import structlog

from csms.api.live.listener import Interest, Listener, Placed, Shown, event
from csms.api.operator.station_views import StationOut, hide_identities, show_stations
from csms.domain.accounts.rules import SYSTEM
from csms.domain.stations.verbs import stations
from csms.domain.stations.views import StationFilter
from csms.kit.bus import Bus
from csms.kit.database import Database
from csms.kit.errors import Unavailable
from csms.kit.tasks import Tasks

log = structlog.get_logger(__name__)

SUBJECT = "live."
A_LOOK = 500  # stations read together
_CALM = 3  # rest so many times longer than a look took


class Pace(NamedTuple):
    """Seconds: at least between looks, between signs of life on a silent stream, and until a stream must be asked for anew
    (so that who was signed out meanwhile stops hearing). Every `doubt_s` the bus is asked whether rings may have been lost.
    """

    look_s: float = 0.1
    heartbeat_s: float = 15
    longest_s: float = 900
    doubt_s: float = 1.0


class _Known(NamedTuple):
    placed: Placed
    mark: int


class LiveHub:
    """Rings of `live.<station id>` mark stations as changed; while somebody listens, they are read and told.

    Where rings may be lost it now and then looks at all stations and tells what changed. With nobody listening it does nothing.
    `stop()` ends every stream; call it before the web server waits for its connections to end.
    """

    def __init__(self, database: Database, bus: Bus, tasks: Tasks, pace: Pace | None = None) -> None:
        self._database = database
        self._bus = bus
        self._tasks = tasks
        self._pace = pace or Pace()
        self._listeners: set[Listener] = set()
        self._changed: set[int] = set()
        self._rung = asyncio.Event()
        self._known: dict[int, _Known] = {}
        self._watching = False
        self._stopped = False

    @property
    def listeners(self) -> int:
        return len(self._listeners)

    @property
    def idle(self) -> bool:
        """Nobody listens and nothing runs."""
        return not self._watching and not self._listeners

    def stop(self) -> None:
        self._stopped = True
        self._end_all()

    async def stream(self, interest: Interest) -> AsyncIterator[bytes]:
        """Server-sent events: `snapshot` (in numbered parts of 500 stations; the last says so), then `station`, `removed`.

        A listener that falls too far behind gets a fresh snapshot instead of all that it missed.
        """
        listener = Listener(interest)
        self._join(listener)
        loop = asyncio.get_running_loop()
        until = loop.time() + self._pace.longest_s
        try:
            while not listener.ended and loop.time() < until:
                if listener.behind:
                    listener.catch_up()
                    async for part in self._snapshot(interest):
                        yield part
                elif not await listener.wait(self._pace.heartbeat_s):
                    yield b": still here\n\n"
                elif news := listener.take():
                    yield news
        finally:
            self._leave(listener)

    def _join(self, listener: Listener) -> None:
        self._listeners.add(listener)
        if self._stopped:
            listener.end()
        elif not self._watching:
            self._watching = True
            hang_up = self._bus.subscribe(SUBJECT, self._ring)
            self._tasks.start(self._watch(hang_up), name="live")

    def _leave(self, listener: Listener) -> None:
        self._listeners.discard(listener)
        self._rung.set()

    def _end_all(self) -> None:
        for listener in self._listeners:
            listener.end()
        self._rung.set()

    def _ring(self, subject: str) -> None:
        self._changed.add(int(subject.removeprefix(SUBJECT)))
        self._rung.set()

    async def _watch(self, hang_up: Callable[[], None]) -> None:
        """Looks while anybody listens; should it die, the streams end too, and their clients come back."""
        loop = asyncio.get_running_loop()
        looked, poll_s = loop.time(), self._bus.slow_poll_s
        try:
            while self._listeners and not self._stopped:
                await self._wait()
                changed, self._changed = sorted(self._changed), set()
                began = loop.time()
                for start in range(0, len(changed), A_LOOK):
                    await self._tell(changed[start : start + A_LOOK])
                await asyncio.sleep(max(self._pace.look_s, _CALM * (loop.time() - began)))
                before, poll_s = (
                    poll_s,
                    self._bus.slow_poll_s,
                )  # what was lost before the bus healed is due as soon as then
                if poll_s is not None and loop.time() - looked >= min(poll_s, before or poll_s):
                    await self._look_around()
                    looked = loop.time()
                elif before is not None and poll_s is not None:
                    poll_s = min(poll_s, before)
        finally:
            hang_up()
            self._watching = False
            self._known.clear()
            self._end_all()

    async def _wait(self) -> None:
        """Until somebody rings, or it is time to doubt."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._rung.wait(), self._pace.doubt_s)
        self._rung.clear()

    async def _tell(self, ids: Sequence[int]) -> None:
        try:
            now = await self._look(ids)
        except Unavailable:
            self._lose_sight()
        else:
            for station_id in ids:
                self._announce(station_id, now.get(station_id))

    def _lose_sight(self) -> None:
        log.warning("live data could not be read; listeners get a fresh snapshot")
        for listener in self._listeners:
            listener.fall_behind()

    def _announce(self, station_id: int, after: Shown | None) -> None:
        known = self._known.pop(station_id, None)
        before = known.placed if known is not None else None
        for listener in self._listeners:
            listener.hear(station_id, before, after)
        if after is not None:
            self._known[station_id] = _Known(after.placed, after.mark)

    async def _look_around(self) -> None:
        """Look at all stations, with rests, and tell of those that are not as they were last shown."""
        loop = asyncio.get_running_loop()
        after, last, there = 0, False, set[int]()
        try:
            while self._listeners and not last:
                began = loop.time()
                async with self._database.view() as session:
                    ids = await stations.matching_ids(session, StationFilter(), after, A_LOOK)
                for station_id, shown in (await self._look(ids)).items():
                    if station_id not in self._known or self._known[station_id].mark != shown.mark:
                        self._announce(station_id, shown)
                there.update(ids)
                last, after = len(ids) < A_LOOK, ids[-1] if ids else 0
                await asyncio.sleep(_CALM * (loop.time() - began))
        except Unavailable:
            self._lose_sight()
            last = False
        if last:
            for station_id in self._known.keys() - there:
                self._announce(station_id, None)

    async def _look(self, ids: Sequence[int]) -> dict[int, Shown]:
        """Everything of them; each listener is told of it what it may know."""
        async with self._database.view() as session:
            views = await stations.view_stations(session, ids)
            shown = await show_stations(session, list(views.values()), SYSTEM)
        return {
            station_id: _shown(out, view.station.location_id)
            for (station_id, view), out in zip(views.items(), shown, strict=True)
        }

    async def _snapshot(self, interest: Interest) -> AsyncIterator[bytes]:
        asked = StationFilter(
            location_id=interest.location_id, identities=interest.identities, location_ids=interest.within
        )
        number, after, last = 0, 0, False
        while not last:
            async with self._database.view() as session:
                ids = await stations.matching_ids(session, asked, after, A_LOOK)
            now = await self._look(ids)
            for station_id, shown in now.items():
                known = self._known.setdefault(station_id, _Known(shown.placed, shown.mark))
                if known.mark != shown.mark:  # the others have not heard of it yet
                    self._announce(station_id, shown)
            last, after = len(ids) < A_LOOK, ids[-1] if ids else 0
            members = ",".join(shown.json(whole=interest.knows(shown.placed)) for shown in now.values())
            yield event("snapshot", f'{{"part":{number},"last":{str(last).lower()},"stations":[{members}]}}')
            number += 1


def _shown(out: StationOut, location_id: UUID | None) -> Shown:
    mark = hash(out.model_dump_json(exclude={"presence": {"seen_at"}}))
    placed = Placed(out.identity, location_id)
    return Shown(placed, mark, out.model_dump_json(), lambda: hide_identities(out).model_dump_json())
