"""Time for simulated stations: paced by the real clock (compressed by a factor), or stepped from event to event."""

import asyncio
import heapq
import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

_TURNS_TO_SETTLE = 20
"""Turns of the event loop without work after which nothing more will happen by itself."""


class Timer(Protocol):
    """A callback that is due later."""

    def cancel(self) -> None: ...


class Clock(Protocol):
    """Simulated time: `now` is what stations write into their messages, all seconds are simulated seconds."""

    def now(self) -> datetime: ...

    def call_later(self, seconds: float, callback: Callable[[], object]) -> Timer: ...

    async def sleep(self, seconds: float) -> None: ...

    def hold(self) -> None:
        """Something is on its way (an answer, a connection) that simulated time must not overtake."""

    def release(self) -> None:
        """What was on its way has come or is lost; as often as `hold`."""


class PacedClock:
    """Real time since construction, `speed` times faster, counted from `start` (default: now)."""

    def __init__(self, start: datetime | None = None, speed: float = 1.0) -> None:
        if speed <= 0:
            raise ValueError("speed must be greater than 0")
        self._loop = asyncio.get_running_loop()
        self._start = start or datetime.now(UTC)
        self._zero = self._loop.time()
        self._speed = speed

    def now(self) -> datetime:
        return self._start + timedelta(seconds=(self._loop.time() - self._zero) * self._speed)

    def call_later(self, seconds: float, callback: Callable[[], object]) -> Timer:
        return self._loop.call_later(seconds / self._speed, callback)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._speed)

    def hold(self) -> None:
        pass

    def release(self) -> None:
        pass


class BelatedClock(PacedClock):
    """Moved by hand through the past, where nothing happens by itself; real time from `catch_up` on."""

    def __init__(self, start: datetime) -> None:
        super().__init__()
        self._past: datetime | None = start

    def now(self) -> datetime:
        return super().now() if self._past is None else self._past

    def call_later(self, seconds: float, callback: Callable[[], object]) -> Timer:
        return _SteppedTimer(callback) if self._past is not None else super().call_later(seconds, callback)

    def go_to(self, at: datetime) -> None:
        """Raises RuntimeError after `catch_up`."""
        if self._past is None:
            raise RuntimeError("this clock tells real time already")
        self._past = at

    def catch_up(self) -> None:
        self._past = None


class _SteppedTimer:
    __slots__ = ("callback",)

    def __init__(self, callback: Callable[[], object]) -> None:
        self.callback: Callable[[], object] | None = callback

    def cancel(self) -> None:
        self.callback = None


class SteppedClock:
    """Time that stands still until `advance` is called and then jumps from timer to timer.

    It waits at every step until all answers on their way have come in, so the same seed and the same answers give
    the same messages with the same timestamps.
    """

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._timers: list[tuple[datetime, int, _SteppedTimer]] = []
        self._order = itertools.count()
        self._held = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def now(self) -> datetime:
        return self._now

    def call_later(self, seconds: float, callback: Callable[[], object]) -> Timer:
        timer = _SteppedTimer(callback)
        heapq.heappush(self._timers, (self._now + timedelta(seconds=max(seconds, 0.0)), next(self._order), timer))
        return timer

    async def sleep(self, seconds: float) -> None:
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def end() -> None:
            if not over.done():
                over.set_result(None)

        self.call_later(seconds, end)
        await over

    def hold(self) -> None:
        self._held += 1
        self._idle.clear()

    def release(self) -> None:
        self._held -= 1
        if not self._held:
            self._idle.set()

    async def advance(self, seconds: float) -> None:
        """Let `seconds` pass, firing every timer at its time."""
        target = self._now + timedelta(seconds=seconds)
        await self._settle()
        while self._timers and self._timers[0][0] <= target:
            due, _, timer = heapq.heappop(self._timers)
            if timer.callback is not None:
                self._now = max(due, self._now)
                timer.callback()
                await self._settle()
        self._now = target

    async def _settle(self) -> None:
        quiet = 0
        while quiet < _TURNS_TO_SETTLE:
            if self._held:
                await self._idle.wait()
                quiet = 0
            await asyncio.sleep(0)
            quiet += 1
