"""Secrets on their way to a station: values of configuration keys that nobody else may read."""

from collections.abc import Callable, Mapping
from typing import Any, Final

SECRET_KEYS: Final = frozenset({"authorizationkey", "basicauthpassword"})
HIDDEN: Final = "••••••••"


def is_secret(key: object) -> bool:
    """Whether this configuration key holds a secret (OCPP 1.6 security white paper A00.FR.205)."""
    return isinstance(key, str) and key.strip().casefold() in SECRET_KEYS


def with_secrets(payload: Mapping[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    """The payload of a command with its secret value, if it has one, changed; ours and OCPP's spell it alike."""
    value = payload.get("value")
    if not is_secret(payload.get("key")) or not isinstance(value, str):
        return dict(payload)
    return {**payload, "value": change(value)}


def hidden(payload: Any) -> Any:
    """The same JSON, with the values of secret configuration keys hidden, however deep."""
    if isinstance(payload, list):
        return [hidden(item) for item in payload]
    if not isinstance(payload, dict):
        return payload
    shown = {name: hidden(item) for name, item in payload.items()}
    if is_secret(shown.get("key")) and isinstance(shown.get("value"), str):
        shown["value"] = HIDDEN
    return shown
