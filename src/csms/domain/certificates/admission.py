"""What is known of certificates that stations show at the door."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from csms.domain.certificates.model import StationCertificate


class Issued(NamedTuple):
    """A certificate of ours: whose (None: of a station that was deleted), and whether it was revoked."""

    station_id: int | None
    revoked: bool


def find(connection: Connection, fingerprints: Sequence[str]) -> dict[str, Issued]:
    """The certificates of ours among these (SHA-256, hexadecimal)."""
    columns = select(StationCertificate.fingerprint, StationCertificate.station_id, StationCertificate.revoked_at)
    found = connection.execute(columns.where(StationCertificate.fingerprint.in_(fingerprints)))
    return {
        fingerprint: Issued(station_id, revoked_at is not None)
        for fingerprint, station_id, revoked_at in found
        if fingerprint is not None
    }


def revoked_since(connection: Connection, at: datetime) -> set[str]:
    """Fingerprints."""
    rows = StationCertificate
    found = connection.execute(select(rows.fingerprint).where(rows.revoked_at >= at))
    return {fingerprint for (fingerprint,) in found if fingerprint is not None}
