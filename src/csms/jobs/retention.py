"""Retention: what grows for ever goes when the operator's time for it is over, never before."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from csms.kit.clock import Clock
from csms.kit.errors import Unavailable

log = structlog.get_logger(__name__)

EVERY_S: Final = 3600.0


class Shelves(Protocol):
    """Where rows that grow for ever are kept.

    `make_room` prepares for what comes; `prune` removes some of what arrived before a time and says how much (rows, or months),
    0 when nothing is left to remove.
    """

    async def make_room(self, now: datetime) -> None: ...
    async def prune(self, table: str, before: datetime) -> int: ...


class Retention:
    """`days` by table (`frames`, `readings`, `facts`, `audit_entries`); 0 keeps for ever."""

    def __init__(self, shelves: Shelves, clock: Clock, days: Mapping[str, int]) -> None:
        self._shelves = shelves
        self._clock = clock
        self._days = days

    async def run(self) -> None:
        while True:
            try:
                await self.due()
            except Unavailable as trouble:
                log.warning("room could not be made; it is tried again", reason=trouble.detail)
            await asyncio.sleep(EVERY_S)

    async def due(self) -> dict[str, int]:
        """Prepare the next months and remove what is due; what was removed, by table."""
        now = self._clock.now()
        await self._shelves.make_room(now)
        removed = dict.fromkeys(self._days, 0)
        for table, days in self._days.items():
            while days and (count := await self._shelves.prune(table, now - timedelta(days=days))):
                removed[table] += count
                await asyncio.sleep(0)
        if any(removed.values()):
            log.info("old rows removed", **removed)
        return removed
