"""Reading a station's WebSocket upgrade request: who it says it is and what it wants."""

import base64
import binascii
from contextlib import suppress
from dataclasses import dataclass
from random import randint
from typing import Final
from urllib.parse import unquote

PREFIX: Final = "/ocpp/"
IDENTITY_LIMIT: Final = 255
COME_AGAIN_S: Final = (5, 30)


class Refusal(Exception):  # noqa: N818 - it is what is said, not what went wrong here
    """An HTTP answer instead of an upgrade; `problem` is what the connection doctor calls it."""

    problem = "not_http"
    status = 400
    reason = "Bad Request"
    words = "This is no HTTP/1.1 request."
    headers: tuple[tuple[str, str], ...] = ()
    request: "UpgradeRequest | None" = None

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
    problem = "no_upgrade"
    status = 426
    reason = "Upgrade Required"
    words = f"Charging stations connect here by WebSocket at {PREFIX}<identity>."
    headers = (("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"))


class WrongPath(Refusal):
    problem = "wrong_path"
    status = 404
    reason = "Not Found"
    words = f"Charging stations connect at {PREFIX}<identity>."


class NotOurs(Refusal):
    problem = "unknown_station"
    status = 404
    reason = "Not Found"
    words = "This charging station is not known here."


class WrongPassword(Refusal):
    problem = "wrong_password"
    status = 401
    reason = "Unauthorized"
    words = "User name or password is wrong: the user name is the station's identity."
    headers = (("WWW-Authenticate", 'Basic realm="OCPP"'),)


class NoPassword(WrongPassword):
    problem = "no_password"
    words = "A user name and a password are required here."


class WrongUser(WrongPassword):
    problem = "wrong_user"


class BelowProfile(Refusal):
    """The connection is less secure than this station's must be (security white paper A00.FR.002)."""

    problem = "below_profile"
    status = 403
    reason = "Forbidden"

    def __init__(self, required: int) -> None:
        super().__init__()
        self.words = f"This charging station must connect with security profile {required}."


class CertificateRefused(Refusal):
    """The certificate is genuine, but not good for this station (A00.FR.404-407)."""

    status = 403
    reason = "Forbidden"

    def __init__(self, problem: str, words: str) -> None:
        super().__init__()
        self.problem = problem
        self.words = words


class TlsNotSpoken(Refusal):
    problem = "tls_to_plain"
    words = "This port does not speak TLS: connect with ws://."


class TlsExpected(Refusal):
    problem = "plain_to_tls"
    words = "This port speaks TLS: connect with wss://."


class NotNow(Refusal):
    problem = "unavailable"
    status = 503
    reason = "Service Unavailable"
    words = "Try again soon."
    headers = (("Retry-After", "5"),)


class Busy(NotNow):
    """Too many are at the door; they are to come again at different times."""

    problem = "busy"
    words = "Too many charging stations connect at once. Try again in a while."

    def __init__(self) -> None:
        super().__init__()
        self.headers = (("Retry-After", str(randint(*COME_AGAIN_S))),)  # noqa: S311 - it only has to differ


class HeadTooLong(Refusal):
    problem = "head_too_long"
    status = 431
    reason = "Request Header Fields Too Large"
    words = "The request's head is too long."


@dataclass(frozen=True, slots=True)
class UpgradeRequest:
    """What the head of the request says; `passwords` are the forms in which the presented password may be meant.

    What is `forwarded` counts only from a proxy that is trusted.
    """

    path: str
    identity: str
    subprotocols: tuple[str, ...]
    username: str | None
    passwords: tuple[str, ...]
    user_agent: str | None
    forwarded_for: str | None = None
    forwarded_proto: str | None = None


def read(head: bytes) -> UpgradeRequest:
    """Parse a request head (without the empty line); raises Refusal when it is no upgrade of ours.

    A refusal carries what was read as `request`, if it is HTTP at all; what is returned always has an identity.
    """
    first, _, rest = head.decode("latin-1").partition("\r\n")
    method, _, target = first.partition(" ")
    path, _, version = target.rpartition(" ")
    if not version.startswith("HTTP/1.") or not path.startswith("/"):
        raise Refusal
    headers = _headers(rest)
    request = _request(path, headers)
    try:
        if method != "GET" or "websocket" not in headers.get("upgrade", "").lower():
            raise NoUpgrade
        if headers.get("sec-websocket-version") != "13":
            raise NoUpgrade  # RFC 6455 §4.4: the answer names the version that is spoken
        if not request.identity:
            raise WrongPath
    except Refusal as refusal:
        refusal.request = request
        raise
    return request


def _request(path: str, headers: dict[str, str]) -> UpgradeRequest:
    username, passwords = _basic(headers.get("authorization"))
    offered = (name.strip() for name in headers.get("sec-websocket-protocol", "").split(","))
    return UpgradeRequest(
        path, _identity(path.partition("?")[0]), tuple(name for name in offered if name), username, passwords,
        headers.get("user-agent"), headers.get("x-forwarded-for"), headers.get("x-forwarded-proto"),
    )  # fmt: skip


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
    """The last part of the path, percent-decoded (OCPP-J §3.1.1); empty when the path is none of ours."""
    if not path.startswith(PREFIX):
        return ""
    identity = unquote(path.removeprefix(PREFIX).removesuffix("/"))
    if not identity or "/" in identity or len(identity) > IDENTITY_LIMIT or not identity.isprintable():
        return ""
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
