"""Watches stations for all listeners at once: one look at the database for what changed, however many look on."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import NamedTuple

import structlog

from csms.api.live.listener import Interest, Listener, Placed, event
from csms.api.operator.station_views import show_stations
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
    (so that who was signed out meanwhile stops hearing).
    """

    look_s: float = 0.1
    heartbeat_s: float = 15
    longest_s: float = 900


class _Shown(NamedTuple):
    placed: Placed
    json: str


class LiveHub:
    """Rings of `live.<station id>` mark stations as changed; while somebody listens, they are read and told.

    With nobody listening it does nothing at all. `stop()` ends every stream; call it before the web server waits for its
    connections to end.
    """

    def __init__(self, database: Database, bus: Bus, tasks: Tasks, pace: Pace | None = None) -> None:
        self._database = database
        self._bus = bus
        self._tasks = tasks
        self._pace = pace or Pace()
        self._listeners: set[Listener] = set()
        self._changed: set[int] = set()
        self._rung = asyncio.Event()
        self._placed: dict[int, Placed] = {}
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
        try:
            while self._listeners and not self._stopped:
                await self._rung.wait()
                self._rung.clear()
                changed, self._changed = sorted(self._changed), set()
                began = loop.time()
                for start in range(0, len(changed), A_LOOK):
                    await self._tell(changed[start : start + A_LOOK])
                await asyncio.sleep(max(self._pace.look_s, _CALM * (loop.time() - began)))
        finally:
            hang_up()
            self._watching = False
            self._placed.clear()
            self._end_all()

    async def _tell(self, ids: Sequence[int]) -> None:
        try:
            now = await self._look(ids)
        except Unavailable:
            log.warning("live data could not be read; listeners get a fresh snapshot")
            for listener in self._listeners:
                listener.fall_behind()
            return
        for station_id in ids:
            before, after = self._placed.pop(station_id, None), now.get(station_id)
            shown = event("station", after.json) if after is not None else b""
            placed = after.placed if after is not None else None
            for listener in self._listeners:
                listener.hear(station_id, before, placed, shown)
            if placed is not None:
                self._placed[station_id] = placed

    async def _look(self, ids: Sequence[int]) -> dict[int, _Shown]:
        async with self._database.view() as session:
            views = await stations.view_stations(session, ids)
            shown = await show_stations(session, list(views.values()))
        return {
            station_id: _Shown(Placed(out.identity, view.station.location_id), out.model_dump_json())
            for (station_id, view), out in zip(views.items(), shown, strict=True)
        }

    async def _snapshot(self, interest: Interest) -> AsyncIterator[bytes]:
        asked = StationFilter(location_id=interest.location_id, identities=interest.identities)
        number, after, last = 0, 0, False
        while not last:
            async with self._database.view() as session:
                ids = await stations.matching_ids(session, asked, after, A_LOOK)
            now = await self._look(ids)
            self._placed.update((station_id, shown.placed) for station_id, shown in now.items())
            last, after = len(ids) < A_LOOK, ids[-1] if ids else 0
            members = ",".join(shown.json for shown in now.values())
            yield event("snapshot", f'{{"part":{number},"last":{str(last).lower()},"stations":[{members}]}}')
            number += 1
