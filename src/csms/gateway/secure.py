"""TLS on a socket that has already said something: what its certificate and its failures mean."""

import asyncio
import ssl
from asyncio import Transport
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cryptography import x509

from csms.gateway.peer import CertificatePath, PeerCertificate, listen, verified
from csms.gateway.tls import TlsTransport

HANDSHAKE: Final = 0x16  # the first byte of a connection that begins with TLS
_CLIENT_HELLO: Final = 1
_SUPPORTED_VERSIONS: Final = 43
_VERSIONS: Final = {0x0300: "SSLv3", 0x0301: "TLSv1", 0x0302: "TLSv1.1", 0x0303: "TLSv1.2", 0x0304: "TLSv1.3"}

# X509_V_ERR_* of OpenSSL
_EXPIRED: Final = 10
_NOT_YET: Final = 9
_FOREIGN: Final = frozenset({2, 18, 19, 20, 21})

# What the alert names, or what OpenSSL says of the handshake, as a problem of the connection doctor.
_REASONS: Final = (
    (("NO_SHARED_CIPHER", "NO_SUITABLE_SIGNATURE", "NO_SHARED_SIGNATURE"), "no_common_cipher"),
    (("UNSUPPORTED_PROTOCOL", "PROTOCOL_VERSION", "VERSION_TOO_LOW", "WRONG_VERSION"), "tls_too_old"),
    (("ALERT_UNKNOWN_CA", "ALERT_BAD_CERTIFICATE", "ALERT_CERTIFICATE", "ALERT_UNSUPPORTED_CERTIFICATE"),
     "our_certificate_refused"),
)  # fmt: skip


def _none_listed(_path: CertificatePath) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class StationTls:
    """How the stations' port speaks TLS.

    `issuer` signs the certificates that are in our tables; `listed` tells whether an authority's list says that a certificate is
    revoked.
    """

    context: ssl.SSLContext
    issuer: x509.Name | None = None
    listed: Callable[[CertificatePath], bool] = _none_listed

    def __post_init__(self) -> None:
        listen(self.context)


@dataclass(frozen=True, slots=True)
class Line:
    """What a connection runs over: the version of TLS, None without, and the station's certificate, if it showed one."""

    tls: str | None = None
    certificate: PeerCertificate | None = None


PLAIN: Final = Line()


@dataclass(frozen=True, slots=True)
class TlsTrouble(Exception):  # noqa: N818 - it is what became of the handshake
    """The handshake failed; `problem` as the connection doctor calls it, `note` in OpenSSL's words; with what was refused."""

    problem: str
    note: str
    certificate: PeerCertificate | None = None


async def secure(
    raw: Transport, above: asyncio.Protocol, context: ssl.SSLContext, said: bytes, patience_s: float
) -> TlsTransport:
    """Speak TLS on a paused socket that has `said` its first bytes; raises TlsTrouble. `above` gets what comes through it."""
    transport = TlsTransport(raw, above, context)
    try:
        async with asyncio.timeout(patience_s):
            await transport.shake_hands(said)
    except TimeoutError:
        raise TlsTrouble("tls_hung_up", "The station does not go on with the handshake.") from None
    except (ssl.SSLError, OSError) as error:
        raise TlsTrouble(*_judge(error), getattr(error, "certificate", None)) from None
    return transport


def _judge(error: Exception) -> tuple[str, str]:
    if isinstance(error, ssl.SSLCertVerificationError):
        code = error.verify_code
        if code in (_EXPIRED, _NOT_YET):
            return "certificate_expired", error.verify_message
        return "certificate_foreign" if code in _FOREIGN else "certificate_invalid", error.verify_message
    if isinstance(error, ssl.SSLError):
        reason = error.reason or str(error)
        for parts, problem in _REASONS:
            if any(part in reason for part in parts):
                return problem, reason
        return "tls_failed", reason
    return "tls_hung_up", str(error) or "The station ended the connection during the handshake."


def line_of(transport: Transport) -> Line:
    """What a secured transport runs over."""
    tls = transport.get_extra_info("ssl_object")
    return Line(tls.version(), verified(tls))


def offered_version(hello: bytes) -> str | None:
    """The highest version of TLS that a ClientHello offers (RFC 8446 §4.1.2, §4.2.1), if it can be read."""
    try:
        if hello[0] != HANDSHAKE or hello[5] != _CLIENT_HELLO:
            return None
        best = int.from_bytes(hello[9:11])
        place = 43 + 1 + hello[43]
        place += 2 + int.from_bytes(hello[place : place + 2])
        place += 1 + hello[place]
        end = place + 2 + int.from_bytes(hello[place : place + 2])
        place += 2
        while place + 4 <= min(end, len(hello)):
            kind, size = int.from_bytes(hello[place : place + 2]), int.from_bytes(hello[place + 2 : place + 4])
            if kind == _SUPPORTED_VERSIONS:
                body = hello[place + 5 : place + 4 + size]
                offered = (int.from_bytes(body[i : i + 2]) for i in range(0, len(body), 2))
                best = max((version for version in offered if version in _VERSIONS), default=best)
            place += 4 + size
    except IndexError:
        return None
    return _VERSIONS.get(best)
