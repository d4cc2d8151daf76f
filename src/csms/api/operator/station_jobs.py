"""Diagnostics, logs and firmware of stations: what was asked, what came of it, and the files."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import Field, StringConstraints
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from csms.api.context import ApiContext, Context
from csms.api.operator.commands import Wait
from csms.api.operator.times import StationIdentity
from csms.api.paging import PageOut, slice_of
from csms.api.rights import MayMaintain, MayReadMaintenance
from csms.api.routing import router
from csms.api.schemas import Body, Out, Time
from csms.api.stored import on_disk
from csms.domain.commands import service as commands
from csms.domain.firmware import images, jobs
from csms.domain.firmware.errors import InvalidLocation
from csms.domain.firmware.jobs import Stretch, Transfer
from csms.domain.firmware.views import FileFilter, FileView, JobFilter, JobView
from csms.domain.stations.verbs import stations
from csms.kit.paging import Slice

station_jobs = router("/station-jobs", "Diagnostics and logs")
job_placing = router("/stations", "Diagnostics and logs")
files = router("/files", "Diagnostics and logs")

Location = Annotated[
    str,
    StringConstraints(max_length=512),
    Field(description="where else to (http, https, ftp, ftps, sftp); without it our own file store"),
]
Retries = Annotated[int, Field(ge=0, le=100)]
Seconds = Annotated[int, Field(ge=0, le=86_400)]


class TransferBody(Body):
    location: Location | None = None
    retries: Retries | None = None
    retry_interval_s: Seconds | None = None


class DiagnosticsIn(TransferBody):
    since: Time | None = None
    until: Time | None = None


class LogIn(DiagnosticsIn):
    kind: Literal["diagnostics", "security"]


class FirmwareIn(TransferBody):
    """An image of ours, or a location; `signed` sends the image's signature along."""

    image_id: UUID | None = None
    retrieve_at: Time | None = None
    signed: bool = False
    install_at: Time | None = Field(default=None, description="of a signed firmware")


class JobOut(Out):
    id: UUID
    number: int = Field(description="the request id the station knows it by")
    station: str
    family: Literal["diagnostics", "log", "firmware"]
    action: str
    state: str = Field(description="requested, accepted, then what the station reports, up to its end")
    open: bool
    answer: str | None
    file_name: str | None
    location: str | None = Field(description="null: our own file store")
    file_id: UUID | None = Field(description="what the station uploaded")
    image_id: UUID | None
    wanted_version: str | None
    confirmed_at: datetime | None = Field(description="when a BootNotification named the wanted version")
    command_id: UUID | None
    requested_by: str
    created_at: datetime
    expires_at: datetime
    status_at: datetime | None
    ended_at: datetime | None


class FileOut(Out):
    id: UUID
    kind: str
    name: str
    content_type: str
    size: int
    sha256: str
    station: str | None
    created_at: datetime


def base_url(request: Request, context: ApiContext) -> str:
    """How stations reach us over HTTP: the public URL, or the address that was asked just now."""
    return context.settings.public_url or str(request.base_url).rstrip("/")


def show_job(view: JobView) -> JobOut:
    row = view.job
    columns = {name: getattr(row, name) for name in JobOut.model_fields if hasattr(row, name)}
    own = {"id": row.uid, "number": row.id, "station": view.identity, "file_id": view.file_id}
    return JobOut(**(columns | own))


def _show_file(view: FileView) -> FileOut:
    columns = {name: getattr(view.file, name) for name in FileOut.model_fields if name != "station"}
    return FileOut(**columns, station=view.identity)


async def _answered(context: ApiContext, uid: UUID, command_id: UUID | None, wait_s: float) -> JobOut:
    if command_id is not None and wait_s > 0:
        await commands.wait_until_settled(context.database, context.bus, command_id, wait_s, context.leaving.is_set)
        await jobs.due(context.database, context.clock.now())
    async with context.database.view() as session:
        return show_job(await jobs.get_job(session, uid))


