"""The verbs on configuration templates: edit, compare with what stations report, apply a key at a time."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.accounts.rules import SYSTEM, Actor
from csms.domain.audit import service as audit
from csms.domain.commands import service as commands
from csms.domain.commands.verbs import ChangeConfiguration, GetConfiguration
from csms.domain.configuration import store
from csms.domain.configuration.errors import InvalidTemplate, TemplateNotFound
from csms.domain.configuration.model import (
    DRIFT,
    FAILED,
    IN_STEP,
    QUEUED,
    REBOOT_REQUIRED,
    SENT,
    TOO_LONG,
    UNREAD,
    ConfigurationTemplate,
    PendingReboot,
    WantedKey,
)
from csms.domain.configuration.rules import Wish, fault, merged, same, too_long
from csms.domain.configuration.views import KeyView
from csms.domain.stations.model import ConfigurationKey, Station
from csms.domain.stations.selection import selection_of
from csms.domain.stations.verbs import stations
from csms.kit.bus import Bus
from csms.kit.database import Database
from csms.kit.ids import uuid7

AT_ONCE = 50
BREATH_S = 0.05  # between two of them stations and commands come first
IN_ONE_UNIT = 10  # stations wait for answers meanwhile
_OPEN = (QUEUED, SENT)
_SETTLED = ("rejected", "not_supported", FAILED, TOO_LONG)


# -- templates --------------------------------------------------------------------------------------------------------


async def list_templates(session: AsyncSession) -> list[ConfigurationTemplate]:
    return list(await store.templates(session))


async def get_template(session: AsyncSession, template_id: UUID) -> ConfigurationTemplate:
    """Raises TemplateNotFound."""
    row = await store.find_template(session, template_id)
    if row is None:
        raise TemplateNotFound
    return row


async def create_template(
    session: AsyncSession, actor: Actor, fields: Mapping[str, Any], now: datetime
) -> ConfigurationTemplate:
    """Raises InvalidTemplate with every key at fault."""
    _check(fields["keys"])
    row = ConfigurationTemplate(id=uuid7(now), created_at=now, updated_at=now, **fields)
    session.add(row)
    await audit.record(session, actor, "create", "configuration_template", row.id, None, _snapshot(row), now)
    return row


async def change_template(
    session: AsyncSession, actor: Actor, template_id: UUID, fields: Mapping[str, Any], now: datetime
) -> ConfigurationTemplate:
    _check(fields["keys"])
    row = await get_template(session, template_id)
    before = _snapshot(row)
    for name, value in fields.items():
        setattr(row, name, value)
    row.updated_at = now
    await audit.record(session, actor, "change", "configuration_template", template_id, before, _snapshot(row), now)
    return row


async def remove_template(session: AsyncSession, actor: Actor, template_id: UUID, now: datetime) -> None:
    """Stations keep the values they have."""
    row = await get_template(session, template_id)
    await audit.record(session, actor, "remove", "configuration_template", template_id, _snapshot(row), None, now)
    await session.delete(row)


def _check(keys: Mapping[str, str]) -> None:
    faults = [words for words in (fault(key, value) for key, value in keys.items()) if words is not None]
    if faults:
        raise InvalidTemplate(" ".join(faults), field="keys")


def _snapshot(row: ConfigurationTemplate) -> dict[str, Any]:
    names = ("name", "enabled", "enforce", "priority", "selection", "keys")
    return {name: getattr(row, name) for name in names}


# -- stations ---------------------------------------------------------------------------------------------------------


async def standing_of_template(session: AsyncSession, template_id: UUID) -> list[KeyView]:
    """Every station's keys that this template decides."""
    await get_template(session, template_id)
    return await store.views(session, template_id=template_id)


async def standing_of_station(session: AsyncSession, station: Station) -> tuple[list[KeyView], list[PendingReboot]]:
    """The station's wanted keys, and the values that wait for its next boot."""
    waiting = [row for row in await store.pending(session, station.id) if not _over(row, station)]
    return await store.views(session, station_id=station.id), waiting


async def apply(
    session: AsyncSession,
    bus: Bus,
    actor: Actor,
    template_id: UUID,
    identities: frozenset[str] | None,
    now: datetime,
) -> int:
    """Send what is not in step to the template's stations (to those named, if any are); how many keys are to be sent."""
    template = await get_template(session, template_id)
    await store.states(session, await store.missing(session, 100_000))
    for station_id in await store.to_compare(session, await store.stamp(session), 100_000):
        await advance(session, bus, station_id, now)
    queued = 0
    for view in await store.views(session, template_id=template_id, limit=1_000_000):
        asked = identities is None or view.identity in identities
        if asked and view.row.state not in (*_OPEN, IN_STEP, REBOOT_REQUIRED):
            view.row.state, view.row.answer, view.row.command_id = QUEUED, None, None
            queued += 1
    after = {"name": template.name, "stations": sorted(identities) if identities is not None else "all", "keys": queued}
    await audit.record(session, actor, "apply", "configuration_template", template_id, None, after, now)
    return queued


