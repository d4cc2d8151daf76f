"""What a maker gives with a firmware: its signing certificate, and its signature over the whole file (white paper L01.FR.04)."""

import base64
import binascii

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.hashes import SHA256

from csms.domain.firmware.errors import UnusableSignature


def check_form(certificate: str, signature: str) -> None:
    """Raises UnusableSignature for what no station could read."""
    try:
        x509.load_pem_x509_certificate(certificate.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UnusableSignature("This is no certificate in PEM.", field="signing_certificate") from error
    try:
        base64.b64decode("".join(signature.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise UnusableSignature("This is no base64.", field="signature") from error


def fits(certificate: str, signature: str, sha256: str) -> bool | None:
    """Whether it is the certificate's signature over a file with this hash; None where stations may know a way that we do not."""
    try:
        key = x509.load_pem_x509_certificate(certificate.encode()).public_key()
        signed, digest = base64.b64decode(signature), bytes.fromhex(sha256)
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signed, digest, ec.ECDSA(utils.Prehashed(SHA256())))
        elif isinstance(key, rsa.RSAPublicKey):
            pss = padding.PSS(padding.MGF1(SHA256()), padding.PSS.AUTO)
            key.verify(signed, digest, pss, utils.Prehashed(SHA256()))
        else:
            return None
    except (ValueError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True
