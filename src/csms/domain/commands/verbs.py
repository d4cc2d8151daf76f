"""What can be asked of a station, in our words: a struct a verb, which says and checks what its payload is."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from csms.domain.commands.errors import InvalidCommand, UnknownVerb
from csms.domain.commands.profiles import SESSION, Profile, checked

RAW: Final = "ocpp"  # the verb of a command that carries an OCPP action and its own payload

_NO_CONTROL = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"

EvseNumber = Annotated[int, Meta(ge=1, le=65_535, description="number of the evse within its station")]
ConnectorNumber = Annotated[int, Meta(ge=1, le=65_535, description="number of the connector within its evse")]
IdTokenUid = Annotated[str, Meta(min_length=1, max_length=20, pattern=r"^[ -~]+$")]
Key = Annotated[str, Meta(min_length=1, max_length=50, pattern=_NO_CONTROL)]


class Verb(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What every verb's payload has in common: unknown fields are refused, what is not given is not stored."""


class Start(Verb, frozen=True):
    """Start charging for an id token, on the given evse or on one of the station's choice."""

    id_token: IdTokenUid
    evse: EvseNumber | None = None
    connector: ConnectorNumber | None = None
    charging_profile: Profile | None = None
    charging_profile_id: Annotated[UUID, Meta(description="a charging profile of the catalogue")] | None = None


class Stop(Verb, frozen=True):
    """Stop a session: by its uid, or by the transaction id that the station was given."""

    session: UUID | None = None
    transaction_id: Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)] | None = None


class Reset(Verb, frozen=True):
    """Restart the station: `soft` ends running sessions properly first, `hard` does not wait."""

    kind: Literal["soft", "hard"]


class Unlock(Verb, frozen=True):
    """Release a connector's cable."""

    evse: EvseNumber
    connector: ConnectorNumber | None = None


class ChangeAvailability(Verb, frozen=True):
    """Put an evse in or out of service; evse 0 is the whole station."""

    evse: Annotated[int, Meta(ge=0, le=65_535)]
    available: bool


class Trigger(Verb, frozen=True):
    """Ask the station to send a message now.

    `extended` asks by way of the security extension, which alone knows log-status and sign-certificate, but not diagnostics-status.
    """

    message: Literal[
        "boot",
        "heartbeat",
        "status",
        "meter-values",
        "diagnostics-status",
        "firmware-status",
        "log-status",
        "sign-certificate",
    ]
    evse: EvseNumber | None = None
    extended: bool = False


class GetConfiguration(Verb, frozen=True):
    """Ask for configuration keys; without any, for all."""

    keys: list[Key] = []


class ChangeConfiguration(Verb, frozen=True):
    """Set a configuration key."""

    key: Key
    value: Annotated[str, Meta(max_length=500, pattern=_NO_CONTROL)]


class ClearCache(Verb, frozen=True):
    """Let the station forget the authorizations it remembers."""


class DataTransfer(Verb, frozen=True):
    """Send something that only this vendor's stations understand."""

    vendor_id: Annotated[str, Meta(min_length=1, max_length=255, pattern=_NO_CONTROL)]
    message_id: Annotated[str, Meta(max_length=50, pattern=_NO_CONTROL)] | None = None
    data: Annotated[str, Meta(max_length=100_000, pattern=_NO_CONTROL)] | None = None


VERBS: Final[Mapping[str, type[Verb]]] = MappingProxyType(
    {
        "start": Start,
        "stop": Stop,
        "reset": Reset,
        "unlock": Unlock,
        "change-availability": ChangeAvailability,
        "trigger": Trigger,
        "get-configuration": GetConfiguration,
        "change-configuration": ChangeConfiguration,
        "clear-cache": ClearCache,
        "data-transfer": DataTransfer,
    }
)

_PLACE = re.compile(r"(?P<message>.*?)(?: - at `\$\.?(?P<field>.*)`)?", re.DOTALL)


def checked_verb(verb: str, payload: Mapping[str, Any]) -> Verb:
    """The payload of a verb, as JSON has it, checked. Raises UnknownVerb, InvalidCommand (with the field that is wrong)."""
    kind = VERBS.get(verb)
    if kind is None:
        raise UnknownVerb(verb=verb)
    try:
        wish = msgspec.convert(payload, kind)
    except msgspec.ValidationError as error:
        raise _refusal(error) from None
    if isinstance(wish, Stop) and (wish.session is None) == (wish.transaction_id is None):
        raise InvalidCommand("Name the session by its uid or by its transaction id.", field="session")
    if isinstance(wish, Start):
        _check_start(wish)
    if isinstance(wish, Trigger) and wish.extended and wish.message == "diagnostics-status":
        raise InvalidCommand("The security extension triggers no diagnostics-status.", field="message")
    return wish


def _check_start(wish: Start) -> None:
    """A profile that goes with a start is one of the session to come (OCPP 1.6 §5.16.2)."""
    profile = wish.charging_profile
    if profile is None:
        return
    if wish.charging_profile_id is not None:
        raise InvalidCommand("Give a charging profile or the id of one, not both.", field="charging_profile")
    if profile.purpose != SESSION:
        raise InvalidCommand("A start takes a profile with the purpose session.", field="charging_profile.purpose")
    checked(profile, "charging_profile")


def _refusal(error: Exception) -> InvalidCommand:
    match = _PLACE.fullmatch(str(error))
    assert match is not None
    field, message = match["field"] or "", match["message"]
    return InvalidCommand(f"{field}: {message}" if field else message, **({"field": field} if field else {}))


def payload_of(verb: Verb) -> dict[str, Any]:
    """The payload as it is stored: only what was given, ids as text."""
    payload = msgspec.to_builtins(verb)
    return {name: value for name, value in payload.items() if value is not None}
