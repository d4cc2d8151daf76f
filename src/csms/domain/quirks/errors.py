"""What can be wrong with quirks."""

from csms.kit.errors import Invalid


class UnknownRepair(Invalid):
    """There is no repair of this name."""

    code = "unknown_repair"


class BadProfile(Invalid):
    """A quirk profile cannot be used."""

    code = "bad_quirk_profile"
