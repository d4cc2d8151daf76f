"""Station certificates, and what stations say is installed on them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from csms.kit.tables import Base, BigInt

REFUSED = "refused"
REQUESTED = "requested"
SENT = "sent"
INSTALLED = "installed"
REJECTED = "rejected"
FAILED = "failed"


class StationCertificate(Base):
    """A request of a station and the certificate it got for it.

    `state`: refused (`reason` says why) or requested → sent → installed, rejected by the station, or failed (no answer, so it
    may have it). It opens the door until it expires or `revoked_at`. `fingerprint` is the SHA-256 of the certificate,
    `serial_number` hexadecimal. A deleted station's certificates stay, without station, for the revocation list.
    """

    __tablename__ = "station_certificates"
    __table_args__ = (
        Index(None, "station_id", "id"),
        Index(
            "ix_station_certificates_open",
            "state",
            sqlite_where=text("state IN ('requested', 'sent')"),
            postgresql_where=text("state IN ('requested', 'sent')"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    station_id: Mapped[int | None] = mapped_column(ForeignKey("stations.id", ondelete="SET NULL"))
    identity: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str | None]
    request: Mapped[str]
    requested_at: Mapped[datetime]
    frame_id: Mapped[int] = mapped_column(BigInt)
    subject: Mapped[str | None]
    serial_number: Mapped[str | None]
    fingerprint: Mapped[str | None] = mapped_column(unique=True)
    certificate: Mapped[str | None]
    not_before: Mapped[datetime | None]
    not_after: Mapped[datetime | None] = mapped_column(index=True)
    command_id: Mapped[UUID | None]
    settled_at: Mapped[datetime | None]
    renewal_asked_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_reason: Mapped[str | None]


class InstalledCertificates(Base):
    """The certificates of one use (central_system or manufacturer) that a station last said it trusts."""

    __tablename__ = "installed_certificates"

    station_id: Mapped[int] = mapped_column(ForeignKey("stations.id", ondelete="CASCADE"), primary_key=True)
    use: Mapped[str] = mapped_column(primary_key=True)
    items: Mapped[list[Any]]
    reported_at: Mapped[datetime]
