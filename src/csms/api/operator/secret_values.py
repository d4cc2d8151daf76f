"""Keeps station secrets that pass through commands and frames off people's screens."""

import re
from typing import Any

_SECRET_KEYS = frozenset({"authorizationkey", "basicauthpassword"})
HIDDEN = "••••••••"
_FILE_LINK = re.compile(r"(/station-files/[0-9a-f-]{36}/)[\w-]{40,}")  # what comes after the job is its secret


def shown_value(key: str, value: str | None) -> str | None:
    """The value of a configuration key, hidden when it is a secret (OCPP 1.6 security white paper A00.FR.205)."""
    return HIDDEN if value is not None and key.strip().casefold() in _SECRET_KEYS else value


def without_secrets(payload: Any) -> Any:
    """The same JSON, with the values of secret configuration keys hidden."""
    if isinstance(payload, str):
        return _FILE_LINK.sub(rf"\1{HIDDEN}", payload)
    if isinstance(payload, list):
        return [without_secrets(item) for item in payload]
    if not isinstance(payload, dict):
        return payload
    shown = {name: without_secrets(item) for name, item in payload.items()}
    key, value = shown.get("key"), shown.get("value")
    if isinstance(key, str) and isinstance(value, str):
        shown["value"] = shown_value(key, value)
    return shown
