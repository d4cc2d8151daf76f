"""The verbs on local lists: rules, and bringing a station's list to what the rules want, a message at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.accounts.rules import SYSTEM, Actor
from csms.domain.audit import service as audit
from csms.domain.commands import service as commands
from csms.domain.commands.feature_verbs import GetLocalListVersion, ListEntry, SendLocalList
from csms.domain.local_lists import store
from csms.domain.local_lists.errors import EmptyRule, ListRuleNotFound
from csms.domain.local_lists.model import (
    CHECKING,
    FAILED,
    SENDING,
    SYNCED,
    UNKNOWN,
    UNMANAGED,
    UNSUPPORTED,
    ListRule,
    LocalList,
)
from csms.domain.local_lists.rules import Difference, Entry, Step, cut, difference, expected_version, next_step
from csms.domain.local_lists.store import ListFilter, ListView
from csms.domain.stations.model import Station
from csms.domain.stations.selection import selection_of
from csms.domain.stations.verbs import stations
from csms.kit.bus import Bus
from csms.kit.database import Database
from csms.kit.ids import uuid7
from csms.kit.paging import Page, Slice

__all__ = ["ListFilter", "ListView", "Standing", "advance", "change_rule", "create_rule", "due", "get_rule",
           "list_lists", "list_rules", "remove_rule", "resend", "standing"]  # fmt: skip

AT_ONCE = 50  # lists looked at in one step of the schedule
_FIRST_RETRY = timedelta(seconds=60)
_LONGEST_RETRY = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Standing:
    """A station's list beside what it should be: `change` is what the station must still be told."""

    row: LocalList | None
    rules: list[ListRule]
    wanted: dict[str, Entry]
    left_out: int
    change: Difference


# -- rules ------------------------------------------------------------------------------------------------------------


async def list_rules(session: AsyncSession) -> list[ListRule]:
    return list(await store.rules(session))


async def get_rule(session: AsyncSession, rule_id: UUID) -> ListRule:
    """Raises ListRuleNotFound."""
    rule = await store.find_rule(session, rule_id)
    if rule is None:
        raise ListRuleNotFound
    return rule


async def create_rule(session: AsyncSession, actor: Actor, fields: Mapping[str, Any], now: datetime) -> ListRule:
    rule = ListRule(id=uuid7(now), created_at=now, updated_at=now, **fields)
    _check(rule)
    session.add(rule)
    await audit.record(session, actor, "create", "local_list_rule", rule.id, None, _snapshot(rule), now)
    return rule


async def change_rule(
    session: AsyncSession, actor: Actor, rule_id: UUID, fields: Mapping[str, Any], now: datetime
) -> ListRule:
    rule = await get_rule(session, rule_id)
    before = _snapshot(rule)
    for name, value in fields.items():
        setattr(rule, name, value)
    _check(rule)
    rule.updated_at = now
    await audit.record(session, actor, "change", "local_list_rule", rule_id, before, _snapshot(rule), now)
    return rule


async def remove_rule(session: AsyncSession, actor: Actor, rule_id: UUID, now: datetime) -> None:
    """Stations that no other rule applies to keep the list they have."""
    rule = await get_rule(session, rule_id)
    await audit.record(session, actor, "remove", "local_list_rule", rule_id, _snapshot(rule), None, now)
    await session.delete(rule)


def _check(rule: ListRule) -> None:
    selection_of(rule.selection)
    if not (rule.everyone or rule.labels or rule.groups or rule.id_tokens):
        raise EmptyRule(field="everyone")


def _snapshot(rule: ListRule) -> dict[str, Any]:
    names = ("name", "enabled", "selection", "everyone", "labels", "groups", "id_tokens")
    return {name: getattr(rule, name) for name in names}


# -- lists ------------------------------------------------------------------------------------------------------------


async def list_lists(session: AsyncSession, asked: ListFilter, wanted: Slice) -> Page[ListView]:
    items, total = await store.page(session, asked, wanted)
    return Page(items, total, wanted.offset, wanted.limit)


async def standing(session: AsyncSession, station: Station, now: datetime) -> Standing:
    """What the station holds, what it should hold, and the difference."""
    return await _compare(session, station, await store.find(session, station.id), now)


async def _compare(session: AsyncSession, station: Station, row: LocalList | None, now: datetime) -> Standing:
    applying = [rule for rule in await store.rules(session, enabled=True) if store.selects(rule, station)]
    everything = await store.wanted(session, applying, now) if applying else {}
    wanted = cut(everything, (await store.station_limits(session, station.id)).list)
    change = difference(row.entries if row is not None else {}, wanted)
    return Standing(row, applying, wanted, len(everything) - len(wanted), change)


