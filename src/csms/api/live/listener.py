"""One who listens: what interests them, and what waits for them to take it."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

MOST_WAITING = 2_000


class Placed(NamedTuple):
    """What decides whom a station interests."""

    identity: str
    location_id: UUID | None


class Shown:
    """A station as JSON: whole, or without who charges there, which is made when it is first needed.

    `mark` tells what is shown from what was shown before, but for when the station last said anything.
    """

    def __init__(self, placed: Placed, mark: int, whole: str, hide: Callable[[], str]) -> None:
        self.placed = placed
        self.mark = mark
        self.whole = whole
        self._hide = hide
        self._events: dict[bool, bytes] = {}

    def json(self, *, whole: bool) -> str:
        return self.whole if whole else self._hide()

    def event(self, *, whole: bool) -> bytes:
        if whole not in self._events:
            self._events[whole] = event("station", self.json(whole=whole))
        return self._events[whole]


@dataclass(frozen=True, slots=True)
class Interest:
    """Stations of these identities and of this location; None: of any.

    Of all locations only those `within` are shown (None: all, and stations of none), and who charges only at those `known`.
    """

    identities: frozenset[str] | None = None
    location_id: UUID | None = None
    within: frozenset[UUID] | None = None
    known: frozenset[UUID] | None = None

    def covers(self, station: Placed | None) -> bool:
        return (
            station is not None
            and (self.identities is None or station.identity in self.identities)
            and (self.location_id is None or station.location_id == self.location_id)
            and (self.within is None or station.location_id in self.within)
        )

    def knows(self, station: Placed) -> bool:
        """Whether it may be shown who charges there."""
        return self.known is None or station.location_id in self.known


def event(name: str, data: str) -> bytes:
    """A server-sent event; `data` is JSON without line ends."""
    return f"event: {name}\ndata: {data}\n\n".encode()


class Listener:
    """Keeps only the newest event of each station. `behind`: it needs a fresh snapshot, as at the beginning."""

    def __init__(self, interest: Interest) -> None:
        self.behind = True
        self.ended = False
        self._interest = interest
        self._waiting: dict[int, bytes] = {}
        self._awake = asyncio.Event()

    def hear(self, station_id: int, before: Placed | None, after: Shown | None) -> None:
        """A station changed; one that left what interests us, or is gone, is told as removed."""
        if after is not None and self._interest.covers(after.placed):
            self._waiting[station_id] = after.event(whole=self._interest.knows(after.placed))
        elif before is not None and self._interest.covers(before):
            self._waiting[station_id] = event("removed", json.dumps({"identity": before.identity}))
        else:
            return
        if len(self._waiting) > MOST_WAITING:
            self.fall_behind()
        self._awake.set()

    def fall_behind(self) -> None:
        self.behind = True
        self._waiting.clear()
        self._awake.set()

    def catch_up(self) -> None:
        self.behind = False
        self._waiting.clear()

    def end(self) -> None:
        self.ended = True
        self._awake.set()

    async def wait(self, at_most_s: float) -> bool:
        """Until there is something to do; False when there was nothing for so long."""
        try:
            await asyncio.wait_for(self._awake.wait(), at_most_s)
        except TimeoutError:
            return False
        self._awake.clear()
        return True

    def take(self) -> bytes:
        waiting, self._waiting = self._waiting, {}
        return b"".join(waiting.values())
