"""What is wrong with a connection attempt, in plain words, and what to set in the station: pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

SUBPROTOCOL: Final = "ocpp1.6"


class Tried(Protocol):
    """What an attempt said, as far as the words need it."""

    problem: str | None
    note: str | None
    identity: str | None
    path: str | None
    subprotocols: str | None
    username: str | None
    tls: str | None
    certificate_subject: str | None


class Words(NamedTuple):
    """What is wrong, and what to do about it."""

    problem: str
    advice: str


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where stations connect, without identity; None where that door does not exist."""

    plain: str | None
    tls: str | None = None

    def of(self, identity: str | None, *, secured: bool) -> str:
        """The URL to paste into a station."""
        base = (self.tls if secured else self.plain) or self.plain or self.tls or ""
        return f"{base.rstrip('/')}/{identity or '<identity>'}"


Say = Callable[[Tried, str], Words]  # what was tried, and the URL it should have been

_CLOCK: Final = "Check the station's clock, too: a wrong one makes good certificates look bad."
_NEW_CERTIFICATE: Final = (
    "Give it a new certificate: let it connect with its password (security profile 2) and trigger a certificate request, "
    "or install one by the manufacturer's tool."
)


def _the_certificate(tried: Tried) -> str:
    subject = tried.certificate_subject
    return f"The station's certificate ({subject})" if subject is not None else "The station's certificate"


