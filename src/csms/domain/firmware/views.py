"""What is asked of files, jobs and campaigns, and what comes back when it is more than a row."""

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from csms.domain.firmware.model import CampaignStation, FirmwareImage, StationJob, StoredFile


class JobView(NamedTuple):
    """A job, the identity of its station, and the file that came of it."""

    job: StationJob
    identity: str
    file_id: UUID | None


class ImageView(NamedTuple):
    image: FirmwareImage
    file: StoredFile


class FileView(NamedTuple):
    """A file and the identity of the station it came from."""

    file: StoredFile
    identity: str | None


class MemberView(NamedTuple):
    """A station of a campaign, and the state of its job."""

    row: CampaignStation
    identity: str
    firmware_version: str | None
    job_uid: UUID | None
    job_state: str | None


@dataclass(frozen=True, slots=True)
class JobFilter:
    station_id: int | None = None
    family: str | None = None
    state: str | None = None
    open: bool | None = None


@dataclass(frozen=True, slots=True)
class FileFilter:
    station_id: int | None = None
    kind: str | None = None
