"""The recorder: group commit of what all links hand in.

Links never open transactions. What is handed in while one batch commits becomes the next batch, so a quiet system
answers within one commit and a busy one shares it among hundreds; there is no timer. Nothing is reported done that is
not committed: while the database refuses, the batch waits and is tried again.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Protocol

import structlog

from csms.kit.recording import Fenced, Submission
from csms.kit.tasks import Tasks

log = structlog.get_logger(__name__)

_MOST = 1000
_RETRY_S = (0.05, 0.1, 0.2, 0.5, 1.0)


class DatabaseRefused(Exception):  # noqa: N818 - named for what happened
    """The database could not commit for a reason that is not the rows' fault: full, locked, read-only, gone."""


class Writer(Protocol):
    """Commits one batch, all or nothing.

    Returns the submissions that lost the fence, in which case nothing of the batch was written. Raises DatabaseRefused when the
    database is the trouble, any other exception when a row is.
    """

    async def write(self, batch: Sequence[Submission]) -> list[Submission]: ...


class GroupRecorder:
    """Implements the recorder's port over a `Writer`; `trouble` says why nothing is committed at present, if so.

    `batches` and `recorded` submissions count what was committed, `writing_s` the seconds that took; `waiting` is the queue.
    """

    def __init__(self, writer: Writer, tasks: Tasks) -> None:
        self._writer = writer
        self._tasks = tasks
        self._waiting: list[Submission] = []
        self._running = False
        self._idle = asyncio.Event()
        self._idle.set()
        self.trouble: str | None = None
        self.batches = 0
        self.recorded = 0
        self.writing_s = 0.0

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def submit(self, submission: Submission) -> None:
        self._waiting.append(submission)
        if not self._running:
            self._running = True
            self._idle.clear()
            self._tasks.start(self._run(), name="recorder")

    async def drained(self) -> None:
        """Wait until all that was handed in is committed or refused."""
        await self._idle.wait()

    async def _run(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
            await self._commit(batch)
        self._running = False
        self._idle.set()

    async def _commit(self, batch: Sequence[Submission]) -> None:
        """Commit the batch, without those that are fenced off, and alone those whose rows the database cannot take."""
        attempt = 0
        while batch:
            began = time.monotonic()
            try:
                fenced = await self._writer.write(batch)
            except DatabaseRefused as refusal:
                await self._wait_out(refusal, attempt)
                attempt += 1
            except Exception as error:
                if len(batch) == 1:
                    log.exception("a submission cannot be stored", station=batch[0].station_id)
                    return self._release(batch, error)
                half = len(batch) // 2
                await self._commit(batch[:half])
                batch = batch[half:]
            else:
                self.writing_s += time.monotonic() - began
                if not fenced:
                    return self._committed(batch)
                lost = set(map(id, fenced))
                self._release(fenced, Fenced())
                batch = [submission for submission in batch if id(submission) not in lost]
        return None

    async def _wait_out(self, refusal: DatabaseRefused, attempt: int) -> None:
        if self.trouble is None:
            log.error("the database refuses to commit; stations wait for their answers", reason=str(refusal))
        self.trouble = str(refusal)
        await asyncio.sleep(_RETRY_S[min(attempt, len(_RETRY_S) - 1)])

    def _committed(self, batch: Sequence[Submission]) -> None:
        if self.trouble is not None:
            log.info("the database commits again", after=self.trouble)
            self.trouble = None
        self.batches += 1
        self.recorded += len(batch)
        self._release(batch, None)

    @staticmethod
    def _release(batch: Sequence[Submission], error: Exception | None) -> None:
        for submission in batch:
            try:
                submission.done(submission, error)
            except Exception:
                log.exception("a link failed to take its answer", station=submission.station_id)
