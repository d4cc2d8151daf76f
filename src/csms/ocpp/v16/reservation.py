"""Reservation (OCPP 1.6 §3.9, §5.1, §5.13)."""

from typing import Literal

from msgspec import UNSET, UnsetType

from csms.ocpp.protocol import Action, Sender
from csms.ocpp.v16.types import AcceptedRejected, Message, String20, Timestamp


class CancelReservation(Message, frozen=True, kw_only=True):
    reservation_id: int


class CancelReservationResponse(Message, frozen=True, kw_only=True):
    status: AcceptedRejected


class ReserveNow(Message, frozen=True, kw_only=True):
    """§6.43; connector 0 reserves any connector of the station."""

    connector_id: int
    expiry_date: Timestamp
    id_tag: String20
    reservation_id: int
    parent_id_tag: String20 | UnsetType = UNSET


class ReserveNowResponse(Message, frozen=True, kw_only=True):
    status: Literal["Accepted", "Faulted", "Occupied", "Rejected", "Unavailable"]


ACTIONS = (
    Action("CancelReservation", CancelReservation, CancelReservationResponse, Sender.CSMS),
    Action("ReserveNow", ReserveNow, ReserveNowResponse, Sender.CSMS),
)
