"""Reservation (OCPP 1.6 §5.1, §5.13)."""

from typing import Literal

from msgspec import UNSET

from csms.ocpp import v16
from csms.simulator.reservations import Reservation
from csms.simulator.station import Station

ReservationStatus = Literal["Accepted", "Faulted", "Occupied", "Rejected", "Unavailable"]


def reserve_now(station: Station, request: v16.ReserveNow) -> v16.ReserveNowResponse:
    """A reservation id that is known already replaces what it stood for."""
    remaining_s = (request.expiry_date - station.clock.now()).total_seconds()
    status = _possible(station, request)
    if status != "Accepted" or remaining_s <= 0:
        return v16.ReserveNowResponse(status=status if status != "Accepted" else "Rejected")
    station.reserve(
        Reservation(
            request.reservation_id,
            request.connector_id,
            request.id_tag,
            None if request.parent_id_tag is UNSET else request.parent_id_tag,
            request.expiry_date,
            station.after(remaining_s, lambda: _expire(station, request.reservation_id)),
        )
    )
    return v16.ReserveNowResponse(status="Accepted")


def _possible(station: Station, request: v16.ReserveNow) -> ReservationStatus:
    if not 0 <= request.connector_id <= len(station.connectors):
        return "Rejected"
    if request.connector_id == 0 and not station.configuration.flag("ReserveConnectorZeroSupported"):
        return "Rejected"
    asked = station.connectors if request.connector_id == 0 else (station.connector(request.connector_id),)
    own = station.reservations.find(request.reservation_id)
    replaced = None if own is None else own.connector_id
    free = [connector for connector in asked if connector.free or connector.connector_id == replaced]
    promised = [other for other in station.reservations.of_connector(0) if other is not own]
    if len(free) > (len(promised) if request.connector_id == 0 else 0):
        return "Accepted"
    if all(connector.fault for connector in asked) or station.main.fault:
        return "Faulted"
    return "Unavailable" if all(not connector.operative for connector in asked) else "Occupied"


def _expire(station: Station, reservation_id: int) -> None:
    reservation = station.reservations.find(reservation_id)
    if reservation is not None:
        station.end_reservation(reservation)


def cancel_reservation(station: Station, request: v16.CancelReservation) -> v16.CancelReservationResponse:
    reservation = station.reservations.find(request.reservation_id)
    if reservation is None:
        return v16.CancelReservationResponse(status="Rejected")
    station.soon(lambda: station.end_reservation(reservation))
    return v16.CancelReservationResponse(status="Accepted")
