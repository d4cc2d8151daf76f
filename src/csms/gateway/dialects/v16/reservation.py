"""Reservation profile: what we ask, and what the answers mean (OCPP 1.6 §5.1, §5.13)."""

from typing import Any, Final

from msgspec import UNSET, Struct

from csms.domain.reservations import live as reservations
from csms.gateway.dialects.v16.words import connector_id_of, moment
from csms.gateway.turn import Learner, LiveStation, Phrase, Turn
from csms.ocpp import v16


def _reserve(_live: LiveStation, payload: dict[str, Any]) -> Struct:
    return v16.ReserveNow(
        reservation_id=payload["reservation"],
        connector_id=connector_id_of(payload["evse"]),
        id_tag=payload["id_token"],
        expiry_date=moment(payload["expires_at"]),
        parent_id_tag=payload.get("group_id") or UNSET,
    )


def _cancel(_live: LiveStation, payload: dict[str, Any]) -> Struct:
    return v16.CancelReservation(reservation_id=payload["reservation"])


def _reserved(live: LiveStation, request: v16.ReserveNow, response: v16.ReserveNowResponse, turn: Turn) -> None:
    answer = response.status.lower()
    reservations.answered(live.station.id, request.reservation_id, answer, turn.now, turn.changes)


def _cancelled(
    live: LiveStation, request: v16.CancelReservation, response: v16.CancelReservationResponse, turn: Turn
) -> None:
    answer = response.status.lower()
    reservations.cancel_answered(live.station.id, request.reservation_id, answer, turn.now, turn.changes)


VERBS: Final[dict[str, Phrase]] = {"reserve": _reserve, "cancel-reservation": _cancel}
LEARNERS: Final[dict[type[Struct], Learner]] = {v16.ReserveNow: _reserved, v16.CancelReservation: _cancelled}
