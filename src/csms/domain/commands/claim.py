"""Finding the commands that wait for stations; who holds a station's link marks them as sent, by compare-and-swap."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Select, bindparam, func, literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.commands.model import Command
from csms.domain.stations.model import Frame
from csms.kit.lookups import Lookup

PENDING = "pending"
SENT = "sent"
FAILED = "failed"
EXPIRED = "expired"
CONNECTION_LOST = "ConnectionLost"
CLAIM_TAKES_AT_MOST: Final = timedelta(seconds=5)  # from the look at what waits until that is committed as sent
_WAITS: Final = Command.state == literal_column(f"'{PENDING}'")  # not a parameter, which no partial index answers


class Waiting(NamedTuple):
    """A command that waits for its station."""

    id: UUID
    station_id: int
    verb: str
    action: str
    payload: dict[str, Any]
    timeout_s: float
    expires_at: datetime

    def is_late(self, now: datetime) -> bool:
        """Whether it was claimed so long ago that it may be held for expired: then it must not go out any more."""
        return now >= self.expires_at + CLAIM_TAKES_AT_MOST


def next_waiting(connection: Connection, ids: Sequence[int], now: datetime) -> dict[int, Waiting]:
    """The oldest pending command of each of these stations, by station; theirs is the link, and only they may send it."""
    rows = connection.execute(_NEXT, {"stations": ids, "now": now})
    return {command.station_id: command for command in map(Waiting._make, rows)}


def _next() -> Select[Any]:
    """Made once: to put it together takes longer than to ask it."""
    mine = Command.station_id.in_(bindparam("stations", expanding=True))
    place = func.row_number().over(partition_by=Command.station_id, order_by=(Command.created_at, Command.id))
    what = [getattr(Command, name) for name in Waiting._fields]
    queued = select(*what, place.label("place")).where(mine, _WAITS, Command.expires_at > bindparam("now")).subquery()
    return select(*(queued.c[name] for name in Waiting._fields)).where(queued.c.place == 1)


_NEXT: Final = _next()
_WAITING: Final = select(Command.station_id).where(_WAITS).distinct()
_OPEN_AMONG: Final = Lookup(
    select(Command.station_id, Command.state)
    .distinct()
    .where(Command.state.in_([literal_column(f"'{PENDING}'"), literal_column(f"'{SENT}'")])),
    Command.station_id,
)


class LeftOpen(NamedTuple):
    """The commands that ended with a link, and the stations for which others wait."""

    abandoned: list[UUID]
    waiting: set[int]


async def abandon_sent(session: AsyncSession, ids: Sequence[int], now: datetime) -> LeftOpen:
    """Fail what was sent over former links of these stations, for no answer can come any more; see what else waits for them."""
    found = await _OPEN_AMONG.found(session, ids)
    waiting = {row.station_id for row in found if row.state == PENDING}
    calls = {row.station_id for row in found if row.state == SENT}
    if not calls:
        return LeftOpen([], waiting)
    lost = {"state": FAILED, "settled_at": now, "error_code": CONNECTION_LOST}
    lost["error_description"] = "The connection was lost before the station answered."
    sent = update(Command).where(Command.station_id.in_(calls), Command.state == SENT).values(**lost)
    commands = (await session.execute(sent.returning(Command.id, Command.station_id, Command.frame_id))).all()
    for _, station_id, frame_id in commands:
        frame = update(Frame).where(Frame.station_id == station_id, Frame.id == frame_id, Frame.outcome == "waiting")
        await session.execute(frame.values(outcome="abandoned", error_code=CONNECTION_LOST))
    return LeftOpen([command_id for command_id, _, _ in commands], waiting)


def stations_waiting(connection: Connection) -> set[int]:
    """Which stations have commands pending."""
    return {station_id for (station_id,) in connection.execute(_WAITING)}
