"""The verbs on jobs: ask for diagnostics or a log, give a firmware; what stations put and get under a job's own link."""

import hashlib
import hmac
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import quote, urlsplit
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.accounts.rules import Actor
from csms.domain.audit import service as audit
from csms.domain.commands import service as commands
from csms.domain.commands.feature_verbs import GetDiagnostics, GetLog, SignedFirmware, UpdateFirmware
from csms.domain.firmware import store
from csms.domain.firmware.errors import (
    BackwardsStretch,
    InvalidLocation,
    JobNotFound,
    NotSigned,
    TooManyFiles,
    WrongSecret,
)
from csms.domain.firmware.model import DIAGNOSTICS, FIRMWARE, LOG, StationJob, StoredFile
from csms.domain.firmware.ports import FileStore
from csms.domain.firmware.views import ImageView, JobFilter, JobView
from csms.domain.stations.model import Station
from csms.kit.bus import Bus
from csms.kit.database import Database
from csms.kit.ids import secret, uuid7
from csms.kit.paging import Page, Slice

PATH = "/station-files"
LASTS = timedelta(days=1)  # after which a job without an end is given up, and its link is not valid any more
UPLOAD_LIMIT = 200 << 20
UPLOADS_A_JOB = 10  # a station that tries again, not one that fills the disk
_SCHEMES = ("http", "https", "ftp", "ftps", "sftp")


