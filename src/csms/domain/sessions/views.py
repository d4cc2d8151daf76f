"""What is asked of sessions and the review list, and what comes back when it is more than a row."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from csms.domain.sessions.model import ReviewItem, Session
from csms.domain.stations.model import Location, Station


@dataclass(frozen=True, slots=True)
class SessionFilter:
    """`since` (inclusive) and `until` (exclusive) are about when sessions started; `id_token` compares without case."""

    station_id: int | None = None
    location_id: UUID | None = None
    state: str | None = None
    id_token: str | None = None
    authorization: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    needs_review: bool | None = None


class SessionView(NamedTuple):
    """A session and where it took place; `needs_review` when the review list has an open item about it."""

    session: Session
    station: Station
    location: Location | None
    needs_review: bool


class Totals(NamedTuple):
    """Sessions that match, how many of them are active, and their energy in Wh."""

    sessions: int
    active: int
    energy_wh: int


@dataclass(frozen=True, slots=True)
class ReviewFilter:
    state: str | None = None
    kind: str | None = None
    station_id: int | None = None
    session_id: int | None = None


class ReviewView(NamedTuple):
    """An item of the review list, its station's identity and location, and the uid of its session where it has one."""

    item: ReviewItem
    identity: str | None
    location_id: UUID | None
    session_uid: UUID | None
