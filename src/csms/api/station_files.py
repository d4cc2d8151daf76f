"""The stations' own door to the file store: a link with a secret for every job, to put a file or to get one."""

import mimetypes
import re
from collections.abc import AsyncIterator
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from csms.api.context import OpenContext
from csms.api.multipart import first_file
from csms.api.stored import on_disk
from csms.domain.firmware import images, jobs
from csms.domain.firmware.errors import FileNotFound, WrongSecret
from csms.domain.firmware.model import FIRMWARE

station_files = APIRouter(prefix=jobs.PATH, include_in_schema=False)

_NAME = re.compile(r"[^\w .()+-]+", re.ASCII)


@station_files.api_route("/{job_id}/{secret}", methods=["PUT", "POST"])
@station_files.api_route("/{job_id}/{secret}/{name:path}", methods=["PUT", "POST"])
async def upload(request: Request, context: OpenContext, job_id: UUID, secret: str, name: str = "") -> Response:
    """A diagnostics or log file, raw or as the first file of multipart/form-data."""
    now = context.clock.now()
    async with context.database.view() as session:
        view = await jobs.admitted(session, job_id, secret, now)
    if view.job.family == FIRMWARE:
        raise WrongSecret
    content_type = request.headers.get("content-type", "application/octet-stream")
    chunks: AsyncIterator[bytes] = request.stream()
    if content_type.lower().startswith("multipart/form-data"):
        part = await first_file(content_type, chunks)
        name, content_type, chunks = name or part.name, part.content_type, part.chunks
    name = _safe(name) or view.job.file_name or f"{view.identity}-{view.job.action}"
    file = await jobs.take_upload(context.database, context.files, view, name, content_type, chunks, now)
    return Response(status_code=201, headers={"X-File-Id": str(file.id)})


def _safe(name: str) -> str:
    """The last part of a path a station chose, without what could mean anything to a file system."""
    return _NAME.sub("_", name.rpartition("/")[2]).strip(". ")


@station_files.api_route("/{job_id}/{secret}/{name:path}", methods=["GET", "HEAD"])
async def download(context: OpenContext, job_id: UUID, secret: str, name: str) -> Response:
    """The firmware image of a job; ranges are served, so that a station can go on where it was interrupted."""
    async with context.database.view() as session:
        view = await jobs.admitted(session, job_id, secret, context.clock.now())
        if view.job.image_id is None:
            raise FileNotFound
        image = await images.get_image(session, view.job.image_id)
    path = await on_disk(context, image.file.id)
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return FileResponse(path, media_type=media_type, headers={"X-Checksum-Sha256": image.file.sha256})
