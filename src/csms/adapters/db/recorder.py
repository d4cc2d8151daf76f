"""The recorder: group commit of what all links hand in.

Links never open transactions. What is handed in while one batch commits becomes the next batch, so a quiet system
answers within one commit and a busy one shares it among hundreds; commits begin a few milliseconds apart at least, the further
the longer they take, since each costs as much for one as for ten. Nothing is reported done that is
not committed: while the database refuses, the batch waits and is tried again. When much waits it says that it is full,
and whoever reads from stations reads less: what is not read stays with them.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, Protocol

import structlog

from csms.kit.recording import Fenced, Submission, Taken
from csms.kit.spread import Spread
from csms.kit.tasks import Tasks

log = structlog.get_logger(__name__)

MOST_HELD_BYTES: Final = 64 * 2**20
_MOST = 1000
_APART_S: Final = 0.003
_APART_AT_MOST_S: Final = 0.010
_PAUSE: Final = 2.0  # commits begin so many times their length apart
_RETRY_S = (0.05, 0.1, 0.2, 0.5, 1.0)
_SIZES: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, _MOST)
_TIMES_S: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class DatabaseRefused(Exception):  # noqa: N818 - named for what happened
    """The database could not commit for a reason that is not the rows' fault: full, locked, read-only, gone."""


class Writer(Protocol):
    """Commits one batch, all or nothing.

    Returns the submissions that lost the fence, in which case nothing of the batch was written. Raises DatabaseRefused when the
    database is the trouble, Taken or any other exception when a row is.
    """

    async def write(self, batch: Sequence[Submission]) -> list[Submission]: ...


class GroupRecorder:
    """Implements the recorder's port over a `Writer`; `trouble` says why nothing is committed at present, if so.

    `sizes` has how many submissions each committed batch had, `times_s` how long each commit took; `waiting` is the queue, and
    `held_bytes` what it takes in memory. It is full above `most_held_bytes`, until half of that is committed.
    """

    def __init__(self, writer: Writer, tasks: Tasks, most_held_bytes: int = MOST_HELD_BYTES) -> None:
        self._writer = writer
        self._tasks = tasks
        self._most_held_bytes = most_held_bytes
        self.held_bytes = 0
        self.full = False
        self.when_room: Callable[[], None] = lambda: None
        self._settled = 0
        self._committing = 0
        self._awaited: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._began = self._next_at = 0.0
        self._last_s = 0.0
        self._waiting: list[Submission] = []
        self._running = False
        self._idle = asyncio.Event()
        self._idle.set()
        self.trouble: str | None = None
        self.sizes = Spread(_SIZES)
        self.times_s = Spread(_TIMES_S)

    @property
    def batches(self) -> int:
        return self.sizes.count

    @property
    def recorded(self) -> int:
        """Submissions committed."""
        return int(self.sizes.total)

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    @property
    def lag_s(self) -> float:
        """Seconds until what is handed in now is committed, judged by the last batch and the present one."""
        if not self._running:
            return 0.0
        present_s = max(time.monotonic() - self._began, self._last_s)
        return present_s + len(self._waiting) // _MOST * self._last_s

    def submit(self, submission: Submission) -> None:
        self._waiting.append(submission)
        self.held_bytes += submission.size
        if self.held_bytes > self._most_held_bytes and not self.full:
            log.warning("much waits for the database; stations are read more slowly", waiting=len(self._waiting))
            self.full = True
        if not self._running:
            self._running = True
            self._began = time.monotonic()
            self._idle.clear()
            self._tasks.start(self._run(), name="recorder")

    async def drained(self) -> None:
        """Wait until all that was handed in is committed or refused."""
        await self._idle.wait()

    async def caught_up(self) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._awaited.append((self._settled + self._committing + len(self._waiting), future))
        self._tell()
        await future

    async def _run(self) -> None:
        while self._waiting:
            await self._wait_for_company()
            batch, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
            self._committing = len(batch)
            self._began = time.monotonic()
            await self._commit(batch)
            self._last_s = time.monotonic() - self._began
            self._next_at = self._began + min(max(_APART_S, _PAUSE * self._last_s), _APART_AT_MOST_S)
            self._settled += self._committing
            self._committing = 0
            self._tell()
        self._running = False
        self._idle.set()

    async def _wait_for_company(self) -> None:
        """A commit costs about the same for one as for ten: so one that follows closely upon another lets a few gather."""
        rest_s = self._next_at - time.monotonic()
        if rest_s > 0:
            await asyncio.sleep(rest_s)

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
                    if not isinstance(error, Taken):
                        log.exception("a submission cannot be stored", station_id=batch[0].station_id)
                    return self._release(batch, error)
                half = len(batch) // 2
                await self._commit(batch[:half])
                batch = batch[half:]
            else:
                self.times_s.add(time.monotonic() - began)
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
        self.sizes.add(len(batch))
        self._release(batch, None)

    def _tell(self) -> None:
        """Whoever waited for a commit hears of it; whoever waited for room goes on."""
        while self._awaited and self._awaited[0][0] <= self._settled:
            future = self._awaited.popleft()[1]
            if not future.done():
                future.set_result(None)
        if self.full and self.held_bytes <= self._most_held_bytes // 2:
            self.full = False
            self.when_room()

    def _release(self, batch: Sequence[Submission], error: Exception | None) -> None:
        for submission in batch:
            self.held_bytes -= submission.size
            try:
                submission.done(submission, error)
            except Exception:
                log.exception("a link failed to take its answer", station_id=submission.station_id)
