"""What a station makes of a signed firmware (security white paper L01.FR.01-04)."""

import base64
import binascii
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256


def is_good(certificate: str, now: datetime) -> bool:
    """Whether it is a signing certificate in PEM whose time is now."""
    try:
        signer = x509.load_pem_x509_certificate(certificate.encode())
    except (ValueError, UnsupportedAlgorithm):
        return False
    return signer.not_valid_before_utc <= now <= signer.not_valid_after_utc


def is_signed(content: bytes, certificate: str, signature: str) -> bool:
    """Whether this is the certificate's signature over the whole file: RSA-PSS or ECDSA, with SHA-256."""
    try:
        key = x509.load_pem_x509_certificate(certificate.encode()).public_key()
        signed = base64.b64decode(signature, validate=True)
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signed, content, ec.ECDSA(SHA256()))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signed, content, padding.PSS(padding.MGF1(SHA256()), padding.PSS.AUTO), SHA256())
        else:
            return False
    except (binascii.Error, ValueError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True
