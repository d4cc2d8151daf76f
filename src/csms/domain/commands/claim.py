"""Claiming commands: by compare-and-swap, and only for the process that still holds the station's link."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.commands.model import Command
from csms.domain.stations.model import Frame, Link

PENDING = "pending"
SENT = "sent"
FAILED = "failed"
EXPIRED = "expired"
CONNECTION_LOST = "ConnectionLost"


@dataclass(frozen=True, slots=True)
class Claim:
    """A command that is now ours to send; say in the same unit of work whether it was `sent` or must be refused."""

    id: UUID
    station_id: int
    verb: str
    action: str
    payload: dict[str, Any]
    timeout_s: float

    async def sent(self, session: AsyncSession, frame_id: int, action: str, frame: bytes, now: datetime) -> None:
        """Keep the frame before it goes out; `action` is the name it has on the wire."""
        await session.execute(update(Command).where(Command.id == self.id).values(sent_at=now, frame_id=frame_id))
        kept = insert(Frame).values(
            station_id=self.station_id,
            id=frame_id,
            direction="out",
            action=action,
            message_id=str(self.id),
            call=frame,
            outcome="waiting",
        )
        await session.execute(kept)

    async def refuse(self, session: AsyncSession, code: str, description: str, now: datetime) -> None:
        """It cannot be said in the station's OCPP version."""
        refused = {"state": FAILED, "error_code": code, "error_description": description, "settled_at": now}
        await session.execute(update(Command).where(Command.id == self.id).values(**refused))


async def claim_next(session: AsyncSession, station_id: int, epoch: int, now: datetime) -> Claim | None:
    """The oldest pending command of a station, marked as sent; None when there is none, or the link is no longer ours."""
    waiting = (
        select(Command)
        .where(Command.station_id == station_id, Command.state == PENDING, Command.expires_at > now)
        .order_by(Command.id)
        .limit(1)
    )
    command = (await session.execute(waiting)).scalar_one_or_none()
    if command is None:
        return None
    held = exists().where(Link.station_id == station_id, Link.epoch == epoch)
    mine = (
        update(Command).where(Command.id == command.id, Command.state == PENDING, held).values(state=SENT, sent_at=now)
    )
    if (await session.execute(mine.execution_options(synchronize_session=False))).rowcount != 1:  # type: ignore[attr-defined]
        return None
    return Claim(command.id, station_id, command.verb, command.action, command.payload, command.timeout_s)


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
    waiting = select(Command.station_id).where(Command.state == PENDING).distinct()
    if ids is not None:
        waiting = waiting.where(Command.station_id.in_(ids))
    return set(connection.execute(waiting).scalars())
