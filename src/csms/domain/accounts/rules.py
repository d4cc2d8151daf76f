"""Who somebody is, what they may do, and where."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID


class Role(StrEnum):
    """What somebody is here for; the foremost first."""

    ADMINISTRATOR = "administrator"
    OPERATOR = "operator"
    TECHNICIAN = "technician"
    SITE_HOST = "site_host"
    VIEWER = "viewer"


class Right(StrEnum):
    """What a request takes; `docs/rights.md` shows which role has which."""

    STATIONS_READ = "stations.read"
    STATIONS_WRITE = "stations.write"
    LOCATIONS_WRITE = "locations.write"
    ORGANISATIONS_READ = "organisations.read"
    ORGANISATIONS_WRITE = "organisations.write"
    SESSIONS_READ = "sessions.read"
    SESSIONS_REVIEW = "sessions.review"
    IDENTITIES_READ = "identities.read"
    COMMANDS_READ = "commands.read"
    COMMANDS_CHARGE = "commands.charge"
    COMMANDS_OPERATE = "commands.operate"
    COMMANDS_RAW = "commands.raw"
    RESERVATIONS_READ = "reservations.read"
    RESERVATIONS_WRITE = "reservations.write"
    CHARGING_READ = "charging.read"
    CHARGING_WRITE = "charging.write"
    CHARGING_PROFILES_WRITE = "charging_profiles.write"
    CONFIGURATION_READ = "configuration.read"
    CONFIGURATION_WRITE = "configuration.write"
    TEMPLATES_READ = "templates.read"
    TEMPLATES_WRITE = "templates.write"
    MAINTENANCE_READ = "maintenance.read"
    MAINTENANCE_WRITE = "maintenance.write"
    FIRMWARE_WRITE = "firmware.write"
    CAMPAIGNS_READ = "campaigns.read"
    CAMPAIGNS_WRITE = "campaigns.write"
    MESSAGES_READ = "messages.read"
    REACTIONS_RETRY = "reactions.retry"
    SECURITY_READ = "security.read"
    SECURITY_WRITE = "security.write"
    INBOX_READ = "inbox.read"
    INBOX_WRITE = "inbox.write"
    ID_TOKENS_READ = "id_tokens.read"
    ID_TOKENS_WRITE = "id_tokens.write"
    LOCAL_LISTS_READ = "local_lists.read"
    LOCAL_LISTS_WRITE = "local_lists.write"
    LOCAL_LIST_RULES_READ = "local_list_rules.read"
    LOCAL_LIST_RULES_WRITE = "local_list_rules.write"
    USERS_READ = "users.read"
    USERS_WRITE = "users.write"
    API_KEYS_READ = "api_keys.read"
    API_KEYS_WRITE = "api_keys.write"
    AUDIT_READ = "audit.read"


_ACCOUNTS: Final = frozenset(
    {Right.ORGANISATIONS_WRITE, Right.USERS_READ, Right.USERS_WRITE, Right.API_KEYS_READ, Right.API_KEYS_WRITE,
     Right.AUDIT_READ}
)  # fmt: skip
_AT_A_SITE: Final = frozenset(
    {Right.STATIONS_READ, Right.ORGANISATIONS_READ, Right.SESSIONS_READ, Right.COMMANDS_READ, Right.RESERVATIONS_READ}
)

RIGHTS: Final[dict[Role, frozenset[Right]]] = {
    Role.ADMINISTRATOR: frozenset(Right),
    Role.OPERATOR: frozenset(Right) - _ACCOUNTS,
    Role.TECHNICIAN: _AT_A_SITE
    | {
        Right.STATIONS_WRITE, Right.COMMANDS_CHARGE, Right.COMMANDS_OPERATE, Right.CHARGING_READ,
        Right.CONFIGURATION_READ, Right.CONFIGURATION_WRITE, Right.TEMPLATES_READ, Right.MAINTENANCE_READ,
        Right.MAINTENANCE_WRITE, Right.CAMPAIGNS_READ, Right.MESSAGES_READ, Right.SECURITY_READ, Right.INBOX_READ,
        Right.INBOX_WRITE,
    },
    Role.SITE_HOST: _AT_A_SITE | {Right.COMMANDS_CHARGE},
    Role.VIEWER: frozenset(right for right in Right if right.endswith(".read")) - _ACCOUNTS,
}  # fmt: skip

# What is not anywhere in particular takes a role everywhere: the inbox of stations that belong nobody yet, and whatever is
# chosen by rule for stations wherever they are.
NETWORK: Final = frozenset(
    {
        Right.INBOX_READ, Right.INBOX_WRITE, Right.TEMPLATES_READ, Right.TEMPLATES_WRITE, Right.CAMPAIGNS_READ,
        Right.CAMPAIGNS_WRITE, Right.FIRMWARE_WRITE, Right.CHARGING_PROFILES_WRITE, Right.LOCAL_LIST_RULES_READ,
        Right.LOCAL_LIST_RULES_WRITE, Right.REACTIONS_RETRY,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scope:
    """Where something is allowed: everywhere, else in organisations (those below them are named too) and at locations."""

    everything: bool = False
    organisations: frozenset[UUID] = frozenset()
    locations: frozenset[UUID] = frozenset()

    def __or__(self, other: "Scope") -> "Scope":
        return Scope(
            self.everything or other.everything,
            self.organisations | other.organisations,
            self.locations | other.locations,
        )

    def __bool__(self) -> bool:
        return self.everything or bool(self.organisations) or bool(self.locations)

    def covers(self, location_id: UUID | None, organisation_id: UUID | None) -> bool:
        """Whether a location, of its organisation, lies within; of no location (None) only everywhere does."""
        return self.everything or location_id in self.locations or organisation_id in self.organisations


NOWHERE: Final = Scope()
EVERYWHERE: Final = Scope(everything=True)


@dataclass(frozen=True, slots=True)
class Granted:
    """A role and where it holds; `organisation_id` is the one it was given for. A role nobody knows allows nothing."""

    role: str
    scope: Scope
    organisation_id: UUID | None = None

    @property
    def rights(self) -> frozenset[Right]:
        rights = RIGHTS[Role(self.role)] if self.role in RIGHTS else frozenset[Right]()
        return rights if self.scope.everything else rights - NETWORK


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: a `user`, an `api_key` or the `system` itself.

    `handle` tells actors of the same name apart: a user's e-mail address, a key's first characters.
    """

    kind: str
    id: UUID | None
    name: str
    granted: tuple[Granted, ...]
    handle: str = ""
    web_session_id: UUID | None = None

    @property
    def label(self) -> str:
        """How the audit trail names this actor."""
        return f"{self.name} <{self.handle}>" if self.handle else self.name

    @property
    def role(self) -> Role | None:
        """The foremost of the actor's roles."""
        return foremost(granted.role for granted in self.granted)

    @property
    def rights(self) -> frozenset[Right]:
        """What the actor may do somewhere."""
        return frozenset[Right]().union(*(granted.rights for granted in self.granted))

    @property
    def place(self) -> dict[str, UUID | None]:
        """Where the audit trail looks for the actor: in the organisation or at the location of the first role."""
        granted = self.granted[0] if self.granted else Granted("", NOWHERE)
        return {
            "organisation_id": granted.organisation_id,
            "location_id": next(iter(granted.scope.locations), None),
        }

    def scope_of(self, right: Right) -> Scope:
        """Where the actor has this right; NOWHERE is false."""
        scope = NOWHERE
        for granted in self.granted:
            if right in granted.rights:
                scope |= granted.scope
        return scope


def foremost(roles: Iterable[str]) -> Role | None:
    held = set(roles)
    return next((role for role in Role if role in held), None)


def roles_with(right: Right) -> list[Role]:
    return [role for role in Role if right in RIGHTS[role]]


ADMINISTRATOR_EVERYWHERE: Final = (Granted(Role.ADMINISTRATOR, EVERYWHERE),)
SYSTEM: Final = Actor("system", None, "system", ADMINISTRATOR_EVERYWHERE)
COMMAND_LINE: Final = Actor("system", None, "command line", ADMINISTRATOR_EVERYWHERE)
