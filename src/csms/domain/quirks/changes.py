"""What repaired frames change in the tables."""

from datetime import datetime
from typing import NamedTuple

from csms.domain.quirks.model import StationRepair
from csms.domain.stations.model import Frame
from csms.kit.changes import Kind, writes


@writes(StationRepair, Kind.UPSERT, key=("station_id", "kind"), rank=3)
class RepairCounted(NamedTuple):
    station_id: int
    kind: str
    applied: int
    missed: int
    first_at: datetime
    last_at: datetime
    frame_id: int


@writes(Frame, Kind.UPDATE, key=("station_id", "id"), rank=1)
class FrameRepaired(NamedTuple):
    repairs: str
    station_id: int
    id: int
