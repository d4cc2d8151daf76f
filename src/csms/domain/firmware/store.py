"""Every query on files, images, jobs and campaigns."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.commands.unanswered import unanswered
from csms.domain.firmware.model import (
    FIRMWARE,
    CampaignStation,
    FirmwareCampaign,
    FirmwareImage,
    StationJob,
    StoredFile,
)
from csms.domain.firmware.rules import ENDED, INSTALLING, Progress
from csms.domain.firmware.views import FileFilter, FileView, ImageView, JobFilter, JobView, MemberView
from csms.domain.stations.listing import read_keys
from csms.domain.stations.model import Link, Station
from csms.kit.paging import Slice

JOBS = {"id": StationJob.id, "created_at": StationJob.created_at, "state": StationJob.state,
        "family": StationJob.family}  # fmt: skip
FILES = {"created_at": StoredFile.created_at, "name": StoredFile.name, "size": StoredFile.size}
IMAGES = {"created_at": FirmwareImage.created_at, "version": FirmwareImage.version}
CAMPAIGNS = {"created_at": FirmwareCampaign.created_at, "name": FirmwareCampaign.name, "state": FirmwareCampaign.state}
_AT_WORK: Final = select(FirmwareCampaign.id).where(
    or_(
        FirmwareCampaign.state.in_(("running", "paused", "stopped")),
        (FirmwareCampaign.state == "scheduled") & (FirmwareCampaign.starts_at <= bindparam("now")),
    )
)


def _job_query() -> Any:
    file = select(StoredFile.id).where(StoredFile.job_id == StationJob.id).order_by(StoredFile.created_at.desc())
    return select(StationJob, Station.identity, file.limit(1).scalar_subquery()).join(
        Station, Station.id == StationJob.station_id
    )


async def find_job(session: AsyncSession, uid: UUID) -> JobView | None:
    query = _job_query().where(StationJob.uid == uid).execution_options(populate_existing=True)
    row = (await session.execute(query)).first()
    return JobView(*row) if row is not None else None


async def page_jobs(session: AsyncSession, asked: JobFilter, wanted: Slice) -> tuple[list[JobView], int]:
    matching = select(StationJob.id).where(*_job_conditions(asked))
    keys, total = await read_keys(session, matching, StationJob.id, JOBS, wanted)
    rows = await session.execute(_job_query().where(StationJob.id.in_(keys)))
    by_key = {row[0].id: JobView(*row) for row in rows}
    return [by_key[key] for key in keys if key in by_key], total


def _job_conditions(asked: JobFilter) -> Iterator[ColumnElement[bool]]:
    exact = {
        StationJob.station_id: asked.station_id,
        StationJob.family: asked.family,
        StationJob.state: asked.state,
        StationJob.open: asked.open,
    }
    for column, value in exact.items():
        if value is not None:
            yield column == value


async def supersede(session: AsyncSession, station_id: int, family: str, now: datetime) -> None:
    """A station does one upload, or one update, at a time: a new one ends what was open."""
    old = update(StationJob).where(StationJob.station_id == station_id, StationJob.family == family, StationJob.open)
    await session.execute(
        old.where(StationJob.state.in_(ENDED))
        .values(open=False, ended_at=StationJob.status_at)
        .execution_options(synchronize_session=False)
    )
    await session.execute(
        old.values(open=False, state="superseded", ended_at=now).execution_options(synchronize_session=False)
    )


async def any_to_end(session: AsyncSession, now: datetime) -> bool:
    return (await session.scalar(_any_to_end(), {"now": now})) is not None


@cache
def _any_to_end() -> Select[int]:
    over = or_(
        StationJob.state.in_(ENDED),
        StationJob.expires_at <= bindparam("now"),
        unanswered(StationJob.command_id) & (StationJob.state == "requested"),
        _booted_into(),
    )
    query = select(StationJob.id).join(Station, Station.id == StationJob.station_id)
    return query.where(StationJob.open, over).limit(1)


def _booted_into() -> ColumnElement[bool]:
    """The station booted with the wanted version after it began to install it."""
    return (
        (StationJob.family == FIRMWARE)
        & StationJob.state.in_(INSTALLING)
        & (Station.booted_at > StationJob.status_at)
        & (Station.firmware_version == StationJob.wanted_version)
    )


async def end_jobs(session: AsyncSession, now: datetime) -> None:
    """Close what has ended: by its own last status, by a boot with the wanted version, without an answer, by time."""
    lost = update(StationJob).where(StationJob.open, StationJob.state == "requested", unanswered(StationJob.command_id))
    await _run(session, lost.values(state="no_answer", status_at=now))
    booted = select(StationJob.id).join(Station, Station.id == StationJob.station_id).where(StationJob.open)
    ids = (await session.scalars(booted.where(_booted_into()))).all()
    await _run(session, update(StationJob).where(StationJob.id.in_(ids)).values(state="installed", status_at=now))
    late = update(StationJob).where(StationJob.open, StationJob.state.not_in(ENDED), StationJob.expires_at <= now)
    await _run(session, late.values(state="timed_out", status_at=now))
    over = update(StationJob).where(StationJob.open, StationJob.state.in_(ENDED))
    await _run(session, over.values(open=False, ended_at=func.coalesce(StationJob.status_at, now)))


async def confirm(session: AsyncSession, now: datetime) -> None:
    """Installed jobs whose station has meanwhile booted with the wanted version."""
    query = (
        select(StationJob.id)
        .join(Station, Station.id == StationJob.station_id)
        .where(
            StationJob.family == FIRMWARE,
            StationJob.state == "installed",
            StationJob.confirmed_at.is_(None),
            StationJob.wanted_version == Station.firmware_version,
            Station.booted_at >= StationJob.created_at,
        )
    )
    ids = (await session.scalars(query.limit(500))).all()
    if ids:
        await _run(session, update(StationJob).where(StationJob.id.in_(ids)).values(confirmed_at=now))


async def _run(session: AsyncSession, statement: Any) -> None:
    await session.execute(statement.execution_options(synchronize_session=False))


async def count_uploads(session: AsyncSession, job_id: int) -> int:
    query = select(func.count()).select_from(StoredFile).where(StoredFile.job_id == job_id)
    return await session.scalar(query) or 0


# -- files and images -------------------------------------------------------------------------------------------------


async def find_file(session: AsyncSession, file_id: UUID) -> FileView | None:
    query = select(StoredFile, Station.identity).outerjoin(Station, Station.id == StoredFile.station_id)
    row = (await session.execute(query.where(StoredFile.id == file_id))).first()
    return FileView(*row) if row is not None else None


async def page_files(session: AsyncSession, asked: FileFilter, wanted: Slice) -> tuple[list[FileView], int]:
    matching = select(StoredFile.id)
    if asked.station_id is not None:
        matching = matching.where(StoredFile.station_id == asked.station_id)
    if asked.kind is not None:
        matching = matching.where(StoredFile.kind == asked.kind)
    keys, total = await read_keys(session, matching, StoredFile.id, FILES, wanted)
    query = select(StoredFile, Station.identity).outerjoin(Station, Station.id == StoredFile.station_id)
    rows = await session.execute(query.where(StoredFile.id.in_(keys)))
    by_key = {file.id: FileView(file, identity) for file, identity in rows}
    return [by_key[key] for key in keys if key in by_key], total


async def find_image(session: AsyncSession, image_id: UUID) -> ImageView | None:
    query = select(FirmwareImage, StoredFile).join(StoredFile, StoredFile.id == FirmwareImage.file_id)
    row = (await session.execute(query.where(FirmwareImage.id == image_id))).first()
    return ImageView(*row) if row is not None else None


async def page_images(session: AsyncSession, wanted: Slice) -> tuple[list[ImageView], int]:
    keys, total = await read_keys(session, select(FirmwareImage.id), FirmwareImage.id, IMAGES, wanted)
    query = select(FirmwareImage, StoredFile).join(StoredFile, StoredFile.id == FirmwareImage.file_id)
    by_key = {row[0].id: ImageView(*row) for row in await session.execute(query.where(FirmwareImage.id.in_(keys)))}
    return [by_key[key] for key in keys if key in by_key], total


# -- campaigns --------------------------------------------------------------------------------------------------------


async def find_campaign(session: AsyncSession, campaign_id: UUID, *, hold: bool = False) -> FirmwareCampaign | None:
    """`hold` it against others until the unit of work ends."""
    query = select(FirmwareCampaign).where(FirmwareCampaign.id == campaign_id)
    return await session.scalar(query.with_for_update() if hold else query)


async def page_campaigns(session: AsyncSession, wanted: Slice) -> tuple[list[FirmwareCampaign], int]:
    keys, total = await read_keys(session, select(FirmwareCampaign.id), FirmwareCampaign.id, CAMPAIGNS, wanted)
    rows = await session.scalars(select(FirmwareCampaign).where(FirmwareCampaign.id.in_(keys)))
    by_key = {row.id: row for row in rows}
    return [by_key[key] for key in keys if key in by_key], total


async def campaigns_at_work(session: AsyncSession, now: datetime) -> Sequence[UUID]:
    return (await session.scalars(_AT_WORK, {"now": now})).all()


async def image_in_campaign(session: AsyncSession, image_id: UUID) -> bool:
    query = select(FirmwareCampaign.id).where(FirmwareCampaign.image_id == image_id).limit(1)
    return (await session.scalar(query)) is not None


async def add_members(session: AsyncSession, campaign_id: UUID, ids: Sequence[int], now: datetime) -> None:
    rows = [
        {"campaign_id": campaign_id, "station_id": id_, "state": "waiting", "attempts": 0, "updated_at": now}
        for id_ in ids
    ]
    await session.execute(insert(CampaignStation), rows)


async def progress(session: AsyncSession, campaign_ids: Sequence[UUID]) -> dict[UUID, Progress]:
    query = (
        select(CampaignStation.campaign_id, CampaignStation.state, func.count())
        .where(CampaignStation.campaign_id.in_(campaign_ids))
        .group_by(CampaignStation.campaign_id, CampaignStation.state)
    )
    counts: dict[UUID, dict[str, int]] = {id_: {} for id_ in campaign_ids}
    for campaign_id, state, count in await session.execute(query):
        counts[campaign_id][state] = count
    return {id_: Progress(*(found.get(name, 0) for name in Progress._fields)) for id_, found in counts.items()}


async def members(
    session: AsyncSession, campaign_id: UUID, *, state: str | None = None, limit: int = 100_000
) -> list[MemberView]:
    query = (
        select(CampaignStation, Station.identity, Station.firmware_version, StationJob.uid, StationJob.state)
        .join(Station, Station.id == CampaignStation.station_id)
        .outerjoin(StationJob, StationJob.id == CampaignStation.job_id)
        .where(CampaignStation.campaign_id == campaign_id)
        .order_by(Station.identity)
        .limit(limit)
    )
    if state is not None:
        query = query.where(CampaignStation.state == state)
    return [MemberView(*row) for row in await session.execute(query)]


async def next_members(session: AsyncSession, campaign_id: UUID, count: int) -> Sequence[CampaignStation]:
    """Waiting stations that are online, those with fewer attempts first."""
    query = (
        select(CampaignStation)
        .join(Link, Link.station_id == CampaignStation.station_id)
        .where(CampaignStation.campaign_id == campaign_id, CampaignStation.state == "waiting", Link.online)
        .order_by(CampaignStation.attempts, CampaignStation.station_id)
        .limit(count)
    )
    return (await session.scalars(query)).all()
