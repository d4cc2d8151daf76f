"""Claiming commands: by compare-and-swap, and only for the process that still holds the station's link."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, bindparam, exists, func, insert, literal_column, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.commands.model import Command
from csms.domain.stations.model import Frame, Link

PENDING = "pending"
SENT = "sent"
FAILED = "failed"
EXPIRED = "expired"
CONNECTION_LOST = "ConnectionLost"
_WAITS: Final = Command.state == literal_column(f"'{PENDING}'")  # not a parameter, which no partial index answers


@dataclass(frozen=True, slots=True)
class Claim:
    """A command that is now ours to send; say in the same unit of work whether it was sent or must be refused."""

    id: UUID
    station_id: int
    verb: str
    action: str
    payload: dict[str, Any]
    timeout_s: float

    async def refuse(self, session: AsyncSession, code: str, description: str, now: datetime) -> None:
        """It cannot be said in the station's OCPP version."""
        refused = {"state": FAILED, "error_code": code, "error_description": description, "settled_at": now}
        await session.execute(update(Command).where(Command.id == self.id).values(**refused))


class SentFrame(NamedTuple):
    """A claimed command as it goes out; `action` is the name it has on the wire."""

    claim: Claim
    frame_id: int
    action: str
    call: bytes


async def claim_next(session: AsyncSession, epochs: Mapping[int, int], now: datetime) -> list[Claim]:
    """The oldest pending command of each of these stations, marked as sent where the link still has its epoch."""
    place = func.row_number().over(partition_by=Command.station_id, order_by=(Command.created_at, Command.id))
    queue = select(Command.id, place.label("place")).where(
        Command.station_id.in_(epochs), _WAITS, Command.expires_at > now
    )
    queued = queue.subquery()
    first = select(queued.c.id).where(queued.c.place == 1)
    held = exists().where(
        Link.station_id == Command.station_id, tuple_(Link.station_id, Link.epoch).in_(list(epochs.items()))
    )
    mine = (
        update(Command)
        .where(Command.id.in_(first), _WAITS, held)
        .values(state=SENT, sent_at=now)
        .returning(Command.id, Command.station_id, Command.verb, Command.action, Command.payload, Command.timeout_s)
        .execution_options(synchronize_session=False)
    )
    return [Claim(*row) for row in await session.execute(mine)]


async def keep_sent(session: AsyncSession, frames: Sequence[SentFrame]) -> None:
    """Keep the frames before they go out, each with its command."""
    connection = await session.connection()
    numbered = update(Command).where(Command.id == bindparam("command")).values(frame_id=bindparam("frame"))
    await connection.execute(numbered, [{"command": sent.claim.id, "frame": sent.frame_id} for sent in frames])
    await connection.execute(
        insert(Frame),
        [
            {
                "station_id": sent.claim.station_id,
                "id": sent.frame_id,
                "direction": "out",
                "action": sent.action,
                "message_id": str(sent.claim.id),
                "call": sent.call,
                "outcome": "waiting",
            }
            for sent in frames
        ],
    )


async def abandon_sent(session: AsyncSession, ids: Sequence[int], now: datetime) -> list[UUID]:
    """Fail what was sent over former links of these stations, for no answer can come any more; gives the commands' ids."""
    lost = {"state": FAILED, "settled_at": now, "error_code": CONNECTION_LOST}
    lost["error_description"] = "The connection was lost before the station answered."
    sent = update(Command).where(Command.station_id.in_(ids), Command.state == SENT).values(**lost)
    commands = (await session.execute(sent.returning(Command.id, Command.station_id, Command.frame_id))).all()
    for _, station_id, frame_id in commands:
        frame = update(Frame).where(Frame.station_id == station_id, Frame.id == frame_id, Frame.outcome == "waiting")
        await session.execute(frame.values(outcome="abandoned", error_code=CONNECTION_LOST))
    return [command_id for command_id, _, _ in commands]


def stations_waiting(connection: Connection, ids: Sequence[int] | None) -> set[int]:
    """Which of these stations (None: all) have commands pending."""
    waiting = select(Command.station_id).where(_WAITS).distinct()
    if ids is not None:
        waiting = waiting.where(Command.station_id.in_(ids))
    return set(connection.execute(waiting).scalars())
