"""What can go wrong with reservations."""

from csms.kit.errors import Conflict, Invalid, NotFound


class ReservationNotFound(NotFound):
    """There is no such reservation."""

    code = "reservation_not_found"


class ReservationConflict(Conflict):
    """This reservation would not work; without the check it is sent all the same, and the station decides."""

    code = "reservation_conflict"


class ExpiresTooSoon(Invalid):
    """A reservation expires in the future."""

    code = "expires_too_soon"
