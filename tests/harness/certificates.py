"""Certificates for tests: an authority of a test's own, good and bad certificates, client contexts."""

import base64
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)


def subject(common_name: str, organisation: str | None = None) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    if organisation is not None:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation))
    return x509.Name(parts)


@cache
def new_key(name: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def maker(content: bytes, expired: bool = False) -> tuple[str, str]:
    """A firmware's signing certificate (PEM), and its signature over the content (base64)."""
    key, name, now = new_key("Maker"), subject("Maker"), datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(now - 10 * DAY)
    certificate = made.not_valid_after(now + (-DAY if expired else DAY)).sign(key, hashes.SHA256())
    signature = key.sign(content, ec.ECDSA(hashes.SHA256()))
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    return pem.decode(), base64.b64encode(signature).decode()


@dataclass(frozen=True)
class Pair:
    """A certificate with its key, as PEM files."""

    certificate: Path
    key: Path

    @property
    def signed(self) -> x509.Certificate:
        return x509.load_pem_x509_certificates(self.certificate.read_bytes())[0]


class TestAuthority:
    """Signs whatever it is asked to."""

    __test__ = False

    def __init__(self, folder: Path, name: str = "Operator CA", above: "TestAuthority | None" = None) -> None:
        self._folder = folder
        self._key = new_key(name)
        self._name = subject(name)
        self.path = folder / f"{name.replace(' ', '-')}.pem"
        now = datetime.now(UTC)
        self.certificate = (above or self)._sign(self._name, self._key, (now - DAY, now + 10 * DAY), None)
        self._chain = b"" if above is None else self.certificate.public_bytes(serialization.Encoding.PEM)
        self.path.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def revokes(
        self, *certificates: x509.Certificate, path: Path | None = None, der: bool = False, ends: timedelta = DAY
    ) -> Path:
        """Its revocation list, as a file."""
        now = datetime.now(UTC)
        builder = x509.CertificateRevocationListBuilder(self._name, now - 2 * DAY, now + ends)
        for certificate in certificates:
            entry = x509.RevokedCertificateBuilder(certificate.serial_number, now - DAY)
            builder = builder.add_revoked_certificate(entry.build())
        path = path or self.path.with_suffix(".crl")
        signed = builder.sign(self._key, hashes.SHA256())
        path.write_bytes(signed.public_bytes(serialization.Encoding.DER if der else serialization.Encoding.PEM))
        return path

    def issue(
        self,
        common_name: str,
        *,
        organisation: str | None = None,
        names: tuple[str, ...] = (),
        starts: timedelta = -DAY,
        ends: timedelta = DAY,
    ) -> Pair:
        now = datetime.now(UTC)
        key = new_key(common_name)
        signed = self._sign(subject(common_name, organisation), key, (now + starts, now + ends), names)
        stem = self._folder / f"{common_name}-{signed.serial_number:x}"
        pair = Pair(stem.with_suffix(".pem"), stem.with_suffix(".key"))
        pair.certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + self._chain)
        pair.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return pair

    def _sign(
        self,
        name: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        period: tuple[datetime, datetime],
        names: tuple[str, ...] | None,
    ) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(period[0])
            .not_valid_after(period[1])
            .add_extension(x509.BasicConstraints(names is None, None), critical=True)
        )
        if names:
            builder = builder.add_extension(
                x509.SubjectAlternativeName([x509.DNSName(one) for one in names]), critical=False
            )
        return builder.sign(self._key, hashes.SHA256())


def client_context(trusted: Path | str, pair: Pair | None = None) -> ssl.SSLContext:
    """A station's side of TLS: trusts one authority (file, or PEM text), shows a certificate if it has one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if isinstance(trusted, Path):
        context.load_verify_locations(trusted)
    else:
        context.load_verify_locations(cadata=trusted)
    if pair is not None:
        context.load_cert_chain(pair.certificate, pair.key)
    return context
