"""What a station's answer changes in the commands' table."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from csms.domain.commands.model import Command
from csms.kit.changes import Kind, writes


# A command is settled once: what time has settled meanwhile stays settled.
@writes(Command, Kind.UPDATE, key=("id",), rank=4, only_if="commands.state = 'sent'")
class CommandSettled(NamedTuple):
    state: str
    answer: str | None
    error_code: str | None
    error_description: str | None
    settled_at: datetime
    id: UUID
