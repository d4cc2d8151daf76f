"""One who listens: what interests them, and what waits for them to take it."""

import asyncio
import json
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

MOST_WAITING = 2_000


class Placed(NamedTuple):
    """What decides whom a station interests."""

    identity: str
    location_id: UUID | None


@dataclass(frozen=True, slots=True)
class Interest:
    """Stations of these identities and of this location; None: of any."""

    identities: frozenset[str] | None = None
    location_id: UUID | None = None

    def covers(self, station: Placed | None) -> bool:
        return (
            station is not None
            and (self.identities is None or station.identity in self.identities)
            and (self.location_id is None or station.location_id == self.location_id)
        )


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

    def hear(self, station_id: int, before: Placed | None, after: Placed | None, shown: bytes) -> None:
        """A station changed; one that left what interests us, or is gone, is told as removed."""
        if self._interest.covers(after):
            self._waiting[station_id] = shown
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
