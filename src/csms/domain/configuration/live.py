"""What a station's answer to a changed key means: pure."""

from datetime import datetime
from uuid import UUID

from csms.domain.configuration.changes import RebootAwaited, WantedKeyAnswered
from csms.domain.configuration.model import REBOOT_REQUIRED
from csms.domain.stations.changes import ConfigurationReported
from csms.kit.changes import Change
from csms.kit.facts import Fact, detail


def changed(
    station_id: int,
    command_id: UUID | None,
    key: str,
    value: str,
    answer: str,
    now: datetime,
    changes: list[Change],
) -> None:
    """`answer` is accepted, rejected, reboot_required or not_supported (OCPP 1.6 §5.3)."""
    if answer == "accepted":
        changes.append(ConfigurationReported(station_id, key, value, False, True, now))
    elif answer == REBOOT_REQUIRED:
        changes.append(RebootAwaited(station_id, key, value, now))
        changes.append(Fact("RebootRequired", now, station_id, None, detail(key=key)))
    if command_id is not None:
        changes.append(WantedKeyAnswered(answer, now, station_id, command_id))
