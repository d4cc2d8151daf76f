"""Revoked certificates: refused at the door, and an end to connections that stand (security white paper A00.FR.407)."""

from datetime import timedelta
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from csms.adapters.pki.files import CertificateFileUnusable
from csms.adapters.pki.revoked import RevocationLists

from ...harness.certificates import DAY, Pair, TestAuthority
from .conftest import Open, TlsDoor


async def refused(door: TlsDoor, identity: str, certificate: Pair) -> int:
    with pytest.raises(InvalidStatus) as refusal:
        await door.connect(identity, certificate=certificate)
    return refusal.value.response.status_code


async def test_what_its_authority_has_revoked_is_refused(open_door: Open, tmp_path: Path) -> None:
    authority = TestAuthority(tmp_path, "Listing CA")
    bad, good = authority.issue("CS-1"), authority.issue("CS-1", names=("CS-1",))
    crl = authority.revokes(bad.signed)
    door = await open_door(ocpp_tls_trusted=str(authority.path), ocpp_tls_revoked=str(crl))
    await door.station("CS-1", profile=3)
    assert await refused(door, "CS-1", bad) == 403
    [attempt] = await door.attempts("certificate_revoked")
    assert (attempt["identity"], attempt["certificate_subject"]) == ("CS-1", "CN=CS-1")
    line = await door.connect("CS-1", certificate=good)
    assert (await line.boot())["status"] == "Accepted"


async def test_so_is_what_an_authority_below_has_signed_that_was_revoked(open_door: Open, tmp_path: Path) -> None:
    root = TestAuthority(tmp_path, "Root CA")
    below, other = TestAuthority(tmp_path, "Lost CA", above=root), TestAuthority(tmp_path, "Kept CA", above=root)
    crl = root.revokes(below.certificate, der=True)
    door = await open_door(ocpp_tls_trusted=str(root.path), ocpp_tls_revoked=str(crl))
    await door.station("CS-1", profile=3)
    assert await refused(door, "CS-1", below.issue("CS-1")) == 403
    await door.connect("CS-1", certificate=other.issue("CS-1"))


async def test_a_list_that_changes_ends_connections_that_stand(open_door: Open, tmp_path: Path) -> None:
    authority = TestAuthority(tmp_path, "Listing CA")
    crl = authority.revokes()
    door = await open_door(ocpp_tls_trusted=str(authority.path), ocpp_tls_revoked=str(crl))
    await door.station("CS-1", profile=3)
    await door.station("CS-2", profile=3)
    password = await door.station("CS-3", profile=2)
    lost = authority.issue("CS-1")
    standing = await door.connect("CS-1", certificate=lost)
    others = [
        await door.connect("CS-2", certificate=authority.issue("CS-2")), await door.connect("CS-3", password=password),
    ]  # fmt: skip
    authority.revokes(lost.signed)
    assert await standing.closed() == 1008
    assert await refused(door, "CS-1", lost) == 403
    for line in others:
        assert (await line.boot())["status"] == "Accepted"


def lists(files: list[Path], *authorities: TestAuthority) -> RevocationLists:
    return RevocationLists(files, [authority.certificate for authority in authorities])


def test_lists_are_believed_only_from_those_who_are_trusted(tmp_path: Path) -> None:
    trusted, stranger = TestAuthority(tmp_path, "Trusted CA"), TestAuthority(tmp_path, "Stranger CA")
    with pytest.raises(CertificateFileUnusable, match="CN=Stranger CA is no authority that is trusted here"):
        lists([stranger.revokes()], trusted).refresh()
    liar = TestAuthority(tmp_path, "Liar CA")
    liar._name = trusted._name
    with pytest.raises(CertificateFileUnusable, match="is not signed by CN=Trusted CA"):
        lists([liar.revokes(path=tmp_path / "forged")], trusted).refresh()
    (tmp_path / "garbage").write_text("-----BEGIN X509 CRL-----\nno\n-----END X509 CRL-----\n")
    with pytest.raises(CertificateFileUnusable, match="holds no revocation list"):
        lists([tmp_path / "garbage"], trusted).refresh()
    with pytest.raises(CertificateFileUnusable, match="cannot be read"):
        lists([tmp_path / "missing"], trusted).refresh()


def test_what_was_read_counts_until_the_new_list_is_good(tmp_path: Path) -> None:
    """Also when it has run out: a list that nobody renews must not let revoked certificates in."""
    trusted = TestAuthority(tmp_path, "Trusted CA")
    revoked = trusted.issue("CS-1").signed
    path = ((revoked.issuer.public_bytes(), revoked.serial_number),)
    crl = trusted.revokes(revoked, ends=timedelta(-1))
    known = lists([crl], trusted)
    assert known.refresh()
    assert not known.refresh()
    crl.write_text("half a fi")
    with pytest.raises(CertificateFileUnusable):
        known.refresh()
    assert known.listed(path)
    trusted.revokes(ends=2 * DAY)
    assert known.refresh()
    assert not known.listed(path)


def test_one_file_may_hold_several_lists(tmp_path: Path) -> None:
    one, two = TestAuthority(tmp_path, "First CA"), TestAuthority(tmp_path, "Second CA")
    revoked = [one.issue("CS-1").signed, two.issue("CS-2").signed]
    both = tmp_path / "both.pem"
    both.write_bytes(one.revokes(revoked[0]).read_bytes() + two.revokes(revoked[1]).read_bytes())
    known = lists([both], one, two)
    known.refresh()
    assert [known.listed(((each.issuer.public_bytes(), each.serial_number),)) for each in revoked] == [True, True]
    assert not known.listed(((revoked[0].issuer.public_bytes(), revoked[1].serial_number),))
