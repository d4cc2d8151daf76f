"""A process's signs of life, and the burial of those that give none."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import structlog

from csms.domain.stations import processes
from csms.domain.stations.processes import Identity, NameTaken, Sign
from csms.kit.bus import Bus
from csms.kit.clock import Clock
from csms.kit.database import Database
from csms.kit.errors import Unavailable

log = structlog.get_logger(__name__)


class Presence:
    """Reports three times a lease. `trouble` says why the last report failed, if it did.

    A process whose name another has taken is told to stop (`give_up`): two of one name would bury each other's stations.
    """

    def __init__(
        self, who: Identity, *, database: Database, clock: Clock, lease_s: float, give_up: Callable[[], None]
    ) -> None:
        self.who = who
        self._database = database
        self._clock = clock
        self._lease_s = lease_s
        self._give_up = give_up
        self._steady_since: float | None = None
        self._reported_at: float | None = None
        self._since: dict[Sign, float] = {}
        self._ahead: dict[str, timedelta] = {}
        self.trouble: str | None = None

    async def start(self) -> None:
        async with self._database.unit() as session:
            await processes.register(session, self.who, self._clock.now())
        self._reported()

    async def run(self) -> None:
        while True:
            await asyncio.sleep(self._lease_s / 3)
            try:
                async with asyncio.timeout(self._lease_s):
                    report = partial(processes.report, who=self.who, now=self._clock.now())
                    await self._database.write(report)
            except NameTaken:
                log.critical("another process has this process's name; stopping", name=self.who.name)
                self.trouble = "another process has this process's name"
                return self._give_up()
            except (Unavailable, TimeoutError) as error:
                facts = error.facts if isinstance(error, Unavailable) else {}
                self.trouble = str(facts.get("reason") or error) or type(error).__name__
                log.warning("the process could not report that it lives", reason=self.trouble)
            else:
                self.trouble = None
                self._reported()

    def _reported(self) -> None:
        now = self._clock.monotonic()
        if self._reported_at is None or now - self._reported_at > self._lease_s:
            self._steady_since = now
        self._reported_at = now

    async def stop(self) -> None:
        async with self._database.unit() as session:
            await processes.leave(session, self.who)

    @property
    def clocks(self) -> str | None:
        """How far the clocks of others are ahead of ours, those that are by more than a lease."""
        if not self._ahead:
            return None
        return ", ".join(f"{name} {ahead.total_seconds():+.0f} s" for name, ahead in sorted(self._ahead.items()))

    async def bury(self, bus: Bus) -> None:
        """Free the stations of dead processes; not while we ourselves could not reach the database for a whole lease.

        After an outage of the database everybody's last sign of life is old: everybody gets the time to give a new one.
        How long a sign stays the last one is measured here: no clock of another process says how old it is.
        """
        now = self._clock.monotonic()
        if self._steady_since is None or self._reported_at is None:
            return
        if now - self._reported_at > self._lease_s:
            return
        self._look_at(await self._database.look(processes.signs), now)
        if now - self._steady_since < self._lease_s:
            return
        silent = sorted(sign for sign, since in self._since.items() if now - since > self._lease_s)
        if not silent:
            return
        stations = await self._database.write(partial(processes.bury, silent=silent, now=self._clock.now()))
        if stations:
            log.warning("a gateway is gone; its stations are offline until they connect anew", stations=len(stations))
        for station_id in stations:
            bus.ring(f"live.{station_id}")

    def _look_at(self, signs: list[Sign], now: float) -> None:
        known = {sign.instance for sign in self._since}
        fresh = [sign for sign in signs if sign not in self._since and sign.instance in known]
        self._since = {sign: self._since.get(sign, now) for sign in signs}
        self._compare_clocks(fresh)

    def _compare_clocks(self, fresh: list[Sign]) -> None:
        """A sign that has just come is as old as the clocks of its process and ours differ."""
        present = {sign.name for sign in self._since}
        before, self._ahead = self._ahead, {name: by for name, by in self._ahead.items() if name in present}
        for sign in fresh:
            ahead = sign.seen_at - self._clock.now()
            if abs(ahead.total_seconds()) > self._lease_s:
                self._ahead[sign.name] = ahead
            else:
                self._ahead.pop(sign.name, None)
        for name in self._ahead.keys() - before.keys():
            log.error("clocks differ", process=name, ahead_s=round(self._ahead[name].total_seconds()))
