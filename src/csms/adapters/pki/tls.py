"""TLS on the stations' port, as the OCPP 1.6 security white paper asks for it (A00.FR.312-321, 416-424)."""

import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from csms.adapters.pki.authority import Authority, general_name
from csms.adapters.pki.files import (
    CertificateFileUnusable,
    PrivateKey,
    passphrase,
    pem,
    read_certificates,
    read_key,
    sealed,
    write,
)

# The four suites of A00.FR.317 and the same with forward secrecy for RSA; TLS 1.3 has its own.
CIPHERS: Final = (
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-RSA-AES256-GCM-SHA384:AES128-GCM-SHA256:AES256-GCM-SHA384"
)
RENEW_BEFORE: Final = timedelta(days=30)
_KINDS: Final = ("ec", "rsa")


@dataclass(frozen=True, slots=True)
class OwnFiles:
    """The operator's certificate (with its chain) and key for the stations' port; keys may be encrypted with our secret."""

    certificate: Path
    key: Path


@dataclass(slots=True)
class StationTls:
    """The context of the stations' port, kept fresh by `refresh`.

    Without files of the operator's the authority certifies us under `names`, once with an elliptic curve and once with an
    RSA key. Station certificates are trusted from the authority and from `trusted` (PEM files).
    """

    authority: Authority
    folder: Path
    secret: bytes
    names: list[str]
    files: OwnFiles | None = None
    trusted: Sequence[Path] = ()
    context: ssl.SSLContext = field(init=False)
    _stamp: tuple[float, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(CIPHERS)
        # A resumed connection would not show its certificate anew, and a ticket costs memory for each.
        context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_TICKET
        context.num_tickets = 0
        context.verify_mode = ssl.CERT_OPTIONAL  # profile 2 has none; who needs one is seen when we know who it is
        context.load_verify_locations(cadata=self.authority.root)
        for path in self.trusted:
            context.load_verify_locations(cadata="".join(pem(one).decode() for one in read_certificates(path)))
        self.context = context

    def refresh(self, now: datetime) -> bool:
        """Renew what is about to expire, take files that were replaced; whether anything changed.

        Connections that stand are not touched. Raises CertificateFileUnusable.
        """
        files = [self.files] if self.files is not None else [self._own(kind, now) for kind in _KINDS]
        stamp = tuple(_changed_at(path) for one in files for path in (one.certificate, one.key))
        if stamp == self._stamp:
            return False
        for one in files:
            self._load(one)
        self._stamp = stamp
        return True

    def _load(self, files: OwnFiles) -> None:
        try:
            self.context.load_cert_chain(files.certificate, files.key, password=passphrase(self.secret))
        except (ssl.SSLError, OSError) as error:
            raise CertificateFileUnusable(f"{files.certificate} and {files.key} cannot be used: {error}.") from error

    def _own(self, kind: str, now: datetime) -> OwnFiles:
        """Our certificate of this kind, made anew when it is missing, about to expire, or not for these names."""
        files = OwnFiles(self.folder / f"server-{kind}.pem", self.folder / f"server-{kind}.key")
        if not self._good(files, now):
            key = self._key(files.key, kind)
            certificate = self.authority.certify_server(key.public_key(), self.names, now)
            write(files.certificate, pem(certificate) + self.authority.root.encode())
        return files

    def _key(self, path: Path, kind: str) -> PrivateKey:
        if path.exists():
            return read_key(path, passphrase(self.secret))
        key: PrivateKey = (
            ec.generate_private_key(ec.SECP256R1()) if kind == "ec" else rsa.generate_private_key(65_537, 2048)
        )
        write(path, sealed(key, passphrase(self.secret)))
        return key

    def _good(self, files: OwnFiles, now: datetime) -> bool:
        if not (files.certificate.exists() and files.key.exists()):
            return False
        certificate = read_certificates(files.certificate)[0]
        return (
            certificate.not_valid_after_utc - now > RENEW_BEFORE
            and certificate.issuer == self.authority.certificate.subject
            and names_of(files.certificate) == [str(general_name(name).value) for name in self.names]
        )


def names_of(path: Path) -> list[str]:
    """The names a certificate is good for."""
    try:
        names = read_certificates(path)[0].extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [str(name.value) for name in names]


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError as error:
        raise CertificateFileUnusable(f"{path} cannot be read: {error.strerror}.") from error
