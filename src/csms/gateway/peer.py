"""The certificate a station shows: who it names, and how it was refused when TLS refuses it.

When OpenSSL refuses a certificate it forgets it, and Python has no other hook than the messages of the handshake: the one with
the certificates is kept until the handshake has ended, so that the connection doctor can say whose it was.
"""

import ssl
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID

CertificatePath = tuple[
    tuple[bytes, int], ...
]  # issuer (DER) and serial number of each certificate, the station's own first

_HANDSHAKE_RECORD: Final = 22
_CERTIFICATE_MESSAGE: Final = 11
_DER: Final = 2
_DEAF: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)


class Shown(NamedTuple):
    """What tells a certificate from all others, to find out later that it is revoked."""

    fingerprint: str
    path: CertificatePath


@dataclass(frozen=True, slots=True)
class PeerCertificate:
    """A station's certificate; `names` are its common name and alternative names, `path` is what OpenSSL has verified."""

    subject: str
    issuer: x509.Name
    common_name: str | None
    names: frozenset[str]
    organisations: frozenset[str]
    fingerprint: str
    not_after: datetime
    path: CertificatePath

    @property
    def shown(self) -> Shown:
        return Shown(self.fingerprint, self.path)


class StationSide(ssl.SSLObject):
    """A connection whose handshake is listened to; afterwards it is not, for that would cost time with every record."""

    certificates: tuple[int, bytes] | None = None

    def do_handshake(self) -> None:
        try:
            super().do_handshake()
        except ssl.SSLCertVerificationError as error:
            error.certificate = self.refused()  # type: ignore[attr-defined]
            raise
        self.context = _DEAF
        self.certificates = None

    def refused(self) -> PeerCertificate | None:
        """The first certificate of the message that has them (RFC 5246 §7.4.2, RFC 8446 §4.4.2)."""
        if self.certificates is None:
            return None
        version, message = self.certificates
        place = 4 + (1 + message[4] if version >= ssl.TLSVersion.TLSv1_3 else 0) + 3
        size = int.from_bytes(message[place : place + 3])
        with suppress(ValueError):
            return read_certificate(message[place + 3 : place + 3 + size], ())
        return None


def listen(context: ssl.SSLContext) -> None:
    """Let the connections of this context be `StationSide`s. Without the hook, refused certificates stay unknown."""

    def heard(side: Any, direction: str, version: int, content: int, message: int, data: bytes) -> None:
        if direction == "read" and content == _HANDSHAKE_RECORD and message == _CERTIFICATE_MESSAGE:
            side.certificates = version, data

    context.sslobject_class = StationSide
    if hasattr(context, "_msg_callback"):
        context._msg_callback = heard


def verified(tls: ssl.SSLObject) -> PeerCertificate | None:
    """The certificate that the station has shown and OpenSSL has found good, if it showed one."""
    der = tls.getpeercert(binary_form=True)
    return None if der is None else read_certificate(der, _chain(tls))


def _chain(tls: Any) -> list[bytes]:
    """From the station's certificate up to the one that is trusted; public from Python 3.13 on."""
    if hasattr(tls, "get_verified_chain"):
        return list(tls.get_verified_chain())
    return [certificate.public_bytes(_DER) for certificate in tls._sslobj.get_verified_chain() or ()]


def read_certificate(der: bytes, chain: "list[bytes] | tuple[()]") -> PeerCertificate:
    """Raises ValueError."""
    certificate = x509.load_der_x509_certificate(der)
    subject = certificate.subject
    common = [str(one.value) for one in subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    names = set(common)
    with suppress(x509.ExtensionNotFound, ValueError):
        alternative = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names.update(alternative.get_values_for_type(x509.DNSName))
    path = (x509.load_der_x509_certificate(one) for one in chain)
    return PeerCertificate(
        subject.rfc4514_string()[:500],
        certificate.issuer,
        next(iter(common), None),
        frozenset(names),
        frozenset(str(one.value) for one in subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)),
        certificate.fingerprint(hashes.SHA256()).hex(),
        certificate.not_valid_after_utc,
        tuple((one.issuer.public_bytes(), one.serial_number) for one in path),
    )
