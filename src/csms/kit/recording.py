"""The recorder's port: hand in what a frame changes, hear when it is durable."""

from collections.abc import Callable
from datetime import datetime
from typing import Final, Protocol

from csms.kit.changes import Change
from csms.kit.errors import Conflict

OVERHEAD: Final = 2_000  # bytes that rows, facts and objects take beside the frame itself, about


class Fenced(Conflict):
    """Another process holds this station's link now; nothing of this was written."""

    code = "fenced"


class Taken(Conflict):
    """Another commit has in the meantime what only one may have; nothing of this was written."""

    code = "taken"


class Submission:
    """What one link wants written in one commit, fenced by the link's epoch.

    `done(submission, error)` is called in the event loop after the commit (error None) or when this submission was refused.
    Submissions of one link are committed in the order they were handed in. `size` is about what it takes in memory, in bytes.
    """

    __slots__ = ("answer", "changes", "done", "epoch", "seen_at", "size", "station_id")

    def __init__(
        self,
        station_id: int,
        epoch: int,
        seen_at: datetime,
        changes: list[Change],
        done: "Callable[[Submission, Exception | None], None]",
        answer: bytes | None = None,
        frame_bytes: int = 0,
    ) -> None:
        self.station_id = station_id
        self.epoch = epoch
        self.seen_at = seen_at
        self.changes = changes
        self.done = done
        self.answer = answer
        self.size = frame_bytes + OVERHEAD


class Recorder(Protocol):
    """Writes the changes of all links that are waiting in one transaction.

    It takes everything that is handed in; while it is `full`, frames should stay with their stations, and `when_room` is
    called when that is over. `lag_s` is about how long what is handed in now waits for its commit.
    """

    full: bool
    when_room: Callable[[], None]

    @property
    def lag_s(self) -> float: ...
    def submit(self, submission: Submission) -> None: ...
    async def caught_up(self) -> None:
        """Wait until all that was handed in before is committed or refused."""
