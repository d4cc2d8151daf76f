"""What stations' answers mean for their local lists: pure functions."""

from datetime import datetime
from uuid import UUID

from csms.domain.local_lists.changes import LocalListAnswered, LocalListVersionReported
from csms.kit.changes import Change


def sent(station_id: int, command_id: UUID | None, answer: str, now: datetime, changes: list[Change]) -> None:
    """The station took a list, or did not (accepted, failed, version_mismatch, not_supported)."""
    if command_id is not None:
        changes.append(LocalListAnswered(answer, now, station_id, command_id))


def version_reported(
    station_id: int, command_id: UUID | None, version: int, now: datetime, changes: list[Change]
) -> None:
    """0 is an empty list, -1 says that lists are not supported."""
    changes.append(LocalListVersionReported(version, now, station_id))
    if command_id is not None:
        changes.append(LocalListAnswered("version", now, station_id, command_id))
