"""What stations get wrong and are forgiven: the repairs of their frames, and which are on."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints
from sqlalchemy.ext.asyncio import AsyncSession

from csms.api.context import Context
from csms.api.rights import MayConfigure, MayReadMessages
from csms.api.routing import router
from csms.api.schemas import Body, Out
from csms.domain.quirks import service as verbs
from csms.domain.quirks.profiles import Profiles
from csms.domain.quirks.rules import ALWAYS, REPAIRS

station_quirks = router("/stations", "Quirks")
quirk_profiles = router("/quirk-profiles", "Quirks")

RepairName = Annotated[str, StringConstraints(min_length=1, max_length=40)]


class QuirksIn(Body):
    """Exactly these repairs are on from now on; null leaves them to the profile of the station's maker again."""

    repairs: list[RepairName] | None = Field(max_length=50)


class RepairOut(Out):
    """A repair that the station's frames needed; `frame_id` is the last such frame, kept as it was received."""

    name: str
    words: str
    on: bool
    applied: int
    missed: int = Field(description="frames that it would have helped with while it was not on")
    suggested: bool = Field(description="missed three times or more, and not on")
    first_at: datetime
    last_at: datetime
    frame_id: int


class RepairsOut(Out):
    """`profile` is that of the station's maker, model and firmware; `assigned` what an operator chose instead."""

    profile: str | None
    assigned: list[str] | None
    assigned_by: str | None
    assigned_at: datetime | None
    on: list[str]
    items: list[RepairOut]


class ProfileOut(Out):
    """Patterns are shell wildcards, in lower case; the first profile that fits a station's last boot counts."""

    name: str
    vendor: str
    model: str
    firmware: str
    repairs: list[str]
    file: str | None = Field(description="of the operator's directory; absent: it comes with the program")


class TroubleOut(Out):
    file: str
    words: str = Field(description="what is wrong; what the file held before counts on")


class ProfilesOut(Out):
    """In the order in which they are looked at; `repairs` are all that a profile can name."""

    items: list[ProfileOut]
    troubles: list[TroubleOut]
    repairs: dict[str, str]


@quirk_profiles.get("")
async def list_quirk_profiles(_: MayReadMessages, context: Context) -> ProfilesOut:
    """The operator's own (`*.toml` in the directory `quirks` of the data directory, read anew when it changes), then ours."""
    return ProfilesOut(
        items=[ProfileOut.model_validate(profile) for profile in context.profiles.items()],
        troubles=[TroubleOut(file=file, words=words) for file, words in context.profiles.troubles.items()],
        repairs=REPAIRS,
    )


@station_quirks.get("/{identity}/repairs")
async def get_repairs(_: MayReadMessages, context: Context, identity: str) -> RepairsOut:
    async with context.database.view() as session:
        return await _show(session, identity, context.profiles)


@station_quirks.post("/{identity}/quirks")
async def set_quirks(actor: MayConfigure, context: Context, identity: str, body: QuirksIn) -> RepairsOut:
    """Switch repairs on or off for one station; it takes effect with its next frame."""
    async with context.database.unit() as session:
        await verbs.assign(session, context.bus, actor, identity, body.repairs, context.clock.now())
        await session.flush()
        return await _show(session, identity, context.profiles)


async def _show(session: AsyncSession, identity: str, profiles: Profiles) -> RepairsOut:
    found = await verbs.get_repairs(session, identity)
    station, assigned = found.station, found.assigned
    profile = profiles.of(station.vendor, station.model, station.firmware_version)
    by_profile = () if profile is None else profile.repairs
    on = set(by_profile if assigned is None else assigned.repairs) | ALWAYS
    return RepairsOut(
        profile=None if profile is None else profile.name,
        assigned=None if assigned is None else assigned.repairs,
        assigned_by=None if assigned is None else assigned.set_by,
        assigned_at=None if assigned is None else assigned.set_at,
        on=sorted(on),
        items=[
            RepairOut(
                name=row.kind, words=REPAIRS.get(row.kind, ""), on=row.kind in on, applied=row.applied,
                missed=row.missed, suggested=row.kind not in on and row.missed >= verbs.SUGGESTED_AFTER,
                first_at=row.first_at, last_at=row.last_at, frame_id=row.frame_id,
            )
            for row in found.counted
        ],
    )  # fmt: skip