@dataclass(frozen=True, slots=True)
class Transfer:
    """How a station should try: `location` None means our own file store at `base_url`."""

    base_url: str
    location: str | None = None
    retries: int | None = None
    retry_interval_s: int | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Which part of a log is wanted."""

    since: datetime | None = None
    until: datetime | None = None

    def check(self) -> None:
        """Raises BackwardsStretch."""
        if self.since is not None and self.until is not None and self.since > self.until:
            raise BackwardsStretch(field="since")


async def list_jobs(session: AsyncSession, asked: JobFilter, wanted: Slice) -> Page[JobView]:
    items, total = await store.page_jobs(session, asked, wanted)
    return Page(items, total, wanted.offset, wanted.limit)


async def get_job(session: AsyncSession, uid: UUID) -> JobView:
    """Raises JobNotFound."""
    view = await store.find_job(session, uid)
    if view is None:
        raise JobNotFound
    return view


async def ask_diagnostics(
    session: AsyncSession, bus: Bus, actor: Actor, station: Station, how: Transfer, what: Stretch, now: datetime
) -> StationJob:
    """GetDiagnostics: the station uploads a file of its choice (OCPP 1.6 §5.9)."""
    what.check()
    job, location = await _begin(session, actor, station, DIAGNOSTICS, DIAGNOSTICS, how, now)
    wish = GetDiagnostics(location, how.retries, how.retry_interval_s, what.since, what.until)
    return await _ask(session, bus, actor, station, job, "get-diagnostics", wish, now)


async def ask_log(
    session: AsyncSession,
    bus: Bus,
    actor: Actor,
    station: Station,
    kind: str,
    how: Transfer,
    what: Stretch,
    now: datetime,
) -> StationJob:
    """GetLog, of `kind` diagnostics or security (security white paper §5.9)."""
    what.check()
    job, location = await _begin(session, actor, station, LOG, f"{kind}_log", how, now)
    wish = GetLog(kind, job.id, location, how.retries, how.retry_interval_s, what.since, what.until)
    return await _ask(session, bus, actor, station, job, "get-log", wish, now)


async def give_firmware(
    session: AsyncSession,
    bus: Bus,
    actor: Actor,
    station: Station,
    image: ImageView | None,
    how: Transfer,
    retrieve_at: datetime | None,
    now: datetime,
    *,
    signed: bool = False,
    install_at: datetime | None = None,
) -> StationJob:
    """UpdateFirmware or SignedUpdateFirmware, from our store or from a given location (§5.19; white paper §5.21)."""
    if signed and (image is None or image.image.signature is None or image.image.signing_certificate is None):
        raise NotSigned(field="signed")
    action = "signed_firmware" if signed else "firmware"
    name = image.file.name if image is not None else None
    job, location = await _begin(session, actor, station, FIRMWARE, action, how, now, name)
    when = retrieve_at or now
    job.expires_at = max(when, now) + LASTS
    if image is not None:
        job.image_id, job.wanted_version, job.file_name = image.image.id, image.image.version, name
    wish: UpdateFirmware | SignedFirmware = UpdateFirmware(location, when, how.retries, how.retry_interval_s)
    if signed:
        assert image is not None
        signing = (image.image.signing_certificate or "", image.image.signature or "")
        wish = SignedFirmware(job.id, location, when, *signing, install_at, how.retries, how.retry_interval_s)
    verb = "signed-update-firmware" if signed else "update-firmware"
    return await _ask(session, bus, actor, station, job, verb, wish, now)


async def _begin(
    session: AsyncSession,
    actor: Actor,
    station: Station,
    family: str,
    action: str,
    how: Transfer,
    now: datetime,
    name: str | None = None,
) -> tuple[StationJob, str]:
    await store.supersede(session, station.id, family, now)
    uid, key = uuid7(now), secret()
    location = _checked(how.location) if how.location is not None else None
    own = f"{how.base_url.rstrip('/')}{PATH}/{uid}/{key}" + (f"/{quote(name)}" if name is not None else "")
    job = StationJob(
        uid=uid,
        station_id=station.id,
        family=family,
        action=action,
        state="requested",
        open=True,
        location=location,
        secret_hash=None if location is not None else _hash(key),
        requested_by=actor.label,
        created_at=now,
        expires_at=now + LASTS,
    )
    session.add(job)
    await session.flush()
    return job, location or own


def _checked(location: str) -> str:
    try:
        parts = urlsplit(location)
    except ValueError as error:
        raise InvalidLocation(field="location") from error
    if parts.scheme.lower() not in _SCHEMES or not parts.hostname or len(location) > 512:
        raise InvalidLocation(field="location")
    return location


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


async def _ask(
    session: AsyncSession,
    bus: Bus,
    actor: Actor,
    station: Station,
    job: StationJob,
    verb: str,
    wish: GetDiagnostics | GetLog | UpdateFirmware | SignedFirmware,
    now: datetime,
) -> StationJob:
    command = await commands.place(session, bus, actor, station, verb, wish, now=now)
    job.command_id = command.id
    after = {"station": station.identity, "action": job.action, "number": job.id, "version": job.wanted_version}
    await audit.record(
        session, actor, "create", "station_job", job.uid, None, after, now, location_id=station.location_id
    )
    return job


# -- under a job's own link -------------------------------------------------------------------------------------------


async def admitted(session: AsyncSession, uid: UUID, key: str, now: datetime) -> JobView:
    """The job whose link this is; raises WrongSecret also where there is no such job, or its time is over."""
    view = await store.find_job(session, uid)
    good = view is not None and view.job.secret_hash is not None
    if view is None or not good or not hmac.compare_digest(view.job.secret_hash or "", _hash(key)):
        raise WrongSecret
    if view.job.expires_at <= now:
        raise WrongSecret
    return view


async def take_upload(
    database: Database,
    files: FileStore,
    view: JobView,
    name: str,
    content_type: str,
    chunks: AsyncIterator[bytes],
    now: datetime,
) -> StoredFile:
    """Keep what the station uploads for a job; raises FileTooLarge, TooManyFiles."""
    async with database.view() as session:
        if await store.count_uploads(session, view.job.id) >= UPLOADS_A_JOB:
            raise TooManyFiles
    file_id = uuid7(now)
    kept = await files.keep(file_id, chunks, UPLOAD_LIMIT)
    row = StoredFile(
        id=file_id,
        kind=view.job.action,
        name=name[:255],
        content_type=content_type[:100],
        size=kept.size,
        sha256=kept.sha256,
        station_id=view.job.station_id,
        job_id=view.job.id,
        created_at=now,
    )
    async with database.unit() as session:
        session.add(row)
    return row


async def due(database: Database, now: datetime) -> None:
    """End the jobs that are over."""
    if not await database.look(partial(store.any_to_end, now=now)):
        return
    async with database.unit() as session:
        await store.end_jobs(session, now)
        await store.confirm(session, now)
