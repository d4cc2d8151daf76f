"""Revocation lists (RFC 5280 §5) of the authorities whose station certificates are trusted, as files that others renew."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from csms.adapters.pki.files import CertificateFileUnusable, read

_BEGIN: Final = b"-----BEGIN X509 CRL-----"


class RevocationLists:
    """What the lists in some files say, PEM (with one list or several) or DER. Those that have run out still count."""

    def __init__(self, files: Sequence[Path], authorities: Sequence[x509.Certificate]) -> None:
        self._files = files
        self._authorities = authorities
        self._stamp: tuple[tuple[int, int], ...] | None = None
        self._revoked: dict[bytes, frozenset[int]] = {}
        self.next_update: datetime | None = None

    def refresh(self) -> bool:
        """Read the files if any has changed; whether it did. What was read before counts on when this raises.

        Raises CertificateFileUnusable: unreadable, or signed by none of the authorities.
        """
        stamp = tuple(_stamp(path) for path in self._files)
        if stamp == self._stamp:
            return False
        revoked: dict[bytes, set[int]] = {}
        ends: list[datetime] = []
        for path in self._files:
            for one in read_lists(path):
                self._check(path, one)
                revoked.setdefault(one.issuer.public_bytes(), set()).update(entry.serial_number for entry in one)
                ends += [one.next_update_utc] if one.next_update_utc is not None else []
        self._revoked = {issuer: frozenset(numbers) for issuer, numbers in revoked.items()}
        self.next_update = min(ends, default=None)
        self._stamp = stamp
        return True

    def listed(self, path: Iterable[tuple[bytes, int]]) -> bool:
        """Whether a certificate of this path (issuer and serial number of each) is on a list."""
        return any(number in self._revoked.get(issuer, ()) for issuer, number in path)

    def _check(self, path: Path, one: x509.CertificateRevocationList) -> None:
        signers = [authority for authority in self._authorities if authority.subject == one.issuer]
        if not signers:
            raise CertificateFileUnusable(
                f"{path}: {one.issuer.rfc4514_string()} is no authority that is trusted here."
            )
        if not any(_signed_by(one, signer) for signer in signers):
            raise CertificateFileUnusable(f"{path} is not signed by {one.issuer.rfc4514_string()}.")
        if any(extension.oid == x509.DeltaCRLIndicator.oid for extension in one.extensions):
            raise CertificateFileUnusable(f"{path} holds changes to a list, not a whole one.")


def read_lists(path: Path) -> list[x509.CertificateRevocationList]:
    """Raises CertificateFileUnusable."""
    content = read(path)
    try:
        if _BEGIN not in content:
            return [x509.load_der_x509_crl(content)]
        return [x509.load_pem_x509_crl(_BEGIN + part) for part in content.split(_BEGIN)[1:]]
    except ValueError as error:
        raise CertificateFileUnusable(f"{path} holds no revocation list.") from error


def _signed_by(one: x509.CertificateRevocationList, authority: x509.Certificate) -> bool:
    try:
        return one.is_signature_valid(authority.public_key())  # type: ignore[arg-type]
    except (TypeError, ValueError, UnsupportedAlgorithm):
        return False


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError as error:
        raise CertificateFileUnusable(f"{path} cannot be read: {error.strerror}.") from error
    return found.st_mtime_ns, found.st_size
