"""Commands that no station will answer any more, as a condition on the rows that wait for one."""

from uuid import UUID

from sqlalchemy import ColumnElement, exists
from sqlalchemy.orm import InstrumentedAttribute

from csms.domain.commands.claim import EXPIRED, FAILED
from csms.domain.commands.model import Command

NOT_KNOWN = frozenset({"NotImplemented", "NotSupported"})  # the error codes of a station that has no such feature


def unanswered(command_id: InstrumentedAttribute[UUID | None]) -> ColumnElement[bool]:
    """Whether the command named in this column failed or expired."""
    return exists().where(Command.id == command_id, Command.state.in_((FAILED, EXPIRED)))
