"""Background tasks with an owner: none is lost, none dies unheard."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final

import structlog

log = structlog.get_logger(__name__)

AGAIN_S: Final = 5.0  # time for a cancelled task to clean up


class Tasks:
    """Owns the tasks of one part of the program; `stop()` cancels and awaits them all."""

    def __init__(self, on_crash: Callable[[BaseException], None] | None = None) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._on_crash = on_crash

    def start(self, work: Coroutine[Any, Any, Any], *, name: str) -> asyncio.Task[Any]:
        task = asyncio.create_task(work, name=name)  # noqa: TID251 - this is the place
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            log.error("task died", task=task.get_name(), exc_info=error)
            if self._on_crash is not None:
                self._on_crash(error)

    async def stop(self) -> None:
        """Cancel all and wait for them; again, where an error on the way out (a database that is gone) swallowed it."""
        while tasks := list(self._tasks):
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=AGAIN_S)
