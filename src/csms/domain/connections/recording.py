"""Keeping connection attempts: in batches, and never more than a stranger could fill the disk with."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.connections.model import ConnectionAttempt

MOST: Final = 20_000
MOST_OF_ONE: Final = 100  # of a station, or of a host that named none


class Attempt(NamedTuple):
    """One attempt and what it said of itself; the fields are those of `ConnectionAttempt`."""

    at: datetime
    host: str
    address: str
    problem: str | None
    note: str | None = None
    status: int | None = None
    identity: str | None = None
    path: str | None = None
    subprotocols: str | None = None
    username: str | None = None
    user_agent: str | None = None
    tls: str | None = None
    certificate_subject: str | None = None


async def note(session: AsyncSession, attempts: Sequence[Attempt]) -> None:
    """Store these attempts; forget the oldest of whoever has more than a hundred, and of all past twenty thousand."""
    await session.execute(insert(ConnectionAttempt), [attempt._asdict() for attempt in attempts])
    rows = ConnectionAttempt
    names = {attempt.identity for attempt in attempts if attempt.identity is not None}
    hosts = {attempt.host for attempt in attempts if attempt.identity is None}
    for mine, owner in (
        (rows.identity.in_(names), rows.identity),
        (rows.identity.is_(None) & rows.host.in_(hosts), rows.host),
    ):
        place = func.row_number().over(partition_by=owner, order_by=rows.id.desc()).label("place")
        ranked = select(rows.id, place).where(mine).subquery()
        await session.execute(delete(rows).where(rows.id.in_(select(ranked.c.id).where(ranked.c.place > MOST_OF_ONE))))
    oldest = select(rows.id).order_by(rows.id.desc()).offset(MOST).limit(1).scalar_subquery()
    await session.execute(delete(rows).where(rows.id <= oldest))
