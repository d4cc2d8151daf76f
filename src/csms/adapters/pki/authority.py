"""Our certificate authority: made on first use, or the operator's; signs stations' and our own certificates."""

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

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

ROOT_LIFETIME: Final = timedelta(days=20 * 365)
SERVER_LIFETIME: Final = timedelta(days=397)
LIST_LIFETIME: Final = timedelta(days=7)
BACKDATED: Final = timedelta(hours=1)  # a station's clock may be behind
COMMON_NAME_LIMIT: Final = 64

_USAGE_OF_CA: Final = x509.KeyUsage(
    digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
    key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
)  # fmt: skip


def _usage(public_key: CertificatePublicKeyTypes) -> x509.KeyUsage:
    """TLS_RSA_* suites encrypt with the key itself, so an RSA key may encipher keys."""
    return x509.KeyUsage(
        digital_signature=True, content_commitment=False, key_encipherment=isinstance(public_key, rsa.RSAPublicKey),
        data_encipherment=False, key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False,
        decipher_only=False,
    )  # fmt: skip


class Authority:
    """A root (or issuing) certificate with its key. RSA by default: every station can check that."""

    def __init__(self, certificate: x509.Certificate, key: PrivateKey) -> None:
        if certificate.public_key() != key.public_key():
            raise CertificateFileUnusable("The authority's certificate and key do not belong together.")
        self.certificate = certificate
        self._key = key

    @property
    def root(self) -> str:
        """The certificate that stations must trust, PEM."""
        return pem(self.certificate).decode()

    @property
    def chain(self) -> str:
        """What a station's certificate is sent with: nothing, unless this authority has one above it."""
        return "" if self.certificate.issuer == self.certificate.subject else self.root

    def certify_station(
        self, request: str, identity: str, not_before: datetime, not_after: datetime
    ) -> x509.Certificate:
        """A station's certificate: subject and key of its request (already checked), and its identity as a name."""
        csr = x509.load_pem_x509_csr(request.encode())
        return self._sign(
            csr.subject,
            csr.public_key(),
            ExtendedKeyUsageOID.CLIENT_AUTH,
            [x509.DNSName(identity)],
            (not_before - BACKDATED, min(not_after, self.certificate.not_valid_after_utc)),
        )

    def certify_server(
        self, public_key: CertificatePublicKeyTypes, names: list[str], now: datetime
    ) -> x509.Certificate:
        """Our own certificate for the stations' port; the first name is the common name (A00.FR.308)."""
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:COMMON_NAME_LIMIT])])
        ends = min(now + SERVER_LIFETIME, self.certificate.not_valid_after_utc)
        usage = ExtendedKeyUsageOID.SERVER_AUTH
        return self._sign(subject, public_key, usage, [general_name(name) for name in names], (now - BACKDATED, ends))

    def _sign(
        self,
        subject: x509.Name,
        public_key: CertificatePublicKeyTypes,
        purpose: x509.ObjectIdentifier,
        names: list[x509.GeneralName],
        period: tuple[datetime, datetime],
    ) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.certificate.subject)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(period[0])
            .not_valid_after(period[1])
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(public_key), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        return builder.sign(self._key, hashes.SHA256())

    def revocation_list(self, revoked: Iterable[tuple[int, datetime]], now: datetime) -> bytes:
        """The list of revoked certificates (serial number, since when), DER (RFC 5280 §5)."""
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(now)
            .next_update(now + LIST_LIFETIME)
            .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
        )
        for serial_number, at in revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(serial_number).revocation_date(at)
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def general_name(name: str) -> x509.GeneralName:
    """A host name or an IP address as a certificate says it."""
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def load_authority(certificate: Path, key: Path, secret: bytes) -> Authority:
    """The operator's own; raises CertificateFileUnusable."""
    return Authority(read_certificates(certificate)[0], read_key(key, passphrase(secret)))


def own_authority(folder: Path, secret: bytes, now: datetime) -> Authority:
    """Ours, made when it is first asked for; one process makes it, the others wait and read it."""
    certificate, key = folder / "root.pem", folder / "root.key"
    with _alone(folder):
        if not certificate.exists():
            private = rsa.generate_private_key(65_537, 3072)
            write(key, sealed(private, passphrase(secret)))
            write(certificate, pem(_root(private, now)))
    return load_authority(certificate, key, secret)


def _root(key: rsa.RSAPrivateKey, now: datetime) -> x509.Certificate:
    serial_number = x509.random_serial_number()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Bluesky stations {serial_number:x}"[:32])])
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(serial_number)
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + ROOT_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_USAGE_OF_CA, critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time in a folder."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise CertificateFileUnusable(f"{folder} cannot be used: {error.strerror}.") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
