"""Reading a station's WebSocket upgrade request: who it says it is and what it wants."""

import base64
import binascii
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

PREFIX: Final = "/ocpp/"
IDENTITY_LIMIT: Final = 255


class Refusal(Exception):  # noqa: N818 - it is what is said, not what went wrong here
    """An HTTP answer instead of an upgrade."""

    status = 400
    reason = "Bad Request"
    words = "This is no HTTP/1.1 request."
    headers: tuple[tuple[str, str], ...] = ()

    def to_bytes(self) -> bytes:
        body = (self.words + "\n").encode()
        lines = [
            f"HTTP/1.1 {self.status} {self.reason}",
            "Connection: close",
            "Content-Type: text/plain; charset=utf-8",
            f"Content-Length: {len(body)}",
            *(f"{name}: {value}" for name, value in self.headers),
        ]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class NoUpgrade(Refusal):
    status = 426
    reason = "Upgrade Required"
    words = f"Charging stations connect here by WebSocket at {PREFIX}<identity>."
    headers = (("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"))


class WrongPath(Refusal):
    status = 404
    reason = "Not Found"
    words = f"Charging stations connect at {PREFIX}<identity>."


class NotOurs(Refusal):
    status = 404
    reason = "Not Found"
    words = "This charging station is not known here."


class WrongPassword(Refusal):
    status = 401
    reason = "Unauthorized"
    words = "User name or password is wrong: the user name is the station's identity."
    headers = (("WWW-Authenticate", 'Basic realm="OCPP"'),)


class NotNow(Refusal):
    status = 503
    reason = "Service Unavailable"
    words = "Try again soon."
    headers = (("Retry-After", "5"),)


class HeadTooLong(Refusal):
    status = 431
    reason = "Request Header Fields Too Large"
    words = "The request's head is too long."


@dataclass(frozen=True, slots=True)
class UpgradeRequest:
    """What the head of the request says; `passwords` are the forms in which the presented password may be meant."""

    path: str
    identity: str
    subprotocols: tuple[str, ...]
    username: str | None
    passwords: tuple[str, ...]
    user_agent: str | None


def read(head: bytes) -> UpgradeRequest:
    """Parse a request head (without the empty line); raises Refusal when it is no upgrade of ours."""
    first, _, rest = head.decode("latin-1").partition("\r\n")
    method, _, target = first.partition(" ")
    path, _, version = target.rpartition(" ")
    if not version.startswith("HTTP/1.") or not path.startswith("/"):
        raise Refusal
    headers = _headers(rest)
    if method != "GET" or "websocket" not in headers.get("upgrade", "").lower():
        raise NoUpgrade
    if headers.get("sec-websocket-version") != "13":
        raise NoUpgrade  # RFC 6455 §4.4: the answer names the version that is spoken
    identity = _identity(path.partition("?")[0])
    username, passwords = _basic(headers.get("authorization"))
    offered = (name.strip() for name in headers.get("sec-websocket-protocol", "").split(","))
    return UpgradeRequest(
        path, identity, tuple(name for name in offered if name), username, passwords, headers.get("user-agent")
    )


def _headers(rest: str) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in rest.split("\r\n"):
        name, colon, value = line.partition(":")
        if not colon:
            continue
        key = name.strip().lower()
        headers[key] = f"{headers[key]}, {value.strip()}" if key in headers else value.strip()
    return headers


def _identity(path: str) -> str:
    """The last part of the path, percent-decoded (OCPP-J §3.1.1)."""
    if not path.startswith(PREFIX):
        raise WrongPath
    identity = unquote(path.removeprefix(PREFIX).removesuffix("/"))
    if not identity or "/" in identity or len(identity) > IDENTITY_LIMIT or not identity.isprintable():
        raise WrongPath
    return identity


def _basic(value: str | None) -> tuple[str | None, tuple[str, ...]]:
    """The user name, and the password as text and as the hexadecimal of its bytes.

    OCPP-J 1.6 §6.2 sends the 20 bytes of the key as they are, the security white paper (A00.FR.205) its text.
    """
    if value is None:
        return None, ()
    scheme, _, encoded = value.partition(" ")
    if scheme.lower() != "basic":
        return None, ()
    try:
        raw = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None, ()
    username, _, password = raw.partition(b":")
    forms = [password.hex(), password.hex().upper()]
    with suppress(UnicodeDecodeError):
        forms.insert(0, password.decode())
    return username.decode("utf-8", "replace"), tuple(forms)
