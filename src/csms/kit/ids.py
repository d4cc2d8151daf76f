"""Identifiers and secrets: UUIDv7 outside, growing integers inside, long random passwords."""

import hashlib
import secrets
from datetime import datetime
from uuid import UUID

from csms.kit.clock import microseconds

_PASSWORD_BYTES = 20  # OCPP 1.6 security white paper A00.FR.205: AuthorizationKey is 16 to 20 bytes, hex on the wire


def uuid7(at: datetime) -> UUID:
    """A random UUIDv7 (RFC 9562 §5.7) that sorts by `at`, to the millisecond."""
    return _uuid7(microseconds(at) // 1000, secrets.randbits(74))


def uuid7_of(at: datetime, *parts: object) -> UUID:
    """The UUIDv7 at `at` that always comes out the same for the same parts, so that a replay gives the same ids."""
    digest = hashlib.blake2b("\x1f".join(map(str, parts)).encode(), digest_size=10).digest()
    return _uuid7(microseconds(at) // 1000, int.from_bytes(digest, "big") & ((1 << 74) - 1))


def _uuid7(milliseconds: int, entropy: int) -> UUID:
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80
    value |= 0x7 << 76 | (entropy >> 62) << 64
    value |= 0b10 << 62 | entropy & ((1 << 62) - 1)
    return UUID(int=value)


def station_password() -> str:
    """A password for a station, 40 hexadecimal digits."""
    return secrets.token_hex(_PASSWORD_BYTES)


def secret() -> str:
    """A secret for a person's or a script's use in a header or a link, 256 bits, safe in a URL."""
    return secrets.token_urlsafe(32)


class FrameIds:
    """Hands out frame ids: the microsecond of arrival, made unique within the process."""

    __slots__ = ("_last",)

    def __init__(self) -> None:
        self._last = 0

    def next(self, at: datetime) -> int:
        value = microseconds(at)
        if value <= self._last:
            value = self._last + 1
        self._last = value
        return value
