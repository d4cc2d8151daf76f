"""What can go wrong with organisations, users, keys and sign-in."""

from csms.kit.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable


class OrganisationNotFound(NotFound):
    """There is no such organisation."""

    code = "organisation_not_found"


class OrganisationInUse(Conflict):
    """This organisation still has organisations, locations or users below it."""

    code = "organisation_in_use"


class OrganisationCycle(Invalid):
    """An organisation cannot stand below itself."""

    code = "organisation_cycle"


class UserNotFound(NotFound):
    """There is no such user."""

    code = "user_not_found"


class EmailTaken(Conflict):
    """Another user has this e-mail address."""

    code = "email_taken"


class LastAdministrator(Conflict):
    """This is the last administrator of everything who can sign in; make another one first."""

    code = "last_administrator"


class NoGrant(Invalid):
    """Somebody has at least one role."""

    code = "no_grant"


class AmbiguousGrant(Invalid):
    """A role holds in an organisation, at a location or everywhere: name one or neither."""

    code = "ambiguous_grant"


class BeyondReach(Forbidden):
    """This reaches beyond the organisations and locations in which you may grant roles."""

    code = "beyond_reach"


class UnusablePassword(Invalid):
    """This password cannot be used."""

    code = "unusable_password"


class UnusableEmail(Invalid):
    """This is not an e-mail address."""

    code = "unusable_email"


class ApiKeyNotFound(NotFound):
    """There is no such API key."""

    code = "api_key_not_found"


class WebSessionNotFound(NotFound):
    """There is no such web session."""

    code = "web_session_not_found"


class NotSignedIn(Forbidden):
    """Sign in first, or send an API key."""

    code = "not_signed_in"


class WrongSignIn(Forbidden):
    """This e-mail address and password do not belong together."""

    code = "wrong_sign_in"


class WrongPassword(Invalid):
    """The current password is not right."""

    code = "wrong_password"


class TooManyAttempts(Unavailable):
    """There were too many wrong passwords; wait before the next attempt."""

    code = "too_many_attempts"


class NotAllowed(Forbidden):
    """Your role does not allow this."""

    code = "not_allowed"


class PeopleOnly(Forbidden):
    """This is for a signed-in person; an API key has no password and no web sessions."""

    code = "people_only"


class SetupLinkUnknown(NotFound):
    """This set-up link is not known; use the newest one the server printed."""

    code = "setup_link_unknown"


class SetupDone(Conflict):
    """The system is already set up; sign in instead."""

    code = "setup_done"
