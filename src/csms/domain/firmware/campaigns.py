"""The verbs on campaigns: a firmware for many stations, a few at a time."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.accounts.rules import SYSTEM, Actor
from csms.domain.audit import service as audit
from csms.domain.firmware import images, jobs, store
from csms.domain.firmware.errors import CampaignNotFound, CampaignState, NoStations, NotSigned
from csms.domain.firmware.model import CampaignStation, FirmwareCampaign, StationJob
from csms.domain.firmware.rules import FAILED, SUCCEEDED, Progress, must_stop, room
from csms.domain.firmware.views import MemberView
from csms.domain.stations.model import Station
from csms.domain.stations.selection import Selection, select_ids
from csms.kit.bus import Bus
from csms.kit.database import Database
from csms.kit.facts import FactRow
from csms.kit.ids import uuid7
from csms.kit.paging import Page, Slice

_FROM: Final = {  # what leads from which states where
    "pause": (("scheduled", "running"), "paused"),
    "resume": (("paused", "stopped"), "running"),
    "cancel": (("scheduled", "running", "paused", "stopped"), "cancelled"),
}


@dataclass(frozen=True, slots=True)
class NewCampaign:
    """`attempts` a station before it has failed; `stop_share` (0 to 1) of failed stations that is still borne."""

    name: str
    image_id: UUID
    selection: Selection
    base_url: str
    starts_at: datetime
    at_once: int = 5
    attempts: int = 1
    stop_share: float = 0.2
    signed: bool = False


async def list_campaigns(session: AsyncSession, wanted: Slice) -> tuple[Page[FirmwareCampaign], dict[UUID, Progress]]:
    items, total = await store.page_campaigns(session, wanted)
    return Page(items, total, wanted.offset, wanted.limit), await store.progress(session, [row.id for row in items])


async def get_campaign(
    session: AsyncSession, campaign_id: UUID, *, hold: bool = False
) -> tuple[FirmwareCampaign, Progress]:
    """Raises CampaignNotFound."""
    row = await store.find_campaign(session, campaign_id, hold=hold)
    if row is None:
        raise CampaignNotFound
    return row, (await store.progress(session, [campaign_id]))[campaign_id]


async def list_members(session: AsyncSession, campaign_id: UUID, state: str | None = None) -> list[MemberView]:
    """Every station of a campaign with its outcome."""
    await get_campaign(session, campaign_id)
    return await store.members(session, campaign_id, state=state)


async def create_campaign(session: AsyncSession, actor: Actor, new: NewCampaign, now: datetime) -> FirmwareCampaign:
    """The stations are those that match now. Raises NoStations, ImageNotFound, NotSigned."""
    image = await images.get_image(session, new.image_id)
    if new.signed and (image.image.signature is None or image.image.signing_certificate is None):
        raise NotSigned(field="signed")
    ids = await select_ids(session, new.selection)
    if not ids:
        raise NoStations(field="selection")
    row = FirmwareCampaign(
        id=uuid7(now),
        name=new.name,
        image_id=new.image_id,
        selection=new.selection.stored(),
        signed=new.signed,
        base_url=new.base_url,
        state="scheduled",
        starts_at=new.starts_at,
        at_once=new.at_once,
        attempts=new.attempts,
        stop_share=new.stop_share,
        created_by=actor.label,
        created_at=now,
    )
    session.add(row)
    await session.flush()
    await store.add_members(session, row.id, ids, now)
    after = {"name": new.name, "version": image.image.version, "stations": len(ids), "at_once": new.at_once}
    await audit.record(session, actor, "create", "firmware_campaign", row.id, None, after, now)
    return row


async def turn(session: AsyncSession, actor: Actor, campaign_id: UUID, verb: str, now: datetime) -> None:
    """Pause, resume or cancel. What stations have begun, they finish. Raises CampaignState.

    Who resumes a stopped one bears what has failed: it stops again with the next failure.
    """
    row, progress = await get_campaign(session, campaign_id, hold=True)
    allowed, state = _FROM[verb]
    if row.state not in allowed:
        raise CampaignState(f"A campaign that is {row.state} cannot {verb}.")
    before = row.state
    if before == "stopped" and verb == "resume":
        row.stop_share = max(row.stop_share, progress.failed / progress.total)
    row.state = "scheduled" if verb == "resume" and row.started_at is None else state
    row.reason = None
    row.ended_at = now if verb == "cancel" else None
    await audit.record(
        session, actor, verb, "firmware_campaign", campaign_id, {"state": before}, {"state": row.state}, now
    )


async def retry(session: AsyncSession, actor: Actor, campaign_id: UUID, now: datetime) -> int:
    """Let every station that failed try again; how many. Raises CampaignState for a cancelled campaign."""
    row, _ = await get_campaign(session, campaign_id, hold=True)
    if row.state == "cancelled":
        raise CampaignState("A cancelled campaign cannot retry.")
    failed = await store.members(session, campaign_id, state="failed")
    for member in failed:
        member.row.state, member.row.attempts, member.row.reason, member.row.updated_at = "waiting", 0, None, now
    if failed and row.state in ("finished", "stopped"):
        row.state, row.reason, row.ended_at = "running", None, None
    after = {"stations": len(failed)}
    await audit.record(session, actor, "retry", "firmware_campaign", campaign_id, None, after, now)
    return len(failed)


async def due(database: Database, bus: Bus, now: datetime) -> None:
    """Bring every campaign at work one step on."""
    for campaign_id in await database.look(partial(store.campaigns_at_work, now=now)):
        async with database.unit() as session:
            await _step(session, bus, campaign_id, now)


async def _step(session: AsyncSession, bus: Bus, campaign_id: UUID, now: datetime) -> None:
    row, _ = await get_campaign(session, campaign_id, hold=True)
    if row.state == "scheduled" and row.starts_at <= now:
        row.state, row.started_at = "running", now
    await _take_outcomes(session, row, now)
    await session.flush()
    progress = (await store.progress(session, [campaign_id]))[campaign_id]
    if row.state != "running":
        return
    if must_stop(progress, row.stop_share):
        row.state = "stopped"
        row.reason = f"{progress.failed} of {progress.total} stations have failed."
        _tell(session, "FirmwareCampaignStopped", row, progress, now)
    elif progress.waiting + progress.running == 0:
        row.state, row.ended_at = "finished", now
        _tell(session, "FirmwareCampaignFinished", row, progress, now)
    else:
        await _begin_next(session, bus, row, room(progress, row.at_once), now)


async def _take_outcomes(session: AsyncSession, row: FirmwareCampaign, now: datetime) -> None:
    for member in await store.members(session, row.id, state="running"):
        if member.job_state in SUCCEEDED:
            member.row.state, member.row.reason, member.row.updated_at = "succeeded", None, now
        elif member.job_state is None or member.job_state in FAILED:
            again = member.row.attempts < row.attempts
            member.row.state = "waiting" if again else "failed"
            member.row.reason, member.row.updated_at = member.job_state, now


async def _begin_next(session: AsyncSession, bus: Bus, row: FirmwareCampaign, count: int, now: datetime) -> None:
    image = await images.get_image(session, row.image_id)
    for member in await store.next_members(session, row.id, count) if count else ():
        station = await session.get(Station, member.station_id)
        assert station is not None
        how = jobs.Transfer(row.base_url)
        job = await jobs.give_firmware(session, bus, SYSTEM, station, image, how, None, now, signed=row.signed)
        _began(member, job, now)


def _began(member: CampaignStation, job: StationJob, now: datetime) -> None:
    member.state, member.job_id, member.updated_at = "running", job.id, now
    member.attempts += 1


def _tell(session: AsyncSession, kind: str, row: FirmwareCampaign, progress: Progress, now: datetime) -> None:
    said: dict[str, Any] = {"campaign": str(row.id), "name": row.name, **progress._asdict()}
    session.add(FactRow(kind=kind, at=now, detail=said))
