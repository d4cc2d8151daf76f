"""Reservations of a station: for one connector, or for any (connector 0); OCPP 1.6 §5.13."""

from dataclasses import dataclass
from datetime import datetime

from csms.simulator.clock import Timer


@dataclass(frozen=True, slots=True)
class Reservation:
    """A promise to keep `connector_id` (0: any connector) for a driver until `expires_at`."""

    reservation_id: int
    connector_id: int
    id_tag: str
    parent_id_tag: str | None
    expires_at: datetime
    timer: Timer | None = None

    def admits(self, id_tag: str, parent_id_tag: str | None) -> bool:
        """Whether the tag, or the group it belongs to, is the one that reserved."""
        if self.id_tag.lower() == id_tag.lower():
            return True
        return (
            self.parent_id_tag is not None
            and parent_id_tag is not None
            and self.parent_id_tag.lower() == parent_id_tag.lower()
        )


class Reservations:
    """All reservations of one station, by id."""

    __slots__ = ("_by_id",)

    def __init__(self) -> None:
        self._by_id: dict[int, Reservation] = {}

    def put(self, reservation: Reservation) -> None:
        """Add a reservation, or replace the one with its id."""
        self.remove(reservation.reservation_id)
        self._by_id[reservation.reservation_id] = reservation

    def remove(self, reservation_id: int) -> Reservation | None:
        reservation = self._by_id.pop(reservation_id, None)
        if reservation is not None and reservation.timer is not None:
            reservation.timer.cancel()
        return reservation

    def find(self, reservation_id: int) -> Reservation | None:
        return self._by_id.get(reservation_id)

    def of_connector(self, connector_id: int) -> list[Reservation]:
        """Those made for exactly this connector id; 0 gives those for any connector."""
        return [reservation for reservation in self._by_id.values() if reservation.connector_id == connector_id]

    def used_by(self, connector_id: int, id_tag: str, parent_id_tag: str | None) -> Reservation | None:
        """The reservation this driver would use up by starting at this connector."""
        for reservation in (*self.of_connector(connector_id), *self.of_connector(0)):
            if reservation.admits(id_tag, parent_id_tag):
                return reservation
        return None
