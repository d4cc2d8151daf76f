"""Station passwords: a fast keyed hash for those we generate, argon2 for those a person chose.

A generated password has 160 bits of its own, so a keyed HMAC is as safe as a slow hash and lets ten thousand stations come
back within seconds; a chosen one may be weak and gets argon2.
"""

import hashlib
import hmac
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from csms.kit.errors import Invalid

GENERATED = "generated"
CHOSEN = "chosen"
OPEN = "open"

_argon2 = PasswordHasher()


class WeakPassword(Invalid):
    """A station password has 8 to 40 printable characters."""

    code = "weak_password"


@dataclass(frozen=True, slots=True)
class Credential:
    """How a station proves who it is: `kind` generated, chosen or open; `sealed` is the hash, None when open."""

    kind: str
    sealed: str | None


def fingerprint(key: bytes, identity: str, password: str) -> str:
    """The keyed hash of a station's password, hexadecimal; bound to the identity."""
    return hmac.new(key, f"{identity}\x00{password}".encode(), hashlib.sha256).hexdigest()


def seal_generated(key: bytes, identity: str, password: str) -> Credential:
    return Credential(GENERATED, fingerprint(key, identity, password))


def seal_chosen(password: str) -> Credential:
    """Hash a password that a person chose (slow on purpose, about 50 ms)."""
    if not 8 <= len(password) <= 40 or not password.isprintable():
        raise WeakPassword
    return Credential(CHOSEN, _argon2.hash(password))


def check_generated(credential: Credential, key: bytes, identity: str, password: str) -> bool:
    return credential.sealed is not None and hmac.compare_digest(
        credential.sealed, fingerprint(key, identity, password)
    )


def check_chosen(credential: Credential, password: str) -> bool:
    """Whether the password is the chosen one; slow, so call it off the event loop and remember the last good one."""
    try:
        return credential.sealed is not None and _argon2.verify(credential.sealed, password)
    except (VerificationError, InvalidHashError):
        return False
