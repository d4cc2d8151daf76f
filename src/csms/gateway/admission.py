"""Admission: when many stations knock at once, who gets in now, who waits, and who is told to come again when.

Under load answers get slower, never wrong: a line at the door, and boots spread over time (docs/adr/0008).
"""

import asyncio
import math
from collections import deque
from collections.abc import Callable
from random import uniform
from typing import Final

from csms.kit.clock import Clock

BURST_S: Final = 5.0  # so many seconds' worth of boots may come at once
EARLY_S: Final = 1.0  # a station may come so much before its time
LEAST_S: Final = 10  # nobody is sent away for less
MOST_S: Final = 900
JITTER: Final = 1.25
PROMISES: Final = 100_000


class Crowded(Exception):  # noqa: N818 - it is how things are at the door
    """The line is too long to join."""


class Place:
    """Somebody's place inside a gate, given back once, however often `leave` is called."""

    __slots__ = ("_gate",)

    def __init__(self, gate: "Gate") -> None:
        self._gate: Gate | None = gate

    def leave(self) -> None:
        gate, self._gate = self._gate, None
        if gate is not None:
            gate.left()


class Gate:
    """Lets at most `at_once` be inside, and `per_s` in a second (0: as many as come); `most_waiting` may stand in line."""

    def __init__(self, clock: Clock, at_once: int, most_waiting: int, per_s: float = 0.0) -> None:
        self._clock = clock
        self._at_once = at_once
        self._most_waiting = most_waiting
        self._interval_s = 1 / per_s if per_s > 0 else 0.0
        self._next_at = 0.0
        self._line: deque[asyncio.Future[None]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self.inside = 0

    @property
    def waiting(self) -> int:
        return len(self._line)

    async def enter(self) -> Place:
        """Wait in line for a place; raises Crowded when the line is too long."""
        if len(self._line) >= self._most_waiting:
            raise Crowded
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._line.append(turn)
        self._let_in()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.left()
            raise
        return Place(self)

    def left(self) -> None:
        self.inside -= 1
        self._let_in()

    def _let_in(self) -> None:
        while self._line and self.inside < self._at_once and self._timer is None:
            now = self._clock.monotonic()
            if self._interval_s and now < self._next_at:
                self._timer = asyncio.get_running_loop().call_later(self._next_at - now, self._time_has_come)
                return
            turn = self._line.popleft()
            if not turn.done():
                self.inside += 1
                self._next_at = max(now, self._next_at) + self._interval_s
                turn.set_result(None)

    def _time_has_come(self) -> None:
        self._timer = None
        self._let_in()


class Boots:
    """Which boots are taken now, and when the others are to come again (Pending, OCPP 1.6 §4.2).

    Every boot takes the next moment of a clock that ticks `per_s` times a second. A boot whose moment is too far ahead keeps it as
    a promise: it comes again then and is taken whatever happens, so nobody is sent away for ever. While commits take longer than
    `busy_after_s`, boots come again after twice that long at the earliest.
    """

    def __init__(self, per_s: float, busy_after_s: float, jitter: Callable[[float, float], float] = uniform) -> None:
        self._interval_s = 1 / per_s
        self._busy_after_s = busy_after_s
        self._jitter = jitter
        self._next_at = 0.0
        self._promised: dict[int, float] = {}

    def wait_s(self, station_id: int, now: float, lag_s: float) -> int | None:
        """Whole seconds after which this station is to boot again; None when it is taken now."""
        due_at = self._promised.get(station_id)
        if due_at is not None:
            if now >= due_at - EARLY_S:
                del self._promised[station_id]
                return None
            return math.ceil(due_at - now)
        self._next_at = max(self._next_at, now)
        ahead_s = self._next_at - now
        self._next_at += self._interval_s
        busy = lag_s > self._busy_after_s
        if ahead_s <= BURST_S and not busy:
            return None
        wait_s = max(ahead_s, 2 * lag_s if busy else 0.0, LEAST_S) * self._jitter(1.0, JITTER)
        return self._promise(station_id, now, math.ceil(min(wait_s, MOST_S)))

    def _promise(self, station_id: int, now: float, wait_s: int) -> int:
        if len(self._promised) >= PROMISES:
            del self._promised[next(iter(self._promised))]
        self._promised[station_id] = now + wait_s
        return wait_s

    def awaited(self, station_id: int, now: float) -> bool:
        """Whether the station was told to boot again and its time has not come (no remote start meanwhile, §4.2)."""
        due_at = self._promised.get(station_id)
        return due_at is not None and now < due_at + LEAST_S
