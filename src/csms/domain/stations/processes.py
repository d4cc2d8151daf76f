"""The processes of the system: who runs, and what becomes of the stations of one that is no more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.stations.model import Link, Process
from csms.kit.errors import Conflict
from csms.kit.facts import FactRow

_processes = Process.__table__
_SEEN: Final = (  # made once, as `_SIGNS` is: stations wait meanwhile
    update(_processes)  # type: ignore[arg-type]
    .where(_processes.c.name == bindparam("me"), _processes.c.instance == bindparam("this"))
    .values(seen_at=bindparam("now"))
)
_SIGNS: Final = select(_processes.c.name, _processes.c.instance, _processes.c.seen_at)


class NameTaken(Conflict):
    """Another process has taken this process's name."""

    code = "name_taken"


@dataclass(frozen=True, slots=True)
class Identity:
    """What a process says of itself; `instance` is new at every start."""

    name: str
    instance: UUID
    roles: str
    version: str


class Sign(NamedTuple):
    """A sign of life of a process, at the time of its own clock."""

    name: str
    instance: UUID
    seen_at: datetime


async def register(session: AsyncSession, who: Identity, now: datetime) -> None:
    """Take the name, also from a predecessor that may not be quite gone: it finds out when it next reports."""
    await session.execute(delete(Process).where(Process.name == who.name))
    said = {"name": who.name, "instance": who.instance, "roles": who.roles, "version": who.version}
    await session.execute(insert(Process).values(**said, started_at=now, seen_at=now))


async def report(session: AsyncSession, who: Identity, now: datetime) -> None:
    """Say that the process lives; one that was given up for dead registers anew. Raises NameTaken."""
    mine = {"me": who.name, "this": who.instance, "now": now}
    if (await session.execute(_SEEN, mine)).rowcount == 1:  # type: ignore[attr-defined]
        return
    taken = await session.execute(select(Process.name).where(Process.name == who.name))
    if taken.first() is not None:
        raise NameTaken(name=who.name)
    await register(session, who, now)


async def leave(session: AsyncSession, who: Identity) -> None:
    await session.execute(delete(Process).where(Process.name == who.name, Process.instance == who.instance))


async def signs(session: AsyncSession) -> list[Sign]:
    """The last sign of life of every process."""
    return [Sign(*row) for row in await session.execute(_SIGNS)]


async def bury(session: AsyncSession, silent: Sequence[Sign], now: datetime) -> list[int]:
    """Take their links from processes that gave no sign after these; gives the stations that are offline for it.

    The epochs rise, so that one that was only frozen finds its late writes refused, and its stations connect anew.
    """
    dead = []
    for sign in silent:
        same = delete(Process).where(Process.instance == sign.instance, Process.seen_at == sign.seen_at)
        if (await session.execute(same)).rowcount == 1:  # type: ignore[attr-defined]
            dead.append(sign.name)
    return await _take_links(session, dead, now) if dead else []


async def _take_links(session: AsyncSession, gateways: Sequence[str], now: datetime) -> list[int]:
    theirs = (Link.online, Link.gateway.in_(gateways))
    await session.execute(select(Link.station_id).where(*theirs).order_by(Link.station_id).with_for_update())
    closed = (
        update(Link)
        .where(*theirs)
        .values(epoch=Link.epoch + 1, online=False, disconnected_at=now)
        .returning(Link.station_id)
        .execution_options(synchronize_session=False)
    )
    stations = sorted((await session.execute(closed)).scalars())
    if stations:
        facts = [
            {"kind": "StationWentOffline", "at": now, "station_id": station_id, "detail": {"reason": "gateway lost"}}
            for station_id in stations
        ]
        await session.execute(insert(FactRow), facts)
    return stations
