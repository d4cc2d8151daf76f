"""What can be wrong with quirks."""

from csms.kit.errors import Invalid


class UnknownRepair(Invalid):
    """There is no repair of this name."""

    code = "unknown_repair"
