"""Certificates and keys as files: readable by their owner only, private keys encrypted."""

import os
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from csms.kit.errors import Unavailable

PrivateKey: TypeAlias = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class CertificateFileUnusable(Unavailable):
    """A file with certificates or keys cannot be used."""

    code = "certificate_file_unusable"


def passphrase(secret: bytes) -> bytes:
    """What private keys are encrypted with, derived from the installation's secret."""
    return HKDF(hashes.SHA256(), 32, None, b"csms private keys").derive(secret).hex().encode()


def write(path: Path, content: bytes) -> None:
    """Put a file in its place at once and durably, mode 0600."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.write(descriptor, content)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        fresh.replace(path)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink()
        raise CertificateFileUnusable(f"{path} cannot be written: {error.strerror}.") from error


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CertificateFileUnusable(f"{path} cannot be read: {error.strerror}.") from error


def read_certificates(path: Path) -> list[x509.Certificate]:
    """Every certificate of a PEM file, the first one's own first."""
    try:
        return x509.load_pem_x509_certificates(read(path))
    except ValueError as error:
        raise CertificateFileUnusable(f"{path} holds no PEM certificate.") from error


def read_key(path: Path, password: bytes | None) -> PrivateKey:
    """A private key; `password` is tried if the file is encrypted."""
    content = read(path)
    secret = password if b"ENCRYPTED" in content else None
    try:
        key = serialization.load_pem_private_key(content, secret)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise CertificateFileUnusable(f"{path} holds no private key, or one of another secret.") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise CertificateFileUnusable(f"{path} holds neither an RSA nor an elliptic curve key.")
    return key


def sealed(key: PrivateKey, password: bytes) -> bytes:
    """The key as encrypted PEM."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(password),
    )


def pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