async def resend(session: AsyncSession, bus: Bus, actor: Actor, station: Station, now: datetime, *, full: bool) -> None:
    """Compare anew and send what is missing, or the whole list; also where it was found unsupported or has failed."""
    row = await store.find(session, station.id, hold=True)
    if row is None:
        row = LocalList(station_id=station.id, **store.FRESH)
        session.add(row)
    row.full_needed = row.full_needed or full
    row.wanted_stamp, row.retry_at, row.attempts, row.updated_at = None, None, 0, now
    if row.state not in (CHECKING, SENDING):
        row.state = UNKNOWN if row.state in (UNSUPPORTED, UNKNOWN) else FAILED
    await audit.record(
        session,
        actor,
        "resend",
        "local_list",
        station.identity,
        None,
        {"full": full},
        now,
        location_id=station.location_id,
    )
    await session.flush()
    await advance(session, bus, station, now)


async def due(database: Database, bus: Bus, now: datetime) -> None:
    """Bring lists on: stations of new rules, answers that came, id tokens that changed, stations that booted."""
    applying = await database.look(partial(store.rules, enabled=True))
    if not applying:
        return
    async with database.unit() as session:
        await store.add_missing(session, applying, now, AT_ONCE)
    async with database.view() as session:
        stamp = await store.stamp(session, now)
        ids = await store.to_advance(session, stamp, now, AT_ONCE)
    for station_id in ids:
        async with database.unit() as session:
            station = await session.get(Station, station_id)
            if station is not None:
                await advance(session, bus, station, now)


async def advance(session: AsyncSession, bus: Bus, station: Station, now: datetime) -> UUID | None:
    """One step of a station's list; the command that the next one waits for, None when there is nothing to do now."""
    row = await store.find(session, station.id, hold=True)
    if row is None:
        return None
    if row.command_id is not None and not await _take_answer(session, row, now):
        return row.command_id
    paused = row.retry_at is not None and row.retry_at > now
    if paused or row.state == UNSUPPORTED or not await stations.is_online(session, station.id):
        return None
    return await _go_on(session, bus, station, row, now)


async def _go_on(session: AsyncSession, bus: Bus, station: Station, row: LocalList, now: datetime) -> UUID | None:
    stamp = await store.stamp(session, now)
    found = await _compare(session, station, row, now)
    row.wanted_count, row.left_out, row.updated_at = len(found.wanted), found.left_out, now
    if not found.rules:
        row.state, row.wanted_stamp = UNMANAGED, stamp
        return None
    if row.reported_at is None or (station.booted_at is not None and station.booted_at > row.reported_at):
        return await _place(session, bus, station, row, CHECKING, GetLocalListVersion(), now)
    if row.reported_version != expected_version(row.version, row.entry_count):
        row.full_needed = True
    send = (await store.station_limits(session, station.id)).send
    step = next_step(row.entries, found.wanted, send, full=row.full_needed)
    if step is None:
        row.state, row.wanted_stamp, row.synced_at = SYNCED, stamp, now
        return None
    return await _send(session, bus, station, row, step, now)


async def _send(
    session: AsyncSession, bus: Bus, station: Station, row: LocalList, step: Step, now: datetime
) -> UUID | None:
    row.target_version = max(row.version or 0, row.reported_version or 0, row.target_version or 0, 0) + 1
    row.target = step.after
    entries = [
        ListEntry(key, remove=True)
        if entry is None
        else ListEntry(entry["uid"], entry.get("expires_at"), entry.get("group_id"))
        for key, entry in step.entries
    ]
    row.full_needed = step.full
    return await _place(session, bus, station, row, SENDING, SendLocalList(row.target_version, step.full, entries), now)


async def _place(
    session: AsyncSession,
    bus: Bus,
    station: Station,
    row: LocalList,
    state: str,
    wish: SendLocalList | GetLocalListVersion,
    now: datetime,
) -> UUID:
    verb = "send-local-list" if isinstance(wish, SendLocalList) else "get-local-list-version"
    command = await commands.place(session, bus, SYSTEM, station, verb, wish, now=now, expires_in_s=60)
    row.state, row.command_id, row.answer = state, command.id, None
    return command.id


async def _take_answer(session: AsyncSession, row: LocalList, now: datetime) -> bool:
    """Draw the conclusion from the open command; False while the station has not answered it."""
    answer = row.answer or await store.refusal(session, row)
    if answer is None:
        return False
    row.last_answer = row.last_answer if answer == "version" else answer
    row.command_id, row.answer = None, None
    if answer == "version":
        row.state = UNSUPPORTED if row.reported_version == -1 else FAILED
    elif answer == "accepted":
        row.entries, row.version = dict(row.target or {}), row.target_version
        row.entry_count = len(row.entries)
        row.reported_version, row.full_needed = expected_version(row.version, row.entry_count), False
        row.attempts, row.retry_at = 0, None
    elif answer == "not_supported":
        row.state = UNSUPPORTED
    else:
        _not_taken(row, answer, now)
    row.target = None
    return True


def _not_taken(row: LocalList, answer: str, now: datetime) -> None:
    """A differential list that was refused is followed by a full one at once (OCPP 1.6 §5.15); a full one after a pause."""
    was_full = row.full_needed
    row.state, row.full_needed = FAILED, True
    if answer == "no_answer":
        row.reported_at = None  # it may have been taken all the same: ask first
    if was_full or answer == "no_answer":
        row.retry_at = now + min(_FIRST_RETRY * 2**row.attempts, _LONGEST_RETRY)
        row.attempts += 1
