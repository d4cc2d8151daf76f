"""The inbox: stations that knock and are not ours."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.stations.model import UnknownStation

MOST = 10_000  # a stranger must not fill the disk with made-up names


class Knock(NamedTuple):
    """One refused attempt to connect and what it said of itself."""

    identity: str
    at: datetime
    address: str
    path: str
    subprotocols: str
    username: str | None
    user_agent: str | None


async def note(session: AsyncSession, knocks: Iterable[Knock]) -> None:
    """Count the attempts by identity, keep what the last one said; forget the oldest identities past ten thousand."""
    by_identity: dict[str, list[Knock]] = {}
    for knock in knocks:
        by_identity.setdefault(knock.identity, []).append(knock)
    known = select(UnknownStation.identity).where(UnknownStation.identity.in_(by_identity))
    present = set((await session.execute(known)).scalars())
    for identity, attempts in by_identity.items():
        last = attempts[-1]
        said = last._asdict()
        said["seen_at"] = said.pop("at")
        if identity in present:
            counted = update(UnknownStation).where(UnknownStation.identity == identity)
            await session.execute(counted.values(**said, attempts=UnknownStation.attempts + len(attempts)))
        else:
            await session.execute(insert(UnknownStation).values(**said, first_seen_at=last.at, attempts=len(attempts)))
    await _forget_oldest(session)


async def _forget_oldest(session: AsyncSession) -> None:
    count = (await session.execute(select(func.count()).select_from(UnknownStation))).scalar_one()
    if count > MOST:
        oldest = select(UnknownStation.identity).order_by(UnknownStation.seen_at).limit(count - MOST)
        await session.execute(delete(UnknownStation).where(UnknownStation.identity.in_(oldest)))
