"""Frames that are kept although nobody understood them: without the secrets they may tell."""

import re
from typing import Final

import msgspec

from csms.domain.commands.secrets import HIDDEN, SECRET_KEYS, hidden

_MAY_TELL: Final = re.compile("|".join(SECRET_KEYS).encode(), re.IGNORECASE)


def discreet_wire(data: bytes) -> bytes:
    """The frame as it may be kept; what names a secret key and is no JSON is not kept at all."""
    if _MAY_TELL.search(data) is None:
        return data
    try:
        return msgspec.json.encode(hidden(msgspec.json.decode(data)))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return HIDDEN.encode()
