"""What stations' answers change in the tables of charging profiles."""

from collections import namedtuple
from datetime import datetime
from itertools import combinations
from typing import Any, Final, NamedTuple
from uuid import UUID

from csms.domain.smart_charging.model import InstalledProfile, ReportedSchedule
from csms.kit.changes import Change, Kind, writes


@writes(InstalledProfile, Kind.UPDATE, key=("station_id", "number"), rank=4)
class ProfileReplaced(NamedTuple):
    """The one with this number gives way, wherever it was."""

    cleared_at: datetime
    station_id: int
    number: int


@writes(InstalledProfile, Kind.UPSERT, key=("station_id", "evse", "purpose", "stack_level"), rank=5)
class ProfileInstalled(NamedTuple):
    station_id: int
    evse: int
    purpose: str
    stack_level: int
    number: int
    transaction_id: int | None
    profile: str
    installed_at: datetime
    cleared_at: datetime | None


@writes(ReportedSchedule, Kind.UPSERT, key=("station_id", "evse"), rank=5)
class ScheduleReported(NamedTuple):
    station_id: int
    evse: int
    command_id: UUID | None
    status: str
    start_at: datetime | None
    duration_s: int
    unit: str | None
    periods: str | None
    reported_at: datetime


_FILTERS: Final = ("evse", "purpose", "stack_level")


def _clearing(names: tuple[str, ...]) -> type:
    kind = namedtuple("ProfilesCleared", ("cleared_at", "station_id", *names))  # type: ignore[misc]
    return writes(InstalledProfile, Kind.UPDATE, key=("station_id", *names), rank=6)(kind)


# One statement for each way to filter, as a statement's key is fixed.
_CLEARINGS: Final = {
    names: _clearing(names) for count in range(len(_FILTERS) + 1) for names in combinations(_FILTERS, count)
}


def cleared(now: datetime, station_id: int, **matching: Any) -> Change:
    """What matches everything given (evse, purpose, stack_level) is gone; nothing given: everything."""
    names = tuple(name for name in _FILTERS if matching.get(name) is not None)
    change: Change = _CLEARINGS[names](now, station_id, *(matching[name] for name in names))
    return change
