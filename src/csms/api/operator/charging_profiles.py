"""Charging profiles: the catalogue, what stations hold, and what all of it together allows."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from fastapi import Query, Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from csms.api.context import Context
from csms.api.operator.commands import CommandOut, ExpiresIn, Wait, answered
from csms.api.paging import PageOut, slice_of
from csms.api.rights import MayChangeChargingProfiles, MayLimitCharging, MayOperate, MayReadCharging
from csms.api.routing import router
from csms.api.schemas import Body, Name, Out, Time
from csms.domain.commands import service as commands
from csms.domain.commands.feature_verbs import ClearChargingProfile, GetCompositeSchedule
from csms.domain.commands.profiles import InvalidProfile, Profile
from csms.domain.sessions import service as sessions
from csms.domain.smart_charging import service as verbs
from csms.domain.smart_charging.model import ChargingProfile, InstalledProfile
from csms.domain.smart_charging.rules import Supply
from csms.domain.smart_charging.service import Comparison, Running
from csms.domain.stations.verbs import stations
from csms.kit.paging import Slice

charging_profiles = router("/charging-profiles", "Smart charging")
station_charging = router("/stations", "Smart charging")

Purpose = Literal["station_max", "session_default", "session"]
Unit = Literal["A", "W"]
Number = Annotated[int, Field(ge=0, le=2**31 - 1)]
Evse = Annotated[int, Field(ge=0, le=9_999, description="0: the whole station")]
Rate = Annotated[float, Field(ge=0, le=10_000_000, allow_inf_nan=False)]


class PeriodBody(Body):
    """From `start_s` on this limit, until the next period or the end of the schedule."""

    start_s: Annotated[int, Field(ge=0, le=366 * 86_400)]
    limit: Rate = Field(description="in the schedule's unit, at most one digit after the point; A are for each phase")
    phases: Annotated[int, Field(ge=1, le=3)] | None = None


class ProfileBody(Body):
    """Limits over time, what they are for, and when they apply (OCPP 1.6 §7.8)."""

    purpose: Purpose
    kind: Literal["absolute", "recurring", "relative"]
    stack_level: Number = 0
    unit: Unit
    periods: list[PeriodBody] = Field(min_length=1, max_length=1024)
    recurrence: Literal["daily", "weekly"] | None = None
    start_at: Time | None = Field(
        default=None, description="of an absolute schedule, or of the first run of a recurring one"
    )
    duration_s: Annotated[int, Field(ge=1, le=366 * 86_400)] | None = None
    min_rate: Rate | None = None
    valid_from: Time | None = None
    valid_to: Time | None = None

    def profile(self) -> Profile:
        try:
            return msgspec.convert(self.model_dump(), Profile)
        except msgspec.ValidationError as error:
            raise InvalidProfile(str(error), field="profile") from error

    @classmethod
    def of(cls, stored: dict[str, Any]) -> "ProfileBody":
        return cls.model_validate({name: value for name, value in stored.items() if name != "number"})


class ChargingProfileIn(Body):
    name: Name
    profile: ProfileBody


class ChargingProfileOut(Out):
    id: UUID
    name: str
    profile: ProfileBody
    created_at: datetime
    updated_at: datetime


class PlaceIn(Body):
    """A profile of the catalogue or one given here, for an evse or the station."""

    evse: Evse = 0
    charging_profile_id: UUID | None = None
    profile: ProfileBody | None = None
    transaction_id: int | None = Field(
        default=None, description="of a session profile; without it that of the session running on the evse"
    )
    voltage_v: float = Field(default=230, gt=0, le=1000, description="for a station that takes only the other unit")
    phases: int = Field(default=3, ge=1, le=3)


class ClearIn(Body):
    """A number decides alone; else what matches everything given is removed, and without anything all."""

    number: Number | None = None
    evse: Evse | None = None
    purpose: Purpose | None = None
    stack_level: Number | None = None


class InstalledOut(Out):
    """A profile that the station accepted and has not cleared since."""

    evse: int
    number: int = Field(description="what the station knows it by")
    transaction_id: int | None
    installed_at: datetime
    profile: ProfileBody


class ScheduleIn(Body):
    evse: Evse = 0
    duration_s: int = Field(default=3600, ge=1, le=7 * 86_400)
    unit: Unit | None = Field(default=None, description="without it the station chooses")
    voltage_v: float = Field(default=230, gt=0, le=1000)
    phases: int = Field(default=3, ge=1, le=3)


class IntervalOut(Out):
    start_s: int
    limit: float | None = Field(description="null: no profile limits anything")


class ExceededOut(Out):
    start_s: int
    limit: float
    reported: float


class ScheduleOut(Out):
    """What the profiles allow, as we compute it, beside what the station says."""

    start_at: datetime
    duration_s: int
    unit: Unit
    computed: list[IntervalOut]
    answer: Literal["accepted", "rejected"] | None = Field(description="null: the station has not answered")
    reported: list[IntervalOut] | None
    exceeded: list[ExceededOut] = Field(description="where the station allows more than its profiles do")
    command_id: UUID | None


def _show(row: ChargingProfile) -> ChargingProfileOut:
    columns = {name: getattr(row, name) for name in ChargingProfileOut.model_fields}
    return ChargingProfileOut(**(columns | {"profile": ProfileBody.of(row.profile)}))


def _show_installed(row: InstalledProfile) -> InstalledOut:
    columns = {name: getattr(row, name) for name in InstalledOut.model_fields}
    return InstalledOut(**(columns | {"profile": ProfileBody.of(row.profile)}))


def _show_schedule(found: Comparison, command_id: UUID | None) -> ScheduleOut:
    reported = found.reported
    periods = None if reported is None or reported.periods is None else reported.periods
    return ScheduleOut(
        start_at=found.start_at,
        duration_s=found.duration_s,
        unit=found.unit,
        computed=[IntervalOut(**item._asdict()) for item in found.computed],
        answer=None if reported is None else ("accepted" if reported.status == "accepted" else "rejected"),
        reported=None if periods is None else [IntervalOut(start_s=item[0], limit=item[1]) for item in periods],
        exceeded=[ExceededOut(**item._asdict()) for item in found.exceeded],
        command_id=command_id,
    )


async def _running(session: AsyncSession, station_id: int) -> list[Running]:
    return [
        Running(row.evse, row.id, row.started_at, row.started_received_at)
        for row in await sessions.active_sessions(session, [station_id])
    ]


@charging_profiles.get("")
async def list_charging_profiles(
    _: MayReadCharging,
    context: Context,
    part: Annotated[Slice, slice_of("name", "created_at", "updated_at", default="name")],
) -> PageOut[ChargingProfileOut]:
    async with context.database.view() as session:
        return PageOut.of(await verbs.list_profiles(session, part), _show)


@charging_profiles.post("", status_code=201)
async def create_charging_profile(
    actor: MayChangeChargingProfiles, context: Context, body: ChargingProfileIn
) -> ChargingProfileOut:
    async with context.database.unit() as session:
        made = await verbs.create_profile(session, actor, body.name, body.profile.profile(), context.clock.now())
        return _show(made)


@charging_profiles.get("/{profile_id}")
async def get_charging_profile(_: MayReadCharging, context: Context, profile_id: UUID) -> ChargingProfileOut:
    async with context.database.view() as session:
        return _show(await verbs.get_profile(session, profile_id))


@charging_profiles.put("/{profile_id}")
async def change_charging_profile(
    actor: MayChangeChargingProfiles, context: Context, profile_id: UUID, body: ChargingProfileIn
) -> ChargingProfileOut:
    """Stations that hold it keep what they were given."""
    now = context.clock.now()
    async with context.database.unit() as session:
        return _show(await verbs.change_profile(session, actor, profile_id, body.name, body.profile.profile(), now))


@charging_profiles.delete("/{profile_id}", status_code=204)
async def remove_charging_profile(actor: MayChangeChargingProfiles, context: Context, profile_id: UUID) -> None:
    async with context.database.unit() as session:
        await verbs.remove_profile(session, actor, profile_id, context.clock.now())


@station_charging.get("/{identity}/charging-profiles")
async def list_station_charging_profiles(_: MayReadCharging, context: Context, identity: str) -> list[InstalledOut]:
    """What the station holds, as far as its answers tell."""
    async with context.database.view() as session:
        station = await stations.get_station(session, identity)
        running = await _running(session, station.id)
        return [_show_installed(row) for row in await verbs.installed(session, station.id, running)]


@station_charging.post("/{identity}/charging-profiles", responses={202: {"model": CommandOut}})
async def set_station_charging_profile(
    actor: MayLimitCharging,
    context: Context,
    response: Response,
    identity: str,
    body: PlaceIn,
    wait: Wait = 0,
    expires_in: ExpiresIn = commands.EXPIRES_IN_S,
) -> CommandOut:
    """Give the station a profile. A session profile names the session that runs on the evse.

    200: the station has answered; 202: it has not yet, see Location.
    """
    if (body.profile is None) == (body.charging_profile_id is None):
        raise InvalidProfile("Give a charging profile or the id of one.", field="profile")
    async with context.database.unit() as session:
        station = await stations.get_station(session, identity)
        if body.charging_profile_id is not None:
            stored = await verbs.get_profile(session, body.charging_profile_id)
            profile = verbs.profile_of(stored.profile)
        else:
            assert body.profile is not None
            profile = body.profile.profile()
        command = await verbs.set_profile(
            session,
            context.bus,
            actor,
            station,
            body.evse,
            profile,
            await _running(session, station.id),
            context.clock.now(),
            transaction_id=body.transaction_id,
            supply=Supply(body.voltage_v, body.phases),
            expires_in_s=expires_in,
        )
    return await answered(context, response, command.id, wait)


@station_charging.post("/{identity}/charging-profiles/clear", responses={202: {"model": CommandOut}})
async def clear_station_charging_profiles(
    actor: MayLimitCharging, context: Context, response: Response, identity: str, body: ClearIn, wait: Wait = 0
) -> CommandOut:
    """Remove profiles from the station: what the filter says, no more."""
    wish = ClearChargingProfile(body.number, body.evse, body.purpose, body.stack_level)
    async with context.database.unit() as session:
        station = await stations.get_station(session, identity)
        command = await verbs.clear_profiles(session, context.bus, actor, station, wish, context.clock.now())
    return await answered(context, response, command.id, wait)


@station_charging.get("/{identity}/composite-schedule")
async def compute_composite_schedule(
    _: MayReadCharging,
    context: Context,
    identity: str,
    evse: Annotated[int, Query(ge=0, le=9_999)] = 0,
    duration_s: Annotated[int, Query(ge=1, le=7 * 86_400)] = 3600,
    unit: Unit = "W",
) -> ScheduleOut:
    """What the profiles that the station holds allow from now on, as we compute it; the station is not asked."""
    async with context.database.view() as session:
        station = await stations.get_station(session, identity)
        running = await _running(session, station.id)
        wish = GetCompositeSchedule(evse, duration_s, unit)
        return _show_schedule(await verbs.compare(session, station, wish, running, context.clock.now()), None)


@station_charging.post("/{identity}/composite-schedule")
async def ask_composite_schedule(
    actor: MayOperate, context: Context, identity: str, body: ScheduleIn, wait: Wait = 30
) -> ScheduleOut:
    """Ask the station for its composite schedule and lay ours beside it."""
    wish = GetCompositeSchedule(body.evse, body.duration_s, body.unit)
    async with context.database.unit() as session:
        station = await stations.get_station(session, identity)
        command = await verbs.ask_schedule(session, context.bus, actor, station, wish, context.clock.now())
    await commands.wait_until_settled(context.database, context.bus, command.id, wait, context.leaving.is_set)
    async with context.database.view() as session:
        running = await _running(session, station.id)
        supply = Supply(body.voltage_v, body.phases)
        found = await verbs.compare(session, station, wish, running, context.clock.now(), command.id, supply)
        return _show_schedule(found, command.id)
