"""What a job's states mean, and when a campaign goes on: pure."""

import math
from typing import Final, NamedTuple

SUCCEEDED: Final = frozenset({"uploaded", "installed"})
FAILED: Final = frozenset({
    "refused", "no_answer", "nothing", "timed_out", "superseded", "upload_failed", "upload_failure", "bad_message",
    "not_supported_operation", "permission_denied", "download_failed", "installation_failed", "install_verification_failed",
    "invalid_signature",
})  # fmt: skip
ENDED: Final = SUCCEEDED | FAILED
INSTALLING: Final = frozenset(
    {"downloaded", "signature_verified", "installing", "install_rebooting", "install_scheduled"}
)


class Progress(NamedTuple):
    """How many stations of a campaign are where."""

    waiting: int
    running: int
    succeeded: int
    failed: int

    @property
    def total(self) -> int:
        return sum(self)


def must_stop(progress: Progress, stop_share: float) -> bool:
    """Whether more than the allowed share of all stations has failed."""
    return progress.failed > 0 and progress.failed > math.floor(stop_share * progress.total + 1e-9)


def room(progress: Progress, at_once: int) -> int:
    """How many more stations may begin now."""
    return max(0, min(at_once - progress.running, progress.waiting))
