"""Sealing: secrets that must wait in a table can be read with the installation's key only."""

import base64
import hashlib
import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from csms.kit.errors import Invalid

MARK: Final = "sealed:"
_NONCE: Final = 12


class BrokenSeal(Invalid):
    """A secret was sealed with another key than this installation's."""

    code = "broken_seal"


class Seal:
    """AES-256-GCM under a key made from `key` for this purpose alone."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(hashlib.sha256(b"sealed secrets\x00" + key).digest())

    def close(self, text: str) -> str:
        nonce = os.urandom(_NONCE)
        return MARK + base64.b64encode(nonce + self._cipher.encrypt(nonce, text.encode(), None)).decode()

    def open(self, text: str) -> str:
        """What was sealed; what was not is given back as it is. Raises BrokenSeal."""
        if not text.startswith(MARK):
            return text
        try:
            sealed = base64.b64decode(text.removeprefix(MARK), validate=True)
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], None).decode()
        except (InvalidTag, ValueError) as error:
            raise BrokenSeal from error
