"""What stations' frames and answers change in the certificates' tables."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from csms.domain.certificates.model import InstalledCertificates, StationCertificate
from csms.kit.changes import Kind, writes


@writes(StationCertificate, Kind.INSERT, rank=4)
class CertificateRequested(NamedTuple):
    id: UUID
    station_id: int
    identity: str
    state: str
    reason: str | None
    request: str
    requested_at: datetime
    frame_id: int
    settled_at: datetime | None


@writes(StationCertificate, Kind.UPDATE, key=("station_id", "command_id"), rank=5)
class CertificateAnswered(NamedTuple):
    state: str
    settled_at: datetime
    station_id: int
    command_id: UUID


@writes(InstalledCertificates, Kind.UPSERT, key=("station_id", "use"), rank=5)
class InstalledReported(NamedTuple):
    station_id: int
    use: str
    items: str
    reported_at: datetime
