"""Firmware images and campaigns."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import Field, StringConstraints
from starlette.requests import Request

from csms.api.context import Context
from csms.api.operator.selections import SelectionBody
from csms.api.operator.station_jobs import base_url
from csms.api.paging import PageOut, slice_of
from csms.api.rights import MayChangeCampaigns, MayChangeFirmware, MayReadCampaigns, MayReadMaintenance
from csms.api.routing import router
from csms.api.schemas import Body, Name, Out, Time
from csms.domain.firmware import campaigns as verbs
from csms.domain.firmware import images
from csms.domain.firmware.campaigns import NewCampaign
from csms.domain.firmware.images import NewImage
from csms.domain.firmware.model import FirmwareCampaign
from csms.domain.firmware.rules import Progress
from csms.domain.firmware.signing import fits
from csms.domain.firmware.views import ImageView, MemberView
from csms.kit.paging import Slice

firmware_images = router("/firmware-images", "Firmware")
firmware_campaigns = router("/firmware-campaigns", "Firmware")

FileName = Annotated[str, Query(min_length=1, max_length=100, pattern=r"^[\w.+-]+$", description="as stations see it")]
Version = Annotated[str, Query(min_length=1, max_length=50, description="as stations report it once it runs")]
Word = Annotated[str | None, Query(max_length=100)]


class ImageOut(Out):
    id: UUID
    name: str
    version: str
    vendor: str | None
    model: str | None
    size: int
    sha256: str
    signed: bool
    signature_fits: bool | None = Field(
        description="whether the signature is that of the certificate over this file (RSA-PSS or ECDSA with SHA-256)"
    )
    created_at: datetime


class SignatureIn(Body):
    """What the maker gives with a firmware (security white paper §6.7)."""

    signing_certificate: Annotated[str, StringConstraints(min_length=1, max_length=5500)] = Field(description="PEM")
    signature: Annotated[str, StringConstraints(min_length=1, max_length=800)] = Field(description="base64")


class CampaignIn(Body):
    name: Name
    image_id: UUID
    selection: SelectionBody = Field(default=SelectionBody(), description="the stations that match now")
    starts_at: Time | None = Field(default=None, description="without it at once")
    at_once: int = Field(default=5, ge=1, le=10_000, description="how many stations at a time")
    attempts: int = Field(default=1, ge=1, le=10, description="of each station, before it has failed")
    stop_share: float = Field(default=0.2, ge=0, le=1, description="the share of failed stations that is still borne")
    signed: bool = False


class ProgressOut(Out):
    waiting: int
    running: int
    succeeded: int
    failed: int


class CampaignOut(Out):
    id: UUID
    name: str
    image_id: UUID
    selection: SelectionBody
    signed: bool
    state: Literal["scheduled", "running", "paused", "stopped", "cancelled", "finished"]
    reason: str | None = Field(description="why it stopped")
    starts_at: datetime
    at_once: int
    attempts: int
    stop_share: float
    created_by: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    progress: ProgressOut


class MemberOut(Out):
    station: str
    state: Literal["waiting", "running", "succeeded", "failed"]
    attempts: int
    reason: str | None = Field(description="how the last attempt failed")
    job_id: UUID | None
    job_state: str | None
    firmware_version: str | None = Field(description="what the station last reported")
    updated_at: datetime


class RetriedOut(Out):
    stations: int


def _show_image(view: ImageView) -> ImageOut:
    image, file = view
    certificate, signature = image.signing_certificate, image.signature
    return ImageOut(
        id=image.id,
        name=file.name,
        version=image.version,
        vendor=image.vendor,
        model=image.model,
        size=file.size,
        sha256=file.sha256,
        signed=signature is not None,
        signature_fits=None if certificate is None or signature is None else fits(certificate, signature, file.sha256),
        created_at=image.created_at,
    )


def _show(row: FirmwareCampaign, progress: Progress) -> CampaignOut:
    columns: dict[str, Any] = {name: getattr(row, name) for name in CampaignOut.model_fields if hasattr(row, name)}
    own = {"selection": SelectionBody.of(row.selection), "progress": ProgressOut(**progress._asdict())}
    return CampaignOut(**(columns | own))


def _show_member(view: MemberView) -> MemberOut:
    row = view.row
    return MemberOut(
        station=view.identity,
        state=row.state,  # type: ignore[arg-type]
        attempts=row.attempts,
        reason=row.reason,
        job_id=view.job_uid,
        job_state=view.job_state,
        firmware_version=view.firmware_version,
        updated_at=row.updated_at,
    )


@firmware_images.get("")
async def list_firmware_images(
    _: MayReadMaintenance,
    context: Context,
    part: Annotated[Slice, slice_of("created_at", "version", default="-created_at")],
) -> PageOut[ImageOut]:
    async with context.database.view() as session:
        return PageOut.of(await images.list_images(session, part), _show_image)


@firmware_images.post(
    "",
    status_code=201,
    openapi_extra={"requestBody": {"required": True, "content": {"application/octet-stream": {}}}},
)
async def create_firmware_image(
    request: Request,
    actor: MayChangeFirmware,
    context: Context,
    name: FileName,
    version: Version,
    vendor: Word = None,
    model: Word = None,
) -> ImageOut:
    """Upload an image; the body is the file itself."""
    new = NewImage(name, version, vendor, model)
    now = context.clock.now()
    return _show_image(await images.add_image(context.database, context.files, actor, new, request.stream(), now))


@firmware_images.get("/{image_id}")
async def get_firmware_image(_: MayReadMaintenance, context: Context, image_id: UUID) -> ImageOut:
    async with context.database.view() as session:
        return _show_image(await images.get_image(session, image_id))


@firmware_images.put("/{image_id}/signature")
async def sign_firmware_image(
    actor: MayChangeFirmware, context: Context, image_id: UUID, body: SignatureIn
) -> ImageOut:
    now = context.clock.now()
    async with context.database.unit() as session:
        signed = await images.sign_image(session, actor, image_id, body.signing_certificate, body.signature, now)
        return _show_image(signed)


@firmware_images.delete("/{image_id}", status_code=204)
async def remove_firmware_image(actor: MayChangeFirmware, context: Context, image_id: UUID) -> None:
    async with context.database.unit() as session:
        file_id = await images.remove_image(session, actor, image_id, context.clock.now())
    await context.files.remove(file_id)


@firmware_campaigns.get("")
async def list_firmware_campaigns(
    _: MayReadCampaigns,
    context: Context,
    part: Annotated[Slice, slice_of("created_at", "name", "state", default="-created_at")],
) -> PageOut[CampaignOut]:
    async with context.database.view() as session:
        page, progress = await verbs.list_campaigns(session, part)
        return PageOut.of(page, lambda row: _show(row, progress[row.id]))


@firmware_campaigns.post("", status_code=201)
async def create_firmware_campaign(
    request: Request, actor: MayChangeCampaigns, context: Context, body: CampaignIn
) -> CampaignOut:
    """The stations are those that match now; each gets a link of its own to the image."""
    now = context.clock.now()
    new = NewCampaign(
        body.name,
        body.image_id,
        body.selection.selection(),
        base_url(request, context),
        body.starts_at or now,
        body.at_once,
        body.attempts,
        body.stop_share,
        body.signed,
    )
    async with context.database.unit() as session:
        made = await verbs.create_campaign(session, actor, new, now)
        return _show(*await verbs.get_campaign(session, made.id))


@firmware_campaigns.get("/{campaign_id}")
async def get_firmware_campaign(_: MayReadCampaigns, context: Context, campaign_id: UUID) -> CampaignOut:
    async with context.database.view() as session:
        return _show(*await verbs.get_campaign(session, campaign_id))


@firmware_campaigns.get("/{campaign_id}/stations")
async def list_stations_of_firmware_campaign(
    _: MayReadCampaigns,
    context: Context,
    campaign_id: UUID,
    state: Literal["waiting", "running", "succeeded", "failed"] | None = None,
) -> list[MemberOut]:
    async with context.database.view() as session:
        return [_show_member(view) for view in await verbs.list_members(session, campaign_id, state)]


@firmware_campaigns.post("/{campaign_id}/retry")
async def retry_firmware_campaign(actor: MayChangeCampaigns, context: Context, campaign_id: UUID) -> RetriedOut:
    """Let every station that failed try again."""
    async with context.database.unit() as session:
        return RetriedOut(stations=await verbs.retry(session, actor, campaign_id, context.clock.now()))


@firmware_campaigns.post("/{campaign_id}/{verb}")
async def turn_firmware_campaign(
    actor: MayChangeCampaigns, context: Context, campaign_id: UUID, verb: Literal["pause", "resume", "cancel"]
) -> CampaignOut:
    """Pause, resume or cancel; what stations have begun, they finish."""
    async with context.database.unit() as session:
        await verbs.turn(session, actor, campaign_id, verb, context.clock.now())
        return _show(*await verbs.get_campaign(session, campaign_id))
