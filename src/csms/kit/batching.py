"""Natural batching: what is asked while one batch runs becomes the next batch; no timer."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import structlog

from csms.kit.errors import Invalid
from csms.kit.tasks import Tasks

log = structlog.get_logger(__name__)

K = TypeVar("K")
V = TypeVar("V")
Then = Callable[[V | None, Exception | None], None]


class Batcher(Generic[K, V]):
    """Answers many small questions with few large ones.

    `answer(keys)` gets up to `most` keys and returns a value for each, in order. `ask(key, then)` calls `then(value, None)`, or
    `then(None, error)` when the batch failed. At most one batch runs at a time, so later questions see later truth. A batch that is
    Invalid is asked again in halves, so that nobody fails by another's nonsense; `answer` must have changed nothing then.
    """

    __slots__ = ("_answer", "_most", "_running", "_tasks", "_waiting")

    def __init__(self, tasks: Tasks, answer: Callable[[Sequence[K]], Awaitable[Sequence[V]]], most: int = 500) -> None:
        self._tasks = tasks
        self._answer = answer
        self._most = most
        self._waiting: list[tuple[K, Then[V]]] = []
        self._running = False

    def ask(self, key: K, then: Then[V]) -> None:
        self._waiting.append((key, then))
        if not self._running:
            self._running = True
            self._tasks.start(self._run(), name="batcher")

    async def ask_async(self, key: K) -> V:
        """The same, for those who can wait."""
        future: asyncio.Future[V] = asyncio.get_running_loop().create_future()

        def then(value: V | None, error: Exception | None) -> None:
            if future.done():
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(value)  # type: ignore[arg-type]

        self.ask(key, then)
        return await future

    async def _run(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                await self._settle(batch)
        finally:
            self._running = False

    async def _settle(self, batch: list[tuple[K, Then[V]]]) -> None:
        failure: Exception | None = None
        try:
            values: Sequence[V | None] = await self._answer([key for key, _ in batch])
        except Exception as error:  # noqa: BLE001 - every asker must hear of it
            if isinstance(error, Invalid) and len(batch) > 1:
                middle = len(batch) // 2
                await self._settle(batch[:middle])
                return await self._settle(batch[middle:])
            values, failure = [None] * len(batch), error
        for (_, then), value in zip(batch, values, strict=True):
            self._tell(then, value, failure)
        return None

    @staticmethod
    def _tell(then: Then[V], value: V | None, failure: Exception | None) -> None:
        try:
            then(value, failure)
        except Exception:
            log.exception("an asker failed to take its answer")
