"""The verbs on charging profiles: the catalogue, setting and clearing, composite schedules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.accounts.rules import Actor
from csms.domain.audit import service as audit
from csms.domain.commands import service as commands
from csms.domain.commands.feature_verbs import ClearChargingProfile, GetCompositeSchedule, SetChargingProfile
from csms.domain.commands.model import Command
from csms.domain.commands.profiles import SESSION, Profile, Unit, checked, checked_place
from csms.domain.commands.verbs import Start
from csms.domain.smart_charging import store
from csms.domain.smart_charging.errors import ChargingProfileNotFound, WrongPurpose
from csms.domain.smart_charging.model import ChargingProfile, InstalledProfile, ReportedSchedule
from csms.domain.smart_charging.rules import Exceeded, Interval, Placed, Supply, composite, convert_profile, exceeded
from csms.domain.stations.model import Station
from csms.kit.bus import Bus
from csms.kit.ids import uuid7
from csms.kit.paging import Page, Slice

_UNITS: Mapping[str, Unit] = {"Current": "A", "Power": "W"}  # ChargingScheduleAllowedChargingRateUnit, §9.4.2


class Running(NamedTuple):
    """A session that runs on a station."""

    evse: int
    transaction_id: int
    started_at: datetime
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Comparison:
    """Our composite schedule beside the station's own, if it was asked; `exceeded` is where the station allows more."""

    start_at: datetime
    duration_s: int
    unit: Unit
    computed: list[Interval]
    reported: ReportedSchedule | None
    exceeded: list[Exceeded]


# -- the catalogue ----------------------------------------------------------------------------------------------------


async def list_profiles(session: AsyncSession, wanted: Slice) -> Page[ChargingProfile]:
    items, total = await store.page(session, wanted)
    return Page(items, total, wanted.offset, wanted.limit)


async def get_profile(session: AsyncSession, profile_id: UUID) -> ChargingProfile:
    """Raises ChargingProfileNotFound."""
    row = await store.find(session, profile_id)
    if row is None:
        raise ChargingProfileNotFound
    return row


async def create_profile(
    session: AsyncSession, actor: Actor, name: str, profile: Profile, now: datetime
) -> ChargingProfile:
    """Raises InvalidProfile."""
    stored = _stored(checked(profile))
    row = ChargingProfile(id=uuid7(now), name=name, profile=stored, created_at=now, updated_at=now)
    session.add(row)
    await audit.record(session, actor, "create", "charging_profile", row.id, None, {"name": name, **stored}, now)
    return row


async def change_profile(
    session: AsyncSession, actor: Actor, profile_id: UUID, name: str, profile: Profile, now: datetime
) -> ChargingProfile:
    """Stations that hold it keep what they were given. Raises InvalidProfile."""
    row = await get_profile(session, profile_id)
    before = {"name": row.name, **row.profile}
    row.name, row.profile, row.updated_at = name, _stored(checked(profile)), now
    after = {"name": name, **row.profile}
    await audit.record(session, actor, "change", "charging_profile", profile_id, before, after, now)
    return row


async def remove_profile(session: AsyncSession, actor: Actor, profile_id: UUID, now: datetime) -> None:
    row = await get_profile(session, profile_id)
    before = {"name": row.name, **row.profile}
    await audit.record(session, actor, "remove", "charging_profile", profile_id, before, None, now)
    await session.delete(row)


def profile_of(stored: Mapping[str, Any]) -> Profile:
    return msgspec.convert(stored, Profile)


def _stored(profile: Profile) -> dict[str, Any]:
    return msgspec.to_builtins(msgspec.structs.replace(profile, number=None))  # type: ignore[no-any-return]


# -- on stations ------------------------------------------------------------------------------------------------------


