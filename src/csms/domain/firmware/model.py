"""Stored files, firmware images, jobs that move a file, campaigns over many stations."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from csms.kit.tables import AutoId, Base, BigInt

DIAGNOSTICS = "diagnostics"
LOG = "log"
FIRMWARE = "firmware"
IMAGE = "image"  # the kind of a stored file that is no station's


class StoredFile(Base):
    """A file in the file store under its id: a firmware image, or what a station uploaded for a job."""

    __tablename__ = "stored_files"
    __table_args__ = (Index(None, "station_id", "created_at"), Index(None, "job_id"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    content_type: Mapped[str]
    size: Mapped[int] = mapped_column(BigInt)
    sha256: Mapped[str]
    station_id: Mapped[int | None] = mapped_column(ForeignKey("stations.id", ondelete="SET NULL"))
    job_id: Mapped[int | None] = mapped_column(BigInt)
    created_at: Mapped[datetime]


class FirmwareImage(Base):
    """A firmware file; `version` is what stations report once it runs.

    With the maker's certificate (PEM) and signature (base64) it can be sent signed.
    """

    __tablename__ = "firmware_images"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_files.id"))
    version: Mapped[str]
    vendor: Mapped[str | None]
    model: Mapped[str | None]
    signing_certificate: Mapped[str | None]
    signature: Mapped[str | None]
    created_at: Mapped[datetime]


class StationJob(Base):
    """An upload asked of a station (`family` diagnostics or log) or a firmware it was given.

    `id` is also the request id it may name. `state` follows the station: requested, accepted, then what it reports
    (uploading, downloaded, installing, …) up to an end (`rules.SUCCEEDED`, `rules.FAILED`). While `open`, notifications without
    a request id count for it; a station has one open job a family. `location` is where else the file goes or comes from; our
    own address ends with a secret of which only the hash is kept. `confirmed_at`: a BootNotification named the wanted version.
    """

    __tablename__ = "station_jobs"
    __table_args__ = (
        Index(None, "station_id", "id"),
        Index(None, "command_id"),
        Index(
            "ix_station_jobs_open",
            "station_id",
            "family",
            sqlite_where=text("open"),
            postgresql_where=text("open"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("stations.id", ondelete="CASCADE"))
    family: Mapped[str]
    action: Mapped[str]
    state: Mapped[str]
    open: Mapped[bool]
    answer: Mapped[str | None]
    file_name: Mapped[str | None]
    location: Mapped[str | None]
    secret_hash: Mapped[str | None]
    image_id: Mapped[UUID | None] = mapped_column(ForeignKey("firmware_images.id", ondelete="SET NULL"))
    wanted_version: Mapped[str | None]
    confirmed_at: Mapped[datetime | None]
    command_id: Mapped[UUID | None]
    requested_by: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    status_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class FirmwareCampaign(Base):
    """A firmware image for many stations, so many at once; stops by itself when more than `stop_share` of them have failed.

    `state`: scheduled, running, paused, stopped, cancelled or finished. `base_url` is how stations reach the file store.
    """

    __tablename__ = "firmware_campaigns"
    __table_args__ = (Index(None, "state"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    image_id: Mapped[UUID] = mapped_column(ForeignKey("firmware_images.id"))
    selection: Mapped[dict[str, Any]]
    signed: Mapped[bool]
    base_url: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str | None]
    starts_at: Mapped[datetime]
    at_once: Mapped[int]
    attempts: Mapped[int]
    stop_share: Mapped[float]
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class CampaignStation(Base):
    """One station of a campaign: waiting, running, succeeded or failed, with the job it is at and why it failed."""

    __tablename__ = "campaign_stations"
    __table_args__ = (Index(None, "campaign_id", "state"),)

    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("firmware_campaigns.id", ondelete="CASCADE"), primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("stations.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str]
    attempts: Mapped[int]
    job_id: Mapped[int | None] = mapped_column(BigInt)
    reason: Mapped[str | None]
    updated_at: Mapped[datetime]
