"""What the security features ask of stations: configuration keys, so that their secrets are hidden like all such."""

from typing import Literal

from csms.domain.commands.verbs import Verb


class SetPassword(Verb, frozen=True):
    """Give the station its next password."""

    value: str
    key: Literal["AuthorizationKey"]


class SetSecurityProfile(Verb, frozen=True):
    """Have the station come back with a higher security profile."""

    profile: int
