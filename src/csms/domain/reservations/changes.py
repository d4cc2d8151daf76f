"""What station frames and answers change in the reservations' table."""

from datetime import datetime
from typing import NamedTuple

from csms.domain.reservations.model import Reservation
from csms.kit.changes import Kind, writes


@writes(Reservation, Kind.UPDATE, key=("station_id", "id"), rank=5)
class ReservationAnswered(NamedTuple):
    state: str
    answer: str
    settled_at: datetime
    station_id: int
    id: int


@writes(Reservation, Kind.UPDATE, key=("station_id", "id"), rank=6)
class ReservationUsed(NamedTuple):
    state: str
    session_id: int
    ended_at: datetime
    station_id: int
    id: int


@writes(Reservation, Kind.UPDATE, key=("station_id", "id"), rank=7, only_if="reservations.state <> 'used'")
class ReservationCancelled(NamedTuple):
    """One that has been used stays so: a station that agrees to cancel it has nothing left to cancel."""

    state: str
    ended_at: datetime
    station_id: int
    id: int


@writes(Reservation, Kind.UPDATE, key=("station_id", "id"), rank=8)
class CancellationAnswered(NamedTuple):
    cancel_answer: str
    station_id: int
    id: int
