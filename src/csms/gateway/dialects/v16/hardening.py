"""Security extension: events, passwords and security profiles (OCPP 1.6 security white paper, edition 2, A01, A04, A05)."""

from typing import Any, Final, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from csms.domain.commands.secrets import HIDDEN, is_secret
from csms.domain.security import live as security
from csms.gateway.dialects.v16.words import bounded, given
from csms.gateway.turn import Handler, LiveStation, Phrase, Turn
from csms.ocpp import v16

S = TypeVar("S", bound=Struct)

PASSWORD: Final = "authorizationkey"  # noqa: S105 - a configuration key's name
PROFILE: Final = "securityprofile"


def security_event(live: LiveStation, request: v16.SecurityEventNotification, turn: Turn) -> Struct:
    at, tech_info = bounded(request.timestamp), given(request.tech_info)
    security.reported(live.station.id, request.type, at, tech_info, turn.now, turn.frame_id, turn.changes)
    return v16.SecurityEventNotificationResponse()


def _set_password(_live: LiveStation, payload: dict[str, Any]) -> Struct:
    return v16.ChangeConfiguration(key=payload["key"], value=payload["value"])


def _set_profile(_live: LiveStation, payload: dict[str, Any]) -> Struct:
    return v16.ChangeConfiguration(key="SecurityProfile", value=str(payload["profile"]))


def changed(live: LiveStation, request: v16.ChangeConfiguration, accepted: bool, turn: Turn) -> None:
    """What the answer to a change of a password or a profile means; other keys mean nothing here."""
    key = request.key.casefold()
    station_id, command_id = live.station.id, turn.command_id
    if key == PROFILE:
        security.profile_answered(station_id, command_id, accepted=accepted, now=turn.now, changes=turn.changes)
    if key != PASSWORD:
        return
    security.password_answered(station_id, command_id, accepted=accepted, now=turn.now, changes=turn.changes)
    security.forget(command_id, {"key": request.key, "value": HIDDEN}, turn.changes)


def discreet(message: S) -> S:
    """The message as it may be kept: values of secret configuration keys hidden. Without any it is the same object."""
    if isinstance(message, v16.ChangeConfiguration):
        return replace(message, value=HIDDEN) if is_secret(message.key) else message
    if isinstance(message, v16.GetConfigurationResponse):
        entries = given(message.configuration_key) or ()
        if any(_tells_secret(entry) for entry in entries):
            kept = [replace(entry, value=HIDDEN) if _tells_secret(entry) else entry for entry in entries]
            return replace(message, configuration_key=kept)
    return message


def _tells_secret(entry: v16.KeyValue) -> bool:
    return is_secret(entry.key) and isinstance(entry.value, str) and entry.value != ""


HANDLERS: Final = {"SecurityEventNotification": Handler(security_event)}
VERBS: Final[dict[str, Phrase]] = {"set-password": _set_password, "set-security-profile": _set_profile}
