"""What a station's certificate request must be, and how OCPP names certificates: pure."""

from datetime import timedelta
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from csms.domain.certificates.errors import NotACertificate

LIFETIME: Final = timedelta(days=365)
RENEW_BEFORE: Final = timedelta(days=30)
ASK_AGAIN_AFTER: Final = timedelta(days=1)
RSA_BITS: Final = 2048  # A00.FR.502
CURVES: Final = frozenset({"secp256r1", "secp384r1", "secp521r1"})  # A00.FR.503 asks for 224 bits; these, stations know
_WEAK_HASHES: Final = ("md5", "sha1")
CERTIFICATE_LIMIT: Final = 5500  # InstallCertificate.req


class Owner(NamedTuple):
    """Who a certificate must name: the identity or the serial number, and the operator, if that is set."""

    identity: str
    serial_number: str | None
    organisation: str | None


def objection(request: str, owner: Owner) -> str | None:
    """Why a request (PKCS #10, PEM) cannot be signed, in words; None when it can (A02.FR.02, A02.FR.13, A00.FR.404, 405)."""
    try:
        csr = x509.load_pem_x509_csr(request.encode())
        key = csr.public_key()
        signed = csr.is_signature_valid
        hash_ = csr.signature_hash_algorithm
    except (ValueError, UnsupportedAlgorithm, InvalidSignature):
        return "It is no certificate request in PEM."
    if not signed:
        return "Its signature is not that of its key."
    if hash_ is not None and hash_.name in _WEAK_HASHES:
        return f"It is signed with {hash_.name}."
    return _key_objection(key) or _subject_objection(csr.subject, owner)


def _key_objection(key: object) -> str | None:
    if isinstance(key, rsa.RSAPublicKey):
        return None if key.key_size >= RSA_BITS else f"Its RSA key has {key.key_size} bits; {RSA_BITS} are the least."
    if isinstance(key, ec.EllipticCurvePublicKey):
        return (
            None
            if key.curve.name in CURVES
            else f"Its curve, {key.curve.name}, is not among {', '.join(sorted(CURVES))}."
        )
    return "Its key is neither an RSA nor an elliptic curve key."


def _subject_objection(subject: x509.Name, owner: Owner) -> str | None:
    names = [str(one.value) for one in subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    if len(names) != 1 or names[0] not in (owner.identity, owner.serial_number):
        return (
            f"Its common name is {', '.join(names) or 'missing'}; it must be the station's identity or serial number."
        )
    organisations = [str(one.value) for one in subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)]
    if owner.organisation is not None and owner.organisation not in organisations:
        said = ", ".join(organisations) or "missing"
        return f"Its organisation is {said}; it must be {owner.organisation} (set CpoName in the station)."
    return None


def fingerprint(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(hashes.SHA256()).hex()


def checked_certificate(text: str) -> str:
    """A certificate to be installed on a station, as it is sent. Raises NotACertificate."""
    try:
        x509.load_pem_x509_certificate(text.encode())
    except ValueError as error:
        raise NotACertificate(field="certificate") from error
    if len(text) > CERTIFICATE_LIMIT:
        raise NotACertificate(field="certificate")
    return text.strip() + "\n"
