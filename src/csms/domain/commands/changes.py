"""What sending a command, and a station's answer, change in the commands' table."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from csms.domain.commands.model import Command
from csms.kit.changes import Kind, writes


@writes(Command, Kind.UPDATE, key=("id",), rank=3, only_if="commands.state = 'pending'")
class CommandSent(NamedTuple):
    state: str
    sent_at: datetime
    frame_id: int
    id: UUID


@writes(Command, Kind.UPDATE, key=("id",), rank=3, only_if="commands.state = 'pending'")
class CommandUnsayable(NamedTuple):
    """It cannot be said in the station's OCPP version."""

    state: str
    error_code: str
    error_description: str
    settled_at: datetime
    id: UUID


# A command is settled once: what time has settled meanwhile stays settled.
@writes(Command, Kind.UPDATE, key=("id",), rank=4, only_if="commands.state = 'sent'")
class CommandSettled(NamedTuple):
    state: str
    answer: str | None
    error_code: str | None
    error_description: str | None
    settled_at: datetime
    id: UUID
