"""What stations' answers and notifications change in the jobs' table."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from csms.domain.firmware.model import StationJob
from csms.kit.changes import Kind, writes


@writes(StationJob, Kind.UPDATE, key=("station_id", "command_id"), rank=5)
class JobAnswered(NamedTuple):
    state: str
    answer: str
    file_name: str | None
    status_at: datetime
    station_id: int
    command_id: UUID


@writes(StationJob, Kind.UPDATE, key=("station_id", "family", "open"), rank=6)
class OpenJobProgress(NamedTuple):
    state: str
    status_at: datetime
    station_id: int
    family: str
    open: bool


@writes(StationJob, Kind.UPDATE, key=("station_id", "id"), rank=6)
class JobProgress(NamedTuple):
    state: str
    status_at: datetime
    station_id: int
    id: int
