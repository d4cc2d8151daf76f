"""The schedule: what must happen because time passes."""

import asyncio

import structlog

from csms.domain.accounts import service as accounts
from csms.domain.certificates import service as certificates
from csms.domain.certificates.ports import AuthoritySource
from csms.domain.commands.expiry import expire_commands
from csms.domain.configuration import service as configuration
from csms.domain.firmware import campaigns, jobs
from csms.domain.local_lists import service as local_lists
from csms.domain.reservations import service as reservations
from csms.domain.security import service as security
from csms.domain.sessions import starts
from csms.jobs.presence import Presence
from csms.kit.bus import Bus
from csms.kit.clock import Clock
from csms.kit.database import Database
from csms.kit.tracing import Span, no_span

log = structlog.get_logger(__name__)

EVERY_S = 2.0


class Schedule:
    """Runs what is due every two seconds; a failure is logged and tried again the next time."""

    def __init__(
        self,
        *,
        database: Database,
        bus: Bus,
        clock: Clock,
        presence: Presence,
        authority: AuthoritySource,
        span: Span = no_span,
    ) -> None:
        self._span = span
        self._database = database
        self._bus = bus
        self._clock = clock
        self._presence = presence
        self._authority = authority

    async def run(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                with self._span("schedule"):
                    await self.due()
            except Exception:
                log.exception("a scheduled job failed; it is tried again")

    async def due(self) -> None:
        """Settle the commands whose time is up, free the stations of processes that are no more."""
        settled = await expire_commands(self._database, self._clock.now())
        for command_id in settled:
            self._bus.ring(f"settled.{command_id}")
        await starts.due(self._database, self._clock.now())
        await reservations.due(self._database, self._clock.now())
        await local_lists.due(self._database, self._bus, self._clock.now())
        await configuration.due(self._database, self._bus, self._clock.now())
        await jobs.due(self._database, self._clock.now())
        await campaigns.due(self._database, self._bus, self._clock.now())
        await certificates.due(self._database, self._bus, self._authority, self._clock.now())
        await security.due(self._database, self._clock.now())
        await accounts.forget_old(self._database, self._clock.now())
        await self._presence.bury(self._bus)
