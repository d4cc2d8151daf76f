"""What stations' frames and answers change in the tables of their security."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from csms.domain.commands.model import Command
from csms.domain.security.model import SecurityEvent
from csms.domain.stations.model import PasswordChange, ProfileChange
from csms.kit.changes import Kind, writes


@writes(SecurityEvent, Kind.INSERT, rank=5)
class EventReported(NamedTuple):
    station_id: int
    kind: str
    severity: str
    at: datetime
    received_at: datetime
    tech_info: str | None
    frame_id: int


@writes(PasswordChange, Kind.UPDATE, key=("station_id", "command_id"), rank=5)
class PasswordAnswered(NamedTuple):
    state: str
    settled_at: datetime | None
    station_id: int
    command_id: UUID


@writes(ProfileChange, Kind.UPDATE, key=("station_id", "command_id"), rank=5)
class ProfileAnswered(NamedTuple):
    state: str
    settled_at: datetime | None
    station_id: int
    command_id: UUID


@writes(Command, Kind.UPDATE, key=("id",), rank=5)
class PayloadForgotten(NamedTuple):
    payload: str
    id: UUID
