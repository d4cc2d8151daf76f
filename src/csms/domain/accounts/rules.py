"""Who somebody is and what they may do."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """What somebody is here for."""

    ADMINISTRATOR = "administrator"
    VIEWER = "viewer"


class Right(StrEnum):
    """What a role allows."""

    READ = "read"
    CHANGE = "change"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.ADMINISTRATOR: frozenset(Right),
    Role.VIEWER: frozenset({Right.READ}),
}


def may(role: str, right: Right) -> bool:
    """Whether the role allows it; a role nobody knows allows nothing."""
    return role in RIGHTS and right in RIGHTS[Role(role)]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: a `user`, an `api_key` or the `system` itself.

    `handle` tells actors of the same name apart: a user's e-mail address, a key's first characters.
    """

    kind: str
    id: UUID | None
    name: str
    role: str
    handle: str = ""
    web_session_id: UUID | None = None

    @property
    def label(self) -> str:
        """How the audit trail names this actor."""
        return f"{self.name} <{self.handle}>" if self.handle else self.name


SYSTEM = Actor("system", None, "system", Role.ADMINISTRATOR)
COMMAND_LINE = Actor("system", None, "command line", Role.ADMINISTRATOR)
