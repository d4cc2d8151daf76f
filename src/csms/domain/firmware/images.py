"""The verbs on stored files and firmware images."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.accounts.rules import Actor
from csms.domain.audit import service as audit
from csms.domain.firmware import store
from csms.domain.firmware.errors import EmptyImage, FileNotFound, ImageInUse, ImageNotFound
from csms.domain.firmware.model import IMAGE, FirmwareImage, StoredFile
from csms.domain.firmware.ports import FileStore
from csms.domain.firmware.signing import check_form
from csms.domain.firmware.views import FileFilter, FileView, ImageView
from csms.kit.database import Database
from csms.kit.ids import uuid7
from csms.kit.paging import Page, Slice

IMAGE_LIMIT = 1 << 30


@dataclass(frozen=True, slots=True)
class NewImage:
    """`version` as stations report it in their BootNotification once it runs."""

    name: str
    version: str
    vendor: str | None = None
    model: str | None = None


async def list_files(session: AsyncSession, asked: FileFilter, wanted: Slice) -> Page[FileView]:
    items, total = await store.page_files(session, asked, wanted)
    return Page(items, total, wanted.offset, wanted.limit)


async def get_file(session: AsyncSession, file_id: UUID) -> FileView:
    """Raises FileNotFound."""
    view = await store.find_file(session, file_id)
    if view is None:
        raise FileNotFound
    return view


async def list_images(session: AsyncSession, wanted: Slice) -> Page[ImageView]:
    items, total = await store.page_images(session, wanted)
    return Page(items, total, wanted.offset, wanted.limit)


async def get_image(session: AsyncSession, image_id: UUID) -> ImageView:
    """Raises ImageNotFound."""
    view = await store.find_image(session, image_id)
    if view is None:
        raise ImageNotFound
    return view


async def add_image(
    database: Database, files: FileStore, actor: Actor, new: NewImage, chunks: AsyncIterator[bytes], now: datetime
) -> ImageView:
    """Keep the bytes first, then say that there is an image; raises FileTooLarge, EmptyImage."""
    file_id = uuid7(now)
    kept = await files.keep(file_id, chunks, IMAGE_LIMIT)
    if not kept.size:
        await files.remove(file_id)
        raise EmptyImage
    file = StoredFile(
        id=file_id,
        kind=IMAGE,
        name=new.name,
        content_type="application/octet-stream",
        size=kept.size,
        sha256=kept.sha256,
        created_at=now,
    )
    image = FirmwareImage(
        id=uuid7(now), file_id=file_id, version=new.version, vendor=new.vendor, model=new.model, created_at=now
    )
    async with database.unit() as session:
        session.add(file)
        await session.flush()
        session.add(image)
        after = {"name": new.name, "version": new.version, "size": kept.size, "sha256": kept.sha256}
        await audit.record(session, actor, "create", "firmware_image", image.id, None, after, now)
    return ImageView(image, file)


async def sign_image(
    session: AsyncSession, actor: Actor, image_id: UUID, certificate: str, signature: str, now: datetime
) -> ImageView:
    """Keep the maker's signing certificate (PEM) and signature (base64) beside the image. Raises UnusableSignature."""
    view = await get_image(session, image_id)
    check_form(certificate, signature)
    view.image.signing_certificate, view.image.signature = certificate, signature
    await audit.record(session, actor, "sign", "firmware_image", image_id, None, _snapshot(view), now)
    return view


async def remove_image(session: AsyncSession, actor: Actor, image_id: UUID, now: datetime) -> UUID:
    """Gives the id of its file, to be removed once this is committed. Raises ImageInUse."""
    view = await get_image(session, image_id)
    if await store.image_in_campaign(session, image_id):
        raise ImageInUse
    await audit.record(session, actor, "remove", "firmware_image", image_id, _snapshot(view), None, now)
    await session.delete(view.image)
    await session.flush()
    await session.delete(view.file)
    return view.file.id


def _snapshot(view: ImageView) -> dict[str, Any]:
    return {"name": view.file.name, "version": view.image.version, "signed": view.image.signature is not None}
