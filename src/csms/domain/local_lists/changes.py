"""What stations' answers change in the local lists' table."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from csms.domain.local_lists.model import LocalList
from csms.kit.changes import Kind, writes


@writes(LocalList, Kind.UPDATE, key=("station_id", "command_id"), rank=5)
class LocalListAnswered(NamedTuple):
    answer: str
    updated_at: datetime
    station_id: int
    command_id: UUID


@writes(LocalList, Kind.UPDATE, key=("station_id",), rank=5)
class LocalListVersionReported(NamedTuple):
    reported_version: int
    reported_at: datetime
    station_id: int
