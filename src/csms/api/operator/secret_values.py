"""Keeps station secrets that pass through commands and frames off people's screens."""

import re
from typing import Any

from csms.domain.commands.secrets import HIDDEN, hidden, is_secret

_FILE_LINK = re.compile(r"(/station-files/[0-9a-f-]{36}/)[\w-]{40,}")  # what comes after the job is its secret


def shown_value(key: str, value: str | None) -> str | None:
    """The value of a configuration key, hidden when it is a secret (OCPP 1.6 security white paper A00.FR.205)."""
    return HIDDEN if value is not None and is_secret(key) else value


def without_secrets(payload: Any) -> Any:
    """The same JSON, with the values of secret configuration keys hidden, and the secrets of links to our file store."""
    return _without_links(hidden(payload))


def _without_links(payload: Any) -> Any:
    if isinstance(payload, str):
        return _FILE_LINK.sub(rf"\1{HIDDEN}", payload)
    if isinstance(payload, list):
        return [_without_links(item) for item in payload]
    if isinstance(payload, dict):
        return {name: _without_links(item) for name, item in payload.items()}
    return payload
