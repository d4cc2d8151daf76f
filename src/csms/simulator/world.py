"""What all stations of a fleet share."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from random import Random
from typing import Any

from csms.simulator.clock import Clock
from csms.simulator.journal import Journal
from csms.simulator.modem import Violation, log


@dataclass(slots=True)
class World:
    """The address of the central system (`tls_url` from security profile 2 on), the time, and what everybody writes to.

    `call_timeout_s` are real seconds: a central system does not get faster because simulated time does.
    """

    url: str
    clock: Clock
    seed: int = 0
    call_timeout_s: float = 30.0
    tls_url: str | None = None
    journal: Journal = field(default_factory=Journal)
    violations: list[Violation] = field(default_factory=list)
    failures: list[BaseException] = field(default_factory=list)
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    def random(self, *names: object) -> Random:
        """A source of chance of its own for each name, so that one's draws do not change another's."""
        return Random(":".join(map(str, (self.seed, *names))))

    def spawn(self, work: Coroutine[Any, Any, object]) -> asyncio.Task[Any]:
        """Run something on its own; what it raises is logged and kept in `failures`."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.failures.append(error)
            log.error("a simulated process broke off", exc_info=error)

    async def cancel_all(self) -> None:
        """End everything that runs on its own."""
        while self._tasks:
            for task in list(self._tasks):
                task.cancel()
            await asyncio.wait(list(self._tasks))
