"""Every query on commands."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.commands.model import Command
from csms.domain.stations.listing import read_keys
from csms.domain.stations.model import Station
from csms.kit.paging import Slice

SORTABLE = {
    "id": Command.id,
    "created_at": Command.created_at,
    "settled_at": Command.settled_at,
    "station": Station.identity,
    "verb": Command.verb,
    "action": Command.action,
    "state": Command.state,
    "requested_by": Command.requested_by,
}
OPEN = ("pending", "sent")


@dataclass(frozen=True, slots=True)
class CommandFilter:
    """`verb` is one of ours or `ocpp`, `action` an OCPP action (or our verb); times are those of the request."""

    station_id: int | None = None
    state: str | None = None
    verb: str | None = None
    action: str | None = None
    requested_by: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class CommandView(NamedTuple):
    """A command and the identity of its station."""

    command: Command
    identity: str

    @property
    def settled(self) -> bool:
        return self.command.state not in OPEN


async def insert_all(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    await session.execute(insert(Command), rows)


async def find(session: AsyncSession, command_id: UUID) -> CommandView | None:
    query = select(Command, Station.identity).join(Station, Station.id == Command.station_id)
    row = (await session.execute(query.where(Command.id == command_id))).first()
    return CommandView(*row) if row is not None else None


async def page(session: AsyncSession, asked: CommandFilter, wanted: Slice) -> tuple[list[CommandView], int]:
    matching = counted = select(Command.id).where(*_conditions(asked))
    if (wanted.sort or "").removeprefix("-") == "station":
        matching = matching.join(Station, Station.id == Command.station_id)
    keys, total = await read_keys(session, matching, Command.id, SORTABLE, wanted, counted=counted)
    query = select(Command, Station.identity).join(Station, Station.id == Command.station_id)
    rows = await session.execute(query.where(Command.id.in_(keys)))
    by_key = {command.id: CommandView(command, identity) for command, identity in rows}
    return [by_key[key] for key in keys if key in by_key], total


def _conditions(asked: CommandFilter) -> Iterator[ColumnElement[bool]]:
    exact = {
        Command.station_id: asked.station_id,
        Command.state: asked.state,
        Command.verb: asked.verb,
        Command.action: asked.action,
        Command.requested_by: asked.requested_by,
    }
    for column, value in exact.items():
        if value is not None:
            yield column == value
    if asked.since is not None:
        yield Command.created_at >= asked.since
    if asked.until is not None:
        yield Command.created_at < asked.until