async def due(database: Database, bus: Bus, now: datetime) -> None:
    """Read keys that were never read, compare what changed, send what is to be applied."""
    async with database.view() as session:  # not one `look`: over many stations it is not short
        unread = await store.never_read(session, now, AT_ONCE)
        missing = await store.missing(session, AT_ONCE * 10)
        moved = await store.to_compare(session, await store.stamp(session), AT_ONCE)
    for few in (unread[first : first + IN_ONE_UNIT] for first in range(0, len(unread), IN_ONE_UNIT)):
        await database.write(partial(_read, bus=bus, station_ids=few, now=now))
        await asyncio.sleep(BREATH_S)
    if missing:
        await database.write(partial(store.states, station_ids=missing))
    for station_id in moved:
        await database.write(partial(advance, bus=bus, station_id=station_id, now=now))


async def _read(session: AsyncSession, bus: Bus, station_ids: Sequence[int], now: datetime) -> None:
    asked = await store.ask(session, station_ids, now)  # without those where another worker was quicker
    await store.forget_taken(session, asked)
    await commands.place_reading(session, bus, asked, "get-configuration", GetConfiguration(), now)


async def advance(session: AsyncSession, bus: Bus, station_id: int, now: datetime) -> None:
    """One step of a station: take the answer that came, compare, send the next key."""
    station = await session.get(Station, station_id)
    if station is None:
        return
    state = (await store.states(session, [station_id]))[station_id]
    await _take_answers(session, station_id)
    rows = await _follow_templates(session, station, now)
    state.stamp, state.compared_at = await store.stamp(session), now
    queued = [row for row in rows if row.state == QUEUED]
    if not queued or any(row.state == SENT for row in rows) or not await stations.is_online(session, station_id):
        return
    wish = ChangeConfiguration(queued[0].key, queued[0].wanted)
    command = await commands.place(
        session, bus, SYSTEM, station, "change-configuration", wish, now=now, expires_in_s=60
    )
    queued[0].state, queued[0].command_id, queued[0].answer = SENT, command.id, None


async def _take_answers(session: AsyncSession, station_id: int) -> None:
    lost = await store.lost(session, station_id)
    for row in await store.wanted(session, station_id):
        if row.state == SENT and row.answer is not None:
            row.state = IN_STEP if row.answer == "accepted" else row.answer
        elif row.state == SENT and row.key in lost:
            row.state = FAILED


async def _follow_templates(session: AsyncSession, station: Station, now: datetime) -> list[WantedKey]:
    """Make the rows those that the templates want, each with its present state."""
    wishes = [
        Wish(row.id, row.priority, row.enforce, row.keys)
        for row in await store.templates(session, enabled=True)
        if selection_of(row.selection).includes(station)
    ]
    wanted = merged(wishes)
    known = {row.key: row for row in await store.wanted(session, station.id)}
    for key in known.keys() - wanted.keys():
        await session.delete(known.pop(key))
    reported = await store.reported(session, station.id)
    waiting = {row.key: row for row in await store.pending(session, station.id) if not _over(row, station)}
    for key, (value, wish) in wanted.items():
        row = known.get(key)
        if row is None:
            row = known[key] = WantedKey(station_id=station.id, key=key, wanted=value, state=UNREAD)
            session.add(row)
        elif row.wanted != value:
            row.wanted, row.state, row.since, row.command_id = value, UNREAD, None, None
        assert isinstance(wish.id, UUID)
        row.template_id = wish.id
        _judge(row, reported, waiting.get(key), now, enforce=wish.enforce)
    return list(known.values())


def _over(row: PendingReboot, station: Station) -> bool:
    return station.booted_at is not None and station.booted_at > row.since


def _judge(
    row: WantedKey,
    reported: Mapping[str, ConfigurationKey],
    waiting: PendingReboot | None,
    now: datetime,
    *,
    enforce: bool,
) -> None:
    """Where a key stands by what the station reported; what is on its way, or was refused, stays what it is."""
    told = reported.get(row.key)
    if row.state in _OPEN:
        return
    if waiting is not None and same(row.key, waiting.value, row.wanted):
        row.state = REBOOT_REQUIRED
    elif told is not None and same(row.key, told.value, row.wanted):
        row.state, row.since = IN_STEP, None
    elif too_long(row.key, row.wanted, {key: entry.value for key, entry in reported.items()}):
        row.state = TOO_LONG
    elif row.state not in _SETTLED:
        row.state = UNREAD if told is None else DRIFT
        row.since = row.since or now
        if enforce and (told is not None or reported):
            row.state = QUEUED
