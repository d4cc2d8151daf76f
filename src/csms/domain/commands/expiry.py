"""Commands that time has settled: never sent in time, or sent by a process that is no more."""

from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.commands.claim import CLAIM_TAKES_AT_MOST, EXPIRED, FAILED, PENDING, SENT
from csms.domain.commands.model import Command
from csms.domain.stations.model import Link
from csms.kit.database import Database

_LINK = Link.station_id == Command.station_id
GRACE = timedelta(seconds=30)  # on top of a command's own time-out, which the process holding the link keeps
_UNSENT: Final = select(Command.id).where(
    Command.state == PENDING,
    Command.expires_at <= bindparam("now"),
    or_(Command.expires_at <= bindparam("surely"), ~exists().where(_LINK, Link.online)),
)
_SENT: Final = select(Command.id, Command.sent_at, Command.timeout_s).where(Command.state == SENT)


async def withdraw(session: AsyncSession, command_id: UUID, now: datetime) -> bool:
    """Take a command back because nobody is there to send it; False when somebody has claimed it all the same."""
    pending = update(Command).where(Command.id == command_id, Command.state == PENDING)
    words = "The station was offline."
    taken_back = pending.values(state=EXPIRED, settled_at=now, error_description=words).returning(Command.id)
    return (await session.execute(taken_back)).first() is not None


async def expire_commands(database: Database, now: datetime) -> list[UUID]:
    """Settle them and give their ids; by compare-and-swap, so that any number of workers may do it."""
    unsent, lost = await database.look(partial(_settled_by_time, now=now))
    if not unsent and not lost:
        return []
    async with database.unit() as session:
        expired = update(Command).where(Command.id.in_(unsent), Command.state == PENDING)
        words = "The station did not connect before the command expired."
        await session.execute(expired.values(state=EXPIRED, settled_at=now, error_description=words))
        failed = update(Command).where(Command.id.in_(lost), Command.state == SENT)
        words = "Whether the station carried it out is not known: the server restarted before it answered."
        await session.execute(
            failed.values(state=FAILED, settled_at=now, error_code="NoAnswer", error_description=words)
        )
    return unsent + lost


async def _settled_by_time(session: AsyncSession, now: datetime) -> tuple[list[UUID], list[UUID]]:
    """Commands that were not sent in time, and those sent that nobody waits for any more."""
    unsent = list(await session.scalars(_UNSENT, {"now": now, "surely": now - CLAIM_TAKES_AT_MOST}))
    lost = [
        command_id
        for command_id, sent_at, timeout_s in await session.execute(_SENT)
        if sent_at is not None and sent_at + timedelta(seconds=timeout_s) + GRACE < now
    ]
    return unsent, lost
