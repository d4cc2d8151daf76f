"""What stations' frames and answers mean for reservations: pure functions."""

from datetime import datetime

from csms.domain.reservations.changes import (
    CancellationAnswered,
    ReservationAnswered,
    ReservationCancelled,
    ReservationUsed,
)
from csms.domain.reservations.model import ACCEPTED, CANCELLED, REFUSED, USED
from csms.kit.changes import Change
from csms.kit.facts import Fact, detail


def answered(station_id: int, number: int, answer: str, now: datetime, changes: list[Change]) -> None:
    """The station's word on a reservation: accepted, or why not (faulted, occupied, unavailable, rejected)."""
    state = ACCEPTED if answer == ACCEPTED else REFUSED
    changes.append(ReservationAnswered(state, answer, now, station_id, number))
    kind = "ReservationAccepted" if state == ACCEPTED else "ReservationRefused"
    changes.append(Fact(kind, now, station_id, None, detail(reservation=number, answer=answer)))


def used(station_id: int, number: int, session_id: int, now: datetime, changes: list[Change]) -> None:
    """A session began on the strength of a reservation (OCPP 1.6 §4.8); whatever we thought of it, the station held it."""
    changes.append(ReservationUsed(USED, session_id, now, station_id, number))
    changes.append(Fact("ReservationUsed", now, station_id, session_id, detail(reservation=number)))


def cancel_answered(station_id: int, number: int, answer: str, now: datetime, changes: list[Change]) -> None:
    """Cancelled only when the station says so; an unknown reservation is rejected and stays what it was."""
    changes.append(CancellationAnswered(answer, station_id, number))
    if answer == ACCEPTED:
        changes.append(ReservationCancelled(CANCELLED, now, station_id, number))
        changes.append(Fact("ReservationCancelled", now, station_id, None, detail(reservation=number)))
