"""Which certificate requests can be signed (security white paper A02.FR.13, A00.FR.404, 405, 501-503)."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

from csms.domain.certificates.errors import NotACertificate
from csms.domain.certificates.rules import Owner, checked_certificate, objection

OWNER = Owner("CS-1", "SN-42", "Blue Charging")


def request(*names: str, organisation: str | None = "Blue Charging", key=None, hash_=None) -> str:
    key = key or ec.generate_private_key(ec.SECP256R1())
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, name) for name in names]
    if organisation is not None:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation))
    if hash_ is None and not isinstance(key, ed25519.Ed25519PrivateKey):
        hash_ = hashes.SHA256()
    csr = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(parts)).sign(key, hash_)
    return csr.public_bytes(serialization.Encoding.PEM).decode()


@pytest.mark.parametrize("name", ["CS-1", "SN-42"])
def test_the_identity_or_the_serial_number_is_its_name(name: str) -> None:
    assert objection(request(name), OWNER) is None


@pytest.mark.parametrize(
    "key",
    [rsa.generate_private_key(65_537, 2048), ec.generate_private_key(ec.SECP384R1())],
    ids=["RSA 2048", "P-384"],
)
def test_keys_that_are_long_enough(key) -> None:
    assert objection(request("CS-1", key=key), OWNER) is None


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "PEM"),
        ("-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n", "PEM"),
        (request("CS-2"), "common name is CS-2"),
        (request(), "common name is missing"),
        (request("CS-1", "CS-2"), "common name"),
        (request("CS-1", organisation=None), "organisation is missing"),
        (request("CS-1", organisation="Red Charging"), "Red Charging"),
        (request("CS-1", key=rsa.generate_private_key(65_537, 1024)), "1024 bits"),
        (request("CS-1", key=ec.generate_private_key(ec.SECP192R1())), "secp192r1"),
        (request("CS-1", key=ed25519.Ed25519PrivateKey.generate()), "neither"),
    ],
    ids=[
        "nothing",
        "garbage",
        "another",
        "nameless",
        "two",
        "no operator",
        "other operator",
        "short RSA",
        "short EC",
        "Ed25519",
    ],
)
def test_what_is_not_signed(text: str, word: str) -> None:
    reason = objection(text, OWNER)
    assert reason is not None
    assert word in reason


def test_a_request_whose_signature_is_anothers_is_not_signed() -> None:
    good = x509.load_pem_x509_csr(request("CS-1").encode()).public_bytes(serialization.Encoding.DER)
    broken = good[:-4] + bytes(byte ^ 1 for byte in good[-4:])
    pem = x509.load_der_x509_csr(broken).public_bytes(serialization.Encoding.PEM).decode()
    assert objection(pem, OWNER) == "Its signature is not that of its key."


def test_without_an_operators_name_any_organisation_will_do() -> None:
    anybody = Owner("CS-1", None, None)
    assert objection(request("CS-1", organisation=None), anybody) is None
    assert objection(request("SN-42"), anybody) is not None


@pytest.mark.parametrize("text", ["", "PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"])
def test_what_is_no_certificate_is_not_installed(text: str) -> None:
    with pytest.raises(NotACertificate):
        checked_certificate(text)
