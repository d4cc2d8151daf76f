"""The recorder's port: hand in what a frame changes, hear when it is durable."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from csms.kit.changes import Change
from csms.kit.errors import Conflict


class Fenced(Conflict):
    """Another process holds this station's link now; nothing of this was written."""

    code = "fenced"


class Submission:
    """What one link wants written in one commit, fenced by the link's epoch.

    `done(submission, error)` is called in the event loop after the commit (error None) or when this submission was refused.
    Submissions of one link are committed in the order they were handed in.
    """

    __slots__ = ("answer", "changes", "done", "epoch", "seen_at", "station_id")

    def __init__(
        self,
        station_id: int,
        epoch: int,
        seen_at: datetime,
        changes: list[Change],
        done: "Callable[[Submission, Exception | None], None]",
        answer: bytes | None = None,
    ) -> None:
        self.station_id = station_id
        self.epoch = epoch
        self.seen_at = seen_at
        self.changes = changes
        self.done = done
        self.answer = answer


class Recorder(Protocol):
    """Writes the changes of all links that are waiting in one transaction."""

    def submit(self, submission: Submission) -> None: ...
