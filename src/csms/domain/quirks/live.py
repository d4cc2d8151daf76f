"""What a link knows of its station's quirks: the repairs that are on, and how often each was needed."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from csms.domain.quirks.changes import FrameRepaired, RepairCounted
from csms.kit.changes import Change


class Count(NamedTuple):
    """How often a repair was applied, how often it would have been, since when, and the last time."""

    applied: int
    missed: int
    first_at: datetime


class Quirks:
    """`repairs` are on: `assigned` by an operator, or else those of the profile that `profile` names.

    The counts are a cache of what is committed, as everything a link knows.
    """

    __slots__ = ("assigned", "counts", "profile", "repairs")

    def __init__(self) -> None:
        self.assigned: tuple[str, ...] | None = None
        self.profile: str | None = None
        self.repairs: tuple[str, ...] = ()
        self.counts: dict[str, Count] = {}


def count(
    quirks: Quirks,
    kinds: Iterable[str],
    station_id: int,
    frame_id: int,
    now: datetime,
    changes: list[Change],
    *,
    applied: bool,
) -> None:
    """Count repairs of a frame: `applied` ones also stand beside the frame, the others are suggested in time."""
    kinds = tuple(dict.fromkeys(kinds))
    for kind in kinds:
        before = quirks.counts.get(kind) or Count(0, 0, now)
        after = Count(before.applied + applied, before.missed + (not applied), before.first_at)
        quirks.counts[kind] = after
        changes.append(RepairCounted(station_id, kind, after.applied, after.missed, after.first_at, now, frame_id))
    if applied and kinds:
        changes.append(FrameRepaired(",".join(kinds), station_id, frame_id))