async def set_profile(
    session: AsyncSession,
    bus: Bus,
    actor: Actor,
    station: Station,
    evse: int,
    profile: Profile,
    running: Sequence[Running],
    now: datetime,
    *,
    transaction_id: int | None = None,
    supply: Supply = Supply(),  # noqa: B008 - immutable
    expires_in_s: float = commands.EXPIRES_IN_S,
) -> Command:
    """Give a station a profile; one of a session names the transaction running on the evse (errata 3.41, §5.16).

    A station that takes only the other unit gets the same limits in it. Raises InvalidProfile.
    """
    checked_place(checked(profile), evse)
    profile = await _in_its_unit(session, station.id, profile, supply)
    if profile.purpose == SESSION and transaction_id is None:
        transaction_id = next((item.transaction_id for item in running if item.evse == evse), None)
    number = await store.number_at(session, station.id, evse, profile.purpose, profile.stack_level)
    profile = msgspec.structs.replace(profile, number=number or await store.new_number(session))
    wish = SetChargingProfile(evse, profile, transaction_id if profile.purpose == SESSION else None)
    return await commands.place(
        session, bus, actor, station, "set-charging-profile", wish, now=now, expires_in_s=expires_in_s
    )


async def _in_its_unit(session: AsyncSession, station_id: int, profile: Profile, supply: Supply) -> Profile:
    named = await store.key(session, station_id, "ChargingScheduleAllowedChargingRateUnit")
    allowed = {_UNITS[word.strip()] for word in (named or "").split(",") if word.strip() in _UNITS}
    if not allowed or profile.unit in allowed:
        return profile
    return convert_profile(profile, allowed.pop(), supply)


async def prepared_start(session: AsyncSession, station: Station, start: Start) -> Start:
    """A start with its profile as it goes to the station: from the catalogue, with a number of its own."""
    profile = start.charging_profile
    if start.charging_profile_id is not None:
        profile = profile_of((await get_profile(session, start.charging_profile_id)).profile)
        if profile.purpose != SESSION:
            raise WrongPurpose(field="charging_profile_id")
    if profile is None:
        return start
    profile = await _in_its_unit(session, station.id, profile, Supply())
    number = await store.number_at(session, station.id, start.evse or 0, profile.purpose, profile.stack_level)
    profile = msgspec.structs.replace(profile, number=number or await store.new_number(session))
    return msgspec.structs.replace(start, charging_profile=profile, charging_profile_id=None)


async def clear_profiles(
    session: AsyncSession, bus: Bus, actor: Actor, station: Station, wish: ClearChargingProfile, now: datetime
) -> Command:
    """Remove what the filter says from the station."""
    return await commands.place(session, bus, actor, station, "clear-charging-profile", wish, now=now)


async def installed(session: AsyncSession, station_id: int, running: Sequence[Running]) -> list[InstalledProfile]:
    """What the station holds, as far as we know; a session profile ends with its session (§3.13.1)."""
    return [row for row in await store.installed(session, station_id) if _in_force(row, running)]


def _in_force(row: InstalledProfile, running: Sequence[Running]) -> bool:
    if row.purpose != SESSION:
        return True
    here = [item for item in running if item.evse == row.evse]
    if row.transaction_id is None:
        return any(item.received_at >= row.installed_at for item in here)
    return any(item.transaction_id == row.transaction_id for item in here)


# -- composite schedules ----------------------------------------------------------------------------------------------


async def ask_schedule(
    session: AsyncSession,
    bus: Bus,
    actor: Actor,
    station: Station,
    wish: GetCompositeSchedule,
    now: datetime,
) -> Command:
    return await commands.place(session, bus, actor, station, "get-composite-schedule", wish, now=now)


async def compare(
    session: AsyncSession,
    station: Station,
    wish: GetCompositeSchedule,
    running: Sequence[Running],
    now: datetime,
    command_id: UUID | None = None,
    supply: Supply = Supply(),  # noqa: B008 - immutable
) -> Comparison:
    """Our composite schedule; with the answer to `command_id`, where there is one, beside it."""
    reported = await store.reported(session, station.id, wish.evse) if command_id is not None else None
    if reported is not None and reported.command_id != command_id:
        reported = None
    unit: Unit = "A" if (reported.unit if reported is not None and reported.unit else wish.unit) == "A" else "W"
    start = reported.start_at if reported is not None and reported.start_at is not None else now
    placed = [Placed(row.evse, profile_of(row.profile)) for row in await installed(session, station.id, running)]
    since = next((item.started_at for item in running if item.evse == wish.evse), None)
    ours = composite(placed, wish.evse, start, wish.duration_s, unit, supply=supply, charging_since=since)
    theirs = [Interval(*item) for item in (reported.periods or [])] if reported is not None else []
    return Comparison(start, wish.duration_s, unit, ours, reported, exceeded(ours, theirs, wish.duration_s))