_SAYINGS: Final[Mapping[str, Say]] = {
    "not_http": lambda _tried, url: Words(
        "Something connected that speaks neither HTTP nor TLS.",
        f"This port is for charging stations that speak OCPP over WebSocket. Set the station's URL to {url}.",
    ),
    "no_upgrade": lambda _tried, url: Words(
        "It asked for a web page instead of a WebSocket, or for a version of WebSocket that is not 13.",
        f"Set the URL to {url}: it begins with ws:// or wss://, not http://. If the station has a choice between SOAP "
        "and JSON, choose JSON.",
    ),
    "wrong_path": lambda tried, url: Words(
        f"The path {tried.path} is not where stations connect.", f"Set the station's URL to {url}."
    ),
    "unknown_station": lambda tried, _url: Words(
        f"There is no station with the identity {tried.identity}.",
        "If the identity is right, adopt the station from the inbox; if not, correct the identity in the station.",
    ),
    "no_password": lambda tried, _url: Words(
        "The station sent no user name and no password.",
        f"Set its password (often called AuthorizationKey or basic auth password) to the one that was shown for "
        f"{tried.identity}, or give it a new one here.",
    ),
    "wrong_user": lambda tried, _url: Words(
        f"The user name was {tried.username!r}.",
        f"The user name must be the identity, exactly: {tried.identity}. Many stations fill it in by themselves.",
    ),
    "wrong_password": lambda _tried, _url: Words(
        "The password is wrong.",
        "Enter the password anew, without spaces before or after it, or give the station a new one here. Some stations "
        "want the 40 hexadecimal digits, some the 20 bytes they stand for; both are understood.",
    ),
    "below_profile": lambda tried, url: Words(
        f"The connection was {'over TLS without a certificate' if tried.tls else 'without TLS or without a password'}, "
        "which is less than is required of this station.",
        f"Set the security profile in the station and the URL {url}, or lower what is required of it here.",
    ),
    "no_subprotocol": lambda tried, _url: Words(
        f"The station offered {tried.subprotocols or 'no subprotocol'}, and {SUBPROTOCOL} is spoken here.",
        "Set the station to OCPP 1.6 JSON (ocpp1.6).",
    ),
    "tls_to_plain": lambda _tried, url: Words(
        "The station speaks TLS to a port that does not.",
        f"Set the station's URL to {url}, or switch TLS on here (ocpp_tls).",
    ),
    "plain_to_tls": lambda _tried, url: Words(
        "The station does not speak TLS to a port that does.", f"Set the station's URL to {url}."
    ),
    "tls_too_old": lambda tried, _url: Words(
        f"The station offers at most {tried.tls or 'an old version of TLS'}; TLS 1.2 is the least.",
        "Update the station's firmware, or use a VPN and security profile 1.",
    ),
    "no_common_cipher": lambda _tried, _url: Words(
        "The station and the server have no cipher suite in common.",
        "Update the station's firmware. It must know ECDHE-ECDSA, ECDHE-RSA or RSA with AES-GCM (security white paper "
        "A00.FR.318).",
    ),
    "our_certificate_refused": lambda _tried, url: Words(
        "The station does not accept the server's certificate.",
        "Install the root certificate of this system in the station (central system root certificate) and connect to a "
        f"host name that the certificate names: {url}. {_CLOCK}",
    ),
    "tls_hung_up": lambda _tried, url: Words(
        "The station ended the connection during the TLS handshake.",
        "Most often it does not trust the server's certificate: install the root certificate of this system in the "
        f"station, and connect to a host name that the certificate names: {url}. {_CLOCK}",
    ),
    "tls_failed": lambda tried, _url: Words(
        f"The TLS handshake failed: {tried.note}.", "Look into the station's own log, or ask its manufacturer."
    ),
    "certificate_expired": lambda tried, _url: Words(
        f"{_the_certificate(tried)} has expired, or is not valid yet.", f"{_NEW_CERTIFICATE} {_CLOCK}"
    ),
    "certificate_foreign": lambda tried, _url: Words(
        f"{_the_certificate(tried)} comes from an authority that is not trusted here.",
        f"{_NEW_CERTIFICATE} Or add its authority to the trusted ones (ocpp_tls_trusted).",
    ),
    "certificate_invalid": lambda tried, _url: Words(
        f"{_the_certificate(tried)} is not valid: {tried.note}.", _NEW_CERTIFICATE
    ),
    "certificate_misnamed": lambda tried, _url: Words(
        f"{_the_certificate(tried)} does not name {tried.identity}.",
        "The common name must be the identity or the serial number of the station, and the organisation that of the "
        f"operator. Perhaps two stations were mixed up. {_NEW_CERTIFICATE}",
    ),
    "certificate_revoked": lambda tried, _url: Words(f"{_the_certificate(tried)} has been revoked.", _NEW_CERTIFICATE),
    "head_too_long": lambda _tried, _url: Words(
        "The request's head is longer than 8 KiB.", "Look for a proxy in between that adds headers, or cookies."
    ),
    "silent": lambda _tried, url: Words(
        "The connection was opened, and then nothing (complete) was said.",
        f"Perhaps a firewall or a proxy lets connections through but no WebSocket. The station's URL is {url}.",
    ),
    "hung_up": lambda _tried, url: Words(
        "The station ended the connection before it had said what it wants.",
        f"Perhaps its URL is another's: it must be {url}. Perhaps it lost its network.",
    ),
    "busy": lambda _tried, _url: Words(
        "Too many stations connected at the same time, and this one was told to come again.",
        "Nothing needs to be set; the station tries again.",
    ),
    "unavailable": lambda _tried, _url: Words(
        "The system could not look the station up at the moment.", "Nothing needs to be set; the station tries again."
    ),
}

PROBLEMS: Final = tuple(_SAYINGS)
_SECURED: Final = frozenset({"plain_to_tls", "tls_to_plain", "our_certificate_refused", "tls_hung_up"})


def explain(tried: Tried, addresses: Addresses, required_profile: int = 0) -> Words | None:
    """Plain words for an attempt; None for one that was let in."""
    if tried.problem is None:
        return None
    secured = tried.problem in _SECURED or tried.tls is not None or required_profile > 1
    if tried.problem == "tls_to_plain" and addresses.tls is None:
        secured = False
    say = _SAYINGS.get(tried.problem)
    if say is None:
        return Words(f"It was refused: {tried.problem}.", "")
    return say(tried, addresses.of(tried.identity, secured=secured))
