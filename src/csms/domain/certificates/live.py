"""What stations' frames and answers mean for certificates: pure functions."""

from datetime import datetime
from uuid import UUID

import msgspec

from csms.domain.certificates.changes import CertificateAnswered, CertificateRequested, InstalledReported
from csms.domain.certificates.model import INSTALLED, REFUSED, REJECTED, REQUESTED
from csms.domain.certificates.rules import Owner, objection
from csms.domain.stations.live import StationState
from csms.kit.changes import Change
from csms.kit.facts import Fact, detail
from csms.kit.ids import uuid7_of


def requested(
    station: StationState, request: str, organisation: str | None, now: datetime, frame_id: int, changes: list[Change]
) -> bool:
    """Whether the request can be signed; it will be soon, and the station gets its certificate (A02, A03)."""
    reason = objection(request, Owner(station.identity, station.serial_number, organisation))
    state = REQUESTED if reason is None else REFUSED
    uid = uuid7_of(now, station.id, frame_id)
    settled_at = None if reason is None else now
    changes.append(
        CertificateRequested(uid, station.id, station.identity, state, reason, request, now, frame_id, settled_at)
    )
    kind = "CertificateRequested" if reason is None else "CertificateRequestRefused"
    changes.append(Fact(kind, now, station.id, None, detail(certificate=str(uid), reason=reason)))
    return reason is None


def answered(station_id: int, command_id: UUID | None, accepted: bool, now: datetime, changes: list[Change]) -> None:
    """The station took its certificate, or found it wanting."""
    if command_id is None:
        return
    changes.append(CertificateAnswered(INSTALLED if accepted else REJECTED, now, station_id, command_id))
    kind = "CertificateInstalled" if accepted else "CertificateRejected"
    changes.append(Fact(kind, now, station_id, None, detail(command=str(command_id))))


def reported(station_id: int, use: str, items: list[dict[str, str]], now: datetime, changes: list[Change]) -> None:
    """Which root certificates a station trusts."""
    changes.append(InstalledReported(station_id, use, msgspec.json.encode(items).decode(), now))
