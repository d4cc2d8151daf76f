"""Every query on local lists and their rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import and_, exists, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from csms.domain.authorization.model import IdToken
from csms.domain.commands.claim import EXPIRED
from csms.domain.commands.claim import FAILED as COMMAND_FAILED
from csms.domain.commands.model import Command
from csms.domain.commands.unanswered import NOT_KNOWN, unanswered
from csms.domain.local_lists.model import (
    CHECKING,
    FAILED,
    SENDING,
    SYNCED,
    UNKNOWN,
    UNMANAGED,
    ListRule,
    LocalList,
)
from csms.domain.local_lists.rules import Entry, Limits, limits
from csms.domain.stations.listing import read_keys
from csms.domain.stations.model import ConfigurationKey, Link, Station
from csms.domain.stations.selection import Selection, selection_of
from csms.kit.paging import Slice

SORTABLE = {"station": Station.identity, "state": LocalList.state, "updated_at": LocalList.updated_at,
            "synced_at": LocalList.synced_at, "version": LocalList.version}  # fmt: skip
_RULES: Final = select(ListRule).order_by(ListRule.name, ListRule.id)
_ENABLED_RULES: Final = _RULES.where(ListRule.enabled)
_LIMIT_KEYS = ("SendLocalListMaxLength", "LocalAuthListMaxLength")


class ListView(NamedTuple):
    """A station's list and the station's identity."""

    row: LocalList
    identity: str


@dataclass(frozen=True, slots=True)
class ListFilter:
    state: str | None = None


async def rules(session: AsyncSession, *, enabled: bool = False) -> Sequence[ListRule]:
    return (await session.scalars(_ENABLED_RULES if enabled else _RULES)).all()


async def find_rule(session: AsyncSession, rule_id: UUID) -> ListRule | None:
    return await session.get(ListRule, rule_id)


async def find(session: AsyncSession, station_id: int, *, hold: bool = False) -> LocalList | None:
    """The station's list with its entries; `hold` it against others until the unit of work ends."""
    query = select(LocalList).where(LocalList.station_id == station_id)
    if hold:
        query = query.with_for_update()
    query = query.options(undefer(LocalList.entries), undefer(LocalList.target))
    return await session.scalar(query.execution_options(populate_existing=True))


async def page(session: AsyncSession, asked: ListFilter, wanted: Slice) -> tuple[list[ListView], int]:
    matching = select(LocalList.station_id).join(Station, Station.id == LocalList.station_id)
    if asked.state is not None:
        matching = matching.where(LocalList.state == asked.state)
    keys, total = await read_keys(session, matching, LocalList.station_id, SORTABLE, wanted)
    query = select(LocalList, Station.identity).join(Station, Station.id == LocalList.station_id)
    rows = await session.execute(query.where(LocalList.station_id.in_(keys)))
    by_key = {row.station_id: ListView(row, identity) for row, identity in rows}
    return [by_key[key] for key in keys if key in by_key], total


async def wanted(session: AsyncSession, applying: Sequence[ListRule], now: datetime) -> dict[str, Entry]:
    """The id tokens that any of the rules allows: active and not expired."""
    query = select(IdToken.key, IdToken.uid, IdToken.expires_at, IdToken.group_id).where(
        IdToken.status == "active", or_(IdToken.expires_at.is_(None), IdToken.expires_at > now)
    )
    if not any(rule.everyone for rule in applying):
        labels, groups, keys = (
            sorted({item for rule in applying for item in getattr(rule, name)})
            for name in ("labels", "groups", "id_tokens")
        )
        query = query.where(
            or_(IdToken.label.in_(labels), IdToken.group_id.in_(groups), IdToken.key.in_([k.casefold() for k in keys]))
        )
    return {key: _entry(uid, expires_at, group_id) for key, uid, expires_at, group_id in await session.execute(query)}


def _entry(uid: str, expires_at: datetime | None, group_id: str | None) -> dict[str, Any]:
    entry = {"uid": uid}
    if expires_at is not None:
        entry["expires_at"] = expires_at.replace(microsecond=0).isoformat()
    if group_id is not None:
        entry["group_id"] = group_id
    return entry


async def stamp(session: AsyncSession, now: datetime) -> str:
    """A name for the present state of rules and id tokens: it differs whenever a wanted list may."""
    expired = func.count().filter(IdToken.expires_at <= now)
    tokens = (await session.execute(select(func.count(), func.max(IdToken.updated_at), expired))).one()
    rules_ = (await session.execute(select(func.count(), func.max(ListRule.updated_at)))).one()
    return "/".join(str(part) for part in (*tokens, *rules_))


async def station_limits(session: AsyncSession, station_id: int) -> Limits:
    query = select(ConfigurationKey.key, ConfigurationKey.value).where(
        ConfigurationKey.station_id == station_id, ConfigurationKey.key.in_(_LIMIT_KEYS)
    )
    known = {key: value for key, value in await session.execute(query)}  # noqa: C416 - a Row is no tuple to mypy
    return limits(*(known.get(key) for key in _LIMIT_KEYS))


async def add_missing(session: AsyncSession, applying: Sequence[ListRule], now: datetime, most: int) -> None:
    """Begin a list for stations to which a rule applies and which have none."""
    chosen = or_(*(selection_of(rule.selection).condition() for rule in applying))
    known = exists().where(LocalList.station_id == Station.id)
    ids = (await session.scalars(select(Station.id).where(chosen, ~known).limit(most))).all()
    if ids:
        rows = [{"station_id": id_, "updated_at": now, **FRESH} for id_ in ids]
        await session.execute(insert(LocalList), rows)


FRESH: dict[str, Any] = {
    "state": UNKNOWN,
    "entries": {},
    "entry_count": 0,
    "wanted_count": 0,
    "left_out": 0,
    "full_needed": True,
    "attempts": 0,
}


async def to_advance(session: AsyncSession, stamp_: str, now: datetime, most: int) -> Sequence[int]:
    """Stations online whose list is not what it should be, or was not looked at since something changed."""
    new_boot = or_(LocalList.reported_at.is_(None), Station.booted_at > LocalList.reported_at)
    changed = or_(LocalList.wanted_stamp.is_(None), LocalList.wanted_stamp != stamp_)
    ready = or_(LocalList.retry_at.is_(None), LocalList.retry_at <= now)
    due = or_(
        LocalList.state == UNKNOWN,
        and_(LocalList.state == FAILED, ready),
        and_(LocalList.state.in_((SYNCED, UNMANAGED)), or_(changed, and_(LocalList.state == SYNCED, new_boot))),
        and_(
            LocalList.state.in_((CHECKING, SENDING)),
            or_(LocalList.answer.is_not(None), unanswered(LocalList.command_id)),
        ),
    )
    query = select(LocalList.station_id).join(Station, Station.id == LocalList.station_id)
    query = query.join(Link, Link.station_id == LocalList.station_id).where(Link.online, due).limit(most)
    return (await session.scalars(query)).all()


async def refusal(session: AsyncSession, row: LocalList) -> str | None:
    """What became of an open command without an answer to read: not_supported, no_answer; None while it may yet have one."""
    command = await session.get(Command, row.command_id, populate_existing=True)
    if command is None or command.state not in (COMMAND_FAILED, EXPIRED):
        return None
    return "not_supported" if command.error_code in NOT_KNOWN else "no_answer"


def selects(rule: ListRule, station: Station) -> bool:
    chosen: Selection = selection_of(rule.selection)
    return chosen.includes(station)
