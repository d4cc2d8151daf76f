"""What can go wrong with commands."""

from csms.kit.errors import Conflict, Invalid, NotFound


class CommandNotFound(NotFound):
    """There is no such command."""

    code = "command_not_found"


class UnknownVerb(NotFound):
    """There is no such command for stations."""

    code = "unknown_verb"


class InvalidCommand(Invalid):
    """This command's body cannot be accepted."""

    code = "invalid_command"


class StationOffline(Conflict):
    """The station is offline, so nobody could answer."""

    code = "station_offline"


class UnsealedSecret(Invalid):
    """A station's password is not sent in this way; rotate it instead."""

    code = "unsealed_secret"
