"""Every query on security events and on changes of passwords and profiles."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.commands.claim import EXPIRED
from csms.domain.commands.model import Command
from csms.domain.commands.unanswered import unanswered
from csms.domain.security.model import SecurityEvent
from csms.domain.stations.listing import read_keys
from csms.domain.stations.model import Link, PasswordChange, ProfileChange, Station
from csms.kit.paging import Slice

SORTABLE = {
    "id": SecurityEvent.id,
    "at": SecurityEvent.at,
    "received_at": SecurityEvent.received_at,
    "kind": SecurityEvent.kind,
    "severity": SecurityEvent.severity,
}

_ANY_ON_THEIR_WAY: Final = select(
    or_(
        select(PasswordChange.station_id).where(PasswordChange.state == "asked").exists(),
        select(ProfileChange.station_id).where(ProfileChange.state.in_(("asked", "accepted"))).exists(),
    )
)


@dataclass(frozen=True, slots=True)
class EventFilter:
    """`since` (inclusive) and `until` (exclusive) are times of receipt."""

    station_id: int | None = None
    kind: str | None = None
    severity: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class EventView(NamedTuple):
    event: SecurityEvent
    identity: str


async def page(session: AsyncSession, asked: EventFilter, wanted: Slice) -> tuple[list[EventView], int]:
    rows = SecurityEvent
    query = select(rows.id)
    for column, value in (
        (rows.station_id, asked.station_id),
        (rows.kind, asked.kind),
        (rows.severity, asked.severity),
    ):
        if value is not None:
            query = query.where(column == value)
    if asked.since is not None:
        query = query.where(rows.received_at >= asked.since)
    if asked.until is not None:
        query = query.where(rows.received_at < asked.until)
    keys, total = await read_keys(session, query, rows.id, SORTABLE, wanted)
    chosen = select(rows, Station.identity).join(Station, Station.id == rows.station_id).where(rows.id.in_(keys))
    found = {event.id: EventView(event, identity) for event, identity in await session.execute(chosen)}
    return [found[key] for key in keys if key in found], total


async def settle_passwords(session: AsyncSession, now: datetime) -> None:
    """A station that was asked and never answered may have its new password all the same; not one that was never asked."""
    asked = update(PasswordChange).where(PasswordChange.state == "asked")
    unsent = asked.where(exists().where(Command.id == PasswordChange.command_id, Command.state == EXPIRED))
    values = {"state": "expired", "settled_at": now}
    await session.execute(unsent.values(values).execution_options(synchronize_session=False))
    lost = asked.where(unanswered(PasswordChange.command_id))
    await session.execute(lost.values(state="unanswered").execution_options(synchronize_session=False))


async def came_with_the_old(session: AsyncSession, change: PasswordChange) -> bool:
    """Whether the station has connected with a password since it was sent a new one: then that was the old one."""
    since = select(Command.id).join(Link, Link.station_id == Command.station_id)
    with_password = Link.security_profile.in_((1, 2)) & (Link.connected_at > Command.settled_at)
    return await session.scalar(since.where(Command.id == change.command_id, with_password)) is not None


async def settle_profiles(session: AsyncSession, now: datetime) -> None:
    lost = update(ProfileChange).where(ProfileChange.state == "asked", unanswered(ProfileChange.command_id))
    await session.execute(lost.values(state="failed", settled_at=now).execution_options(synchronize_session=False))


async def on_their_way(session: AsyncSession) -> bool:
    """Whether any change waits for an answer, or for its station to come back."""
    return bool(await session.scalar(_ANY_ON_THEIR_WAY))


async def overdue(session: AsyncSession, now: datetime) -> list[ProfileChange]:
    """Changes whose station accepted and did not come back in time; those just accepted get their deadline."""
    rows = (await session.scalars(select(ProfileChange).where(ProfileChange.state == "accepted"))).all()
    late = []
    for row in rows:
        if row.deadline_at is None:
            row.deadline_at = now + timedelta(seconds=row.within_s)
        elif row.deadline_at <= now:
            late.append(row)
    return late