@job_placing.post("/{identity}/diagnostics", status_code=201)
async def ask_diagnostics(
    request: Request, actor: MayMaintain, context: Context, identity: str, body: DiagnosticsIn, wait: Wait = 0
) -> JobOut:
    """Ask the station for its diagnostics (GetDiagnostics)."""
    how = Transfer(base_url(request, context), body.location, body.retries, body.retry_interval_s)
    what = Stretch(body.since, body.until)
    async with context.database.unit() as session:
        station = await stations.get_station(session, identity)
        job = await jobs.ask_diagnostics(session, context.bus, actor, station, how, what, context.clock.now())
    return await _answered(context, job.uid, job.command_id, wait)


@job_placing.post("/{identity}/logs", status_code=201)
async def ask_log(
    request: Request, actor: MayMaintain, context: Context, identity: str, body: LogIn, wait: Wait = 0
) -> JobOut:
    """Ask the station for its diagnostics or security log (GetLog, security extension)."""
    how = Transfer(base_url(request, context), body.location, body.retries, body.retry_interval_s)
    what = Stretch(body.since, body.until)
    async with context.database.unit() as session:
        station = await stations.get_station(session, identity)
        now = context.clock.now()
        job = await jobs.ask_log(session, context.bus, actor, station, body.kind, how, what, now)
    return await _answered(context, job.uid, job.command_id, wait)


@job_placing.post("/{identity}/firmware", status_code=201)
async def give_firmware(
    request: Request, actor: MayMaintain, context: Context, identity: str, body: FirmwareIn, wait: Wait = 0
) -> JobOut:
    """Give the station a firmware (UpdateFirmware, or SignedUpdateFirmware of the security extension)."""
    how = Transfer(base_url(request, context), body.location, body.retries, body.retry_interval_s)
    async with context.database.unit() as session:
        station = await stations.get_station(session, identity)
        if body.image_id is None and body.location is None:
            raise InvalidLocation("Give an image or a location.", field="image_id")
        image = await images.get_image(session, body.image_id) if body.image_id is not None else None
        job = await jobs.give_firmware(
            session,
            context.bus,
            actor,
            station,
            image,
            how,
            body.retrieve_at,
            context.clock.now(),
            signed=body.signed,
            install_at=body.install_at,
        )
    return await _answered(context, job.uid, job.command_id, wait)


@station_jobs.get("")
async def list_station_jobs(
    _: MayReadMaintenance,
    context: Context,
    part: Annotated[Slice, slice_of("id", "created_at", "state", "family", default="-id")],
    station: StationIdentity = None,
    family: Literal["diagnostics", "log", "firmware"] | None = None,
    state: Annotated[str | None, Query(max_length=50)] = None,
    open: bool | None = None,  # noqa: A002 - the field's name
) -> PageOut[JobOut]:
    async with context.database.view() as session:
        asked = JobFilter(await stations.station_id(session, station), family, state, open)
        return PageOut.of(await jobs.list_jobs(session, asked, part), show_job)


@station_jobs.get("/{job_id}")
async def get_station_job(_: MayReadMaintenance, context: Context, job_id: UUID) -> JobOut:
    async with context.database.view() as session:
        return show_job(await jobs.get_job(session, job_id))


@files.get("")
async def list_files(
    _: MayReadMaintenance,
    context: Context,
    part: Annotated[Slice, slice_of("created_at", "name", "size", default="-created_at")],
    station: StationIdentity = None,
    kind: Annotated[str | None, Query(max_length=50)] = None,
) -> PageOut[FileOut]:
    """What stations uploaded, and firmware images."""
    async with context.database.view() as session:
        asked = FileFilter(await stations.station_id(session, station), kind)
        return PageOut.of(await images.list_files(session, asked, part), _show_file)


@files.get("/{file_id}")
async def get_file(_: MayReadMaintenance, context: Context, file_id: UUID) -> FileOut:
    async with context.database.view() as session:
        return _show_file(await images.get_file(session, file_id))


@files.get("/{file_id}/content", response_class=Response)
async def download_file(_: MayReadMaintenance, context: Context, file_id: UUID) -> Response:
    async with context.database.view() as session:
        view = await images.get_file(session, file_id)
    # Always as a download of bytes: what a station uploads must not become a page of ours.
    path = await on_disk(context, file_id)
    return FileResponse(path, filename=view.file.name, media_type="application/octet-stream")
