"""What can go wrong with charging profiles."""

from csms.kit.errors import Invalid, NotFound


class ChargingProfileNotFound(NotFound):
    """There is no such charging profile."""

    code = "charging_profile_not_found"


class WrongPurpose(Invalid):
    """A start takes a profile with the purpose session."""

    code = "wrong_purpose"
