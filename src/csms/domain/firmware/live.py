"""What stations' answers and notifications mean for jobs: pure functions."""

from datetime import datetime
from uuid import UUID

from csms.domain.firmware.changes import JobAnswered, JobProgress, OpenJobProgress
from csms.kit.changes import Change

_IDLE = "idle"


def answered(
    station_id: int,
    command_id: UUID | None,
    state: str,
    answer: str,
    file_name: str | None,
    now: datetime,
    changes: list[Change],
) -> None:
    """The station took a job (accepted), has nothing to upload (nothing), or refused it (refused)."""
    if command_id is not None:
        changes.append(JobAnswered(state, answer, file_name, now, station_id, command_id))


def progressed(
    station_id: int, family: str, number: int | None, state: str, now: datetime, changes: list[Change]
) -> None:
    """A status notification: of the job it names, else of the open one of its family; Idle says nothing of any (§4.4, §4.5)."""
    if state == _IDLE:
        return
    if number is not None:
        changes.append(JobProgress(state, now, station_id, number))
    else:
        changes.append(OpenJobProgress(state, now, station_id, family, True))
