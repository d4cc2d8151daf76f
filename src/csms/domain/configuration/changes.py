"""What stations' answers change in the tables of wanted configuration."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from csms.domain.configuration.model import PendingReboot, WantedKey
from csms.kit.changes import Kind, writes


@writes(WantedKey, Kind.UPDATE, key=("station_id", "command_id"), rank=5)
class WantedKeyAnswered(NamedTuple):
    answer: str
    answered_at: datetime
    station_id: int
    command_id: UUID


@writes(PendingReboot, Kind.UPSERT, key=("station_id", "key"), rank=5)
class RebootAwaited(NamedTuple):
    station_id: int
    key: str
    value: str
    since: datetime
