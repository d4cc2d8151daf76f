"""What station frames change in the sessions' tables."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from csms.domain.sessions.model import Reading, ReviewItem, Session
from csms.kit.changes import Kind, writes


@writes(Session, Kind.INSERT, rank=2)
class NewSession(NamedTuple):
    id: int
    uid: UUID
    station_id: int
    evse: int
    connector: int
    state: str
    id_token: str
    id_token_key: str
    group_id: str | None
    authorization: str
    reservation_id: int | None
    started_at: datetime
    started_received_at: datetime
    meter_start_wh: int
    energy_wh: int
    sole: bool = False


@writes(Session, Kind.UPDATE, key=("id",), rank=3)
class SessionProgress(NamedTuple):
    energy_wh: int
    power_w: float | None
    soc_percent: float | None
    reading_at: datetime | None
    id: int


@writes(Session, Kind.UPDATE, key=("id",), rank=4)
class SessionSettled(NamedTuple):
    """Everything that changes of a session: at its end, when it goes on after all, and from then on.

    Written after all progress of the same commit, and of several in one commit the last counts.
    """

    state: str
    energy_wh: int
    power_w: float | None
    soc_percent: float | None
    reading_at: datetime | None
    meter_stop_wh: int | None
    ended_at: datetime | None
    ended_received_at: datetime | None
    ended_by: str | None
    stop_reason: str | None
    stop_id_token: str | None
    sole: bool
    id: int


@writes(Reading, Kind.INSERT, rank=5)
class NewReading(NamedTuple):
    frame_id: int
    number: int
    station_id: int
    evse: int
    session_id: int | None
    at: datetime
    context: str
    energy_wh: float | None
    power_w: float | None
    soc_percent: float | None
    samples: bytes


@writes(ReviewItem, Kind.INSERT, rank=6, if_absent=True)
class NewReviewItem(NamedTuple):
    station_id: int
    kind: str
    subject: str
    session_id: int | None
    frame_id: int
    at: datetime
    energy_wh: float | None
    detail: str
    state: str
