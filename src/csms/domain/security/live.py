"""What stations' frames and answers mean for their security: pure functions."""

from datetime import datetime
from uuid import UUID

import msgspec

from csms.domain.security.changes import (
    EventReported,
    PasswordAnswered,
    PayloadForgotten,
    ProfileAnswered,
)
from csms.domain.security.rules import fact_of, severity
from csms.kit.changes import Change
from csms.kit.facts import Fact, detail

ACCEPTED = "accepted"
REFUSED = "refused"


def reported(
    station_id: int, kind: str, at: datetime, tech_info: str | None, now: datetime, frame_id: int, changes: list[Change]
) -> None:
    """A security event; what somebody must know of is a fact of its own kind."""
    weight = severity(kind)
    changes.append(EventReported(station_id, kind, weight, at, now, tech_info, frame_id))
    said = detail(type=kind, at=at, severity=weight, tech_info=tech_info)
    changes.append(Fact(fact_of(kind), now, station_id, None, said))


def password_answered(
    station_id: int, command_id: UUID | None, *, accepted: bool, now: datetime, changes: list[Change]
) -> None:
    """From its acceptance on the new password is good, beside the old one until the station has used it."""
    if command_id is not None:
        state, settled_at = (ACCEPTED, None) if accepted else (REFUSED, now)
        changes.append(PasswordAnswered(state, settled_at, station_id, command_id))


def forget(command_id: UUID | None, shown: dict[str, str], changes: list[Change]) -> None:
    """Keep a command without the secret in it, though it is sealed: once the station has it, nobody else needs it."""
    if command_id is not None:
        changes.append(PayloadForgotten(msgspec.json.encode(shown).decode(), command_id))


def profile_answered(
    station_id: int, command_id: UUID | None, *, accepted: bool, now: datetime, changes: list[Change]
) -> None:
    """A station that accepted is expected back, with the new profile, in time."""
    if command_id is not None:
        state, settled_at = (ACCEPTED, None) if accepted else (REFUSED, now)
        changes.append(ProfileAnswered(state, settled_at, station_id, command_id))
        kind = "SecurityProfileAccepted" if accepted else "SecurityProfileRefused"
        changes.append(Fact(kind, now, station_id, None, detail(command=str(command_id))))
