"""What became of starts that people asked for: a session, or nothing, which is a fact of its own."""

from datetime import datetime, timedelta
from functools import partial
from typing import Final

from sqlalchemy import literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.authorization.rules import token_key
from csms.domain.commands.model import Command
from csms.domain.sessions.model import Session
from csms.kit.database import Database
from csms.kit.facts import FactRow

STARTS_WITHIN: Final = timedelta(minutes=5)  # longer than stations wait for the plug (ConnectionTimeOut, §9.1.3)
AT_ONCE: Final = 1_000
SESSION, NOTHING = "session", "nothing"
_REFUSED: Final = ("rejected", "failed", "expired")
_OPEN: Final = (
    select(Command)
    .where(
        Command.verb == literal("start", literal_execute=True),  # a partial index is found by its very words
        Command.led_to.is_(None),
        Command.state.in_(("accepted", *_REFUSED)),
    )
    .order_by(Command.settled_at)
    .limit(AT_ONCE)
)


async def due(database: Database, now: datetime) -> None:
    """Judge the starts whose outcome is known by now; each that failed is a fact `StartFailed`, once."""
    if await database.look(_open):
        await database.write(partial(_judge_all, now=now))


async def _judge_all(session: AsyncSession, now: datetime) -> None:
    for command in await _open(session):
        await _judge(session, command, now)


async def _open(session: AsyncSession) -> list[Command]:
    return list(await session.scalars(_OPEN))


async def _judge(session: AsyncSession, command: Command, now: datetime) -> None:
    if command.state == "accepted":
        if await _has_begun(session, command):
            await _conclude(session, command, SESSION)
        elif command.settled_at is None or now - command.settled_at >= STARTS_WITHIN:
            await _fail(session, command, "no_session", "The station accepted, and no session began.", now)
        return
    said = command.answer.get("status") if command.answer else None
    words = command.error_description or (f"The station answered {said}." if said else None)
    await _fail(session, command, command.state, words, now)


async def _has_begun(session: AsyncSession, command: Command) -> bool:
    """Whether the id token has begun at the station since it was asked to; a frame may have been stored before our answer."""
    since = command.sent_at or command.created_at
    begun = select(Session.id).where(
        Session.station_id == command.station_id,
        Session.id_token_key == token_key(str(command.payload.get("id_token", ""))),
        Session.started_received_at >= since,
    )
    evse = command.payload.get("evse")
    if evse is not None:
        begun = begun.where(Session.evse == evse)
    return await session.scalar(begun.limit(1)) is not None


async def _fail(session: AsyncSession, command: Command, cause: str, words: str | None, now: datetime) -> None:
    if await _conclude(session, command, NOTHING):
        said = {"cause": cause, "command": str(command.id), "evse": command.payload.get("evse"), "words": words}
        detail = {name: value for name, value in said.items() if value is not None}
        session.add(FactRow(kind="StartFailed", at=now, station_id=command.station_id, detail=detail))


async def _conclude(session: AsyncSession, command: Command, led_to: str) -> bool:
    """False when another process has."""
    mine = update(Command).where(Command.id == command.id, Command.led_to.is_(None)).values(led_to=led_to)
    return (await session.execute(mine.returning(Command.id))).first() is not None
