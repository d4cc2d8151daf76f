"""What the certificates' features ask of stations."""

from typing import Literal

from csms.domain.commands.verbs import Verb

CertificateUse = Literal["central_system", "manufacturer"]


class RequestCertificate(Verb, frozen=True):
    """Have the station make a new key and ask for a certificate."""


class CertificateSigned(Verb, frozen=True):
    """Give the station its certificate, PEM."""

    chain: str


class InstallCertificate(Verb, frozen=True):
    """Have the station trust a root certificate, PEM."""

    use: CertificateUse
    certificate: str


class DeleteCertificate(Verb, frozen=True):
    """Have the station forget a certificate; hashes and serial number are hexadecimal."""

    hash_algorithm: Literal["SHA256", "SHA384", "SHA512"]
    issuer_name_hash: str
    issuer_key_hash: str
    serial_number: str


class GetInstalledCertificates(Verb, frozen=True):
    """Ask which root certificates the station trusts."""

    use: CertificateUse
