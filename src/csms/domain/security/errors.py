"""What can go wrong with stations' security."""

from csms.kit.errors import Conflict


class ProfileObjection(Conflict):
    """The station would refuse this security profile, or could not come back with it."""

    code = "security_profile_objection"


class ChangeUnderWay(Conflict):
    """A change of this kind is under way; wait until the station has answered, or its command has expired."""

    code = "change_under_way"


class PasswordUncertain(Conflict):
    """The station was sent a password and did not answer: let it connect once, to see which it has, or give it one by hand."""

    code = "password_uncertain"


class NeedsPassword(Conflict):
    """A password is required for security profiles 1 and 2, and this station is open; give it one first."""

    code = "needs_password"
