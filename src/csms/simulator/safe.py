"""What a station keeps for its security: its profile, whom it trusts, its key and certificate (security white paper §2, §5)."""

import hashlib
import ssl
import tempfile
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from csms.ocpp import v16

CENTRAL_SYSTEM: Final = "CentralSystemRootCertificate"
TRIES: Final = 3  # with a new profile, before it goes back to the one before (A05.FR.08)
_ALGORITHMS: Final = {"SHA256": hashlib.sha256, "SHA384": hashlib.sha384, "SHA512": hashlib.sha512}

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(slots=True)
class Identity:
    """A key and the certificate for it, with what was sent along."""

    key: Key
    chain: list[x509.Certificate]


@dataclass(slots=True)
class Safe:
    """`profile` is in force; `before` is what the station goes back to when it cannot connect with a new one."""

    profile: int
    roots: dict[str, list[x509.Certificate]] = field(default_factory=dict)
    own: Identity | None = None
    pending_key: Key | None = None
    before: int | None = None
    failures: int = 0

    # Connecting

    @property
    def secured(self) -> bool:
        return self.profile >= 2

    @property
    def owner(self) -> str | None:
        """Whom the own certificate names."""
        names = self.own.chain[0].subject.get_attributes_for_oid(NameOID.COMMON_NAME) if self.own is not None else ()
        return next((str(one.value) for one in names), None)

    def context(self) -> ssl.SSLContext:
        """TLS as the profile has it: trusts what was installed, else what this machine does; shows the certificate in profile 3."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        trusted = "".join(_pem(root) for root in self.roots.get(CENTRAL_SYSTEM, ()))
        if trusted:
            context.load_verify_locations(cadata=trusted)
        else:
            context.load_default_certs()
        if self.profile >= 3 and self.own is not None:
            _load(context, self.own)
        return context

    def connected(self) -> None:
        self.before, self.failures = None, 0

    def failed(self) -> None:
        """After some tries with a new profile the station goes back to the one before."""
        if self.before is not None:
            self.failures += 1
            if self.failures >= TRIES:
                self.profile, self.before, self.failures = self.before, None, 0

    def raise_to(self, profile: int, *, has_password: bool) -> bool:
        """Whether all that the profile needs is there (A05.FR.01-05)."""
        if not self.profile < profile <= 3:
            return False
        if profile in (1, 2) and not has_password:
            return False
        if profile >= 2 and not self.roots.get(CENTRAL_SYSTEM):
            return False
        if profile == 3 and self.own is None:
            return False
        self.before, self.profile, self.failures = self.profile, profile, 0
        return True

    # The own certificate

    def request(self, common_name: str, organisation: str) -> str:
        """A new key and the request for its certificate, PEM (A02.FR.02, A02.FR.03, A02.FR.13)."""
        key = ec.generate_private_key(ec.SECP256R1())
        parts = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
        if organisation:
            parts.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation))
        request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(parts)).sign(key, hashes.SHA256())
        self.pending_key = key
        return request.public_bytes(serialization.Encoding.PEM).decode()

    def take(self, chain: str, common_name: str, now: datetime) -> bool:
        """Whether a signed certificate is good (A02.FR.06); it is in use from now on."""
        try:
            certificates = x509.load_pem_x509_certificates(chain.encode())
        except ValueError:
            return False
        leaf = certificates[0]
        names = [str(one.value) for one in leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
        key = self.pending_key
        if key is None or leaf.public_key() != key.public_key() or common_name not in names:
            return False
        if not leaf.not_valid_before_utc <= now <= leaf.not_valid_after_utc:
            return False
        roots = self.roots.get(CENTRAL_SYSTEM, ())
        if roots and not any(_issued_by(leaf, issuer) for issuer in (*certificates[1:], *roots)):
            return False
        self.own, self.pending_key = Identity(key, certificates), None
        return True

    # Those it trusts

    def install(self, use: str, certificate: str, limit: int, now: datetime) -> v16.InstallCertificateResponse:
        """Rejected: it is no certificate, or not valid now; Failed: there is no room for it."""
        try:
            new = x509.load_pem_x509_certificate(certificate.encode())
        except ValueError:
            return v16.InstallCertificateResponse(status="Rejected")
        if not new.not_valid_before_utc <= now <= new.not_valid_after_utc:
            return v16.InstallCertificateResponse(status="Rejected")
        present = self.roots.setdefault(use, [])
        if new not in present:
            if sum(map(len, self.roots.values())) >= limit:
                return v16.InstallCertificateResponse(status="Failed")
            present.append(new)
        return v16.InstallCertificateResponse(status="Accepted")

    def delete(self, wanted: v16.CertificateHashData) -> v16.DeleteCertificateResponse:
        for present in self.roots.values():
            for certificate in present:
                if hash_data(certificate, wanted.hash_algorithm) == wanted:
                    present.remove(certificate)
                    return v16.DeleteCertificateResponse(status="Accepted")
        return v16.DeleteCertificateResponse(status="NotFound")

    def listed(self, use: str) -> list[v16.CertificateHashData]:
        return [hash_data(certificate, "SHA256") for certificate in self.roots.get(use, ())]


def hash_data(certificate: x509.Certificate, algorithm: str) -> v16.CertificateHashData:
    """How OCPP names a certificate (§6.1, after RFC 6960 §4.1.1)."""
    digest = _ALGORITHMS[algorithm]
    key = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    bits = _bit_string(key)
    return v16.CertificateHashData(
        hash_algorithm=algorithm,  # type: ignore[arg-type]
        issuer_name_hash=digest(certificate.issuer.public_bytes()).hexdigest(),
        issuer_key_hash=digest(bits).hexdigest(),
        serial_number=f"{certificate.serial_number:x}",
    )


def _bit_string(info: bytes) -> bytes:
    """The subjectPublicKey of a SubjectPublicKeyInfo, without tag, length and unused bits."""

    def item(at: int) -> tuple[int, int]:
        size = info[at + 1]
        if size < 0x80:
            return at + 2, size
        count = size & 0x7F
        return at + 2 + count, int.from_bytes(info[at + 2 : at + 2 + count])

    inner, _ = item(0)
    start, size = item(inner)
    body, length = item(start + size)
    return info[body + 1 : body + length]


def _issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _load(context: ssl.SSLContext, own: Identity) -> None:
    """The standard library takes keys from files only."""
    key = own.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with tempfile.TemporaryDirectory(prefix="csms-simulator-") as folder:
        path = Path(folder) / "own.pem"
        path.touch(mode=0o600)
        path.write_bytes(key + "".join(map(_pem, own.chain)).encode())
        context.load_cert_chain(path)


def new_safe(profile: int, trusted: str | None, certificate: str | None, key: str | None) -> Safe:
    """A safe as the manufacturer fills it; all PEM."""
    safe = Safe(profile)
    if trusted is not None:
        safe.roots[CENTRAL_SYSTEM] = x509.load_pem_x509_certificates(trusted.encode())
    if certificate is not None and key is not None:
        loaded = serialization.load_pem_private_key(key.encode(), None)
        if not isinstance(loaded, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
            raise ValueError("a station's key is an RSA or an elliptic curve key")
        safe.own = Identity(loaded, x509.load_pem_x509_certificates(certificate.encode()))
    return safe
