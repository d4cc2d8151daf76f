"""The schedule: what must happen because time passes."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

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
from csms.kit.errors import Unavailable
from csms.kit.tracing import Span, no_span

log = structlog.get_logger(__name__)

EVERY_S = 2.0

Step = Callable[[], Awaitable[None]]


class Schedule:
    """Runs what is due every two seconds, step by step; one that fails is logged, holds up no other and is tried again.

    What cannot be had at present, the database mostly, is told in one line a round.
    """

    def __init__(self, steps: Mapping[str, Step], span: Span = no_span) -> None:
        self._steps = steps
        self._span = span

    async def run(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            with self._span("schedule"):
                await self.due()

    async def due(self) -> None:
        waiting: dict[str, object] = {}
        for name, step in self._steps.items():
            try:
                await step()
            except Unavailable as trouble:
                waiting[name] = trouble.facts.get("reason", trouble.detail)
            except Exception:
                log.exception("a scheduled job failed; it is tried again", job=name)
        if waiting:
            why = " / ".join(sorted({str(reason) for reason in waiting.values()}))
            log.warning("scheduled jobs cannot be done; they are tried again", jobs=", ".join(waiting), why=why)


def steps_of(
    database: Database, bus: Bus, clock: Clock, presence: Presence, authority: AuthoritySource
) -> dict[str, Step]:
    """Everything that happens because time passes, in the order in which it is looked at."""

    async def expire() -> None:
        for command_id in await expire_commands(database, clock.now()):
            bus.ring(f"settled.{command_id}")

    return {
        "commands": expire,
        "awaited starts": lambda: starts.due(database, clock.now()),
        "reservations": lambda: reservations.due(database, clock.now()),
        "local lists": lambda: local_lists.due(database, bus, clock.now()),
        "configuration": lambda: configuration.due(database, bus, clock.now()),
        "firmware jobs": lambda: jobs.due(database, clock.now()),
        "firmware campaigns": lambda: campaigns.due(database, bus, clock.now()),
        "certificates": lambda: certificates.due(database, bus, authority, clock.now()),
        "security": lambda: security.due(database, clock.now()),
        "web sessions": lambda: accounts.forget_old(database, clock.now()),
        "processes": lambda: presence.bury(bus),
    }
