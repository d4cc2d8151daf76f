"""`csms doctor`: what it finds in good set-ups and in bad ones."""

import asyncio
import os
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from typer.testing import CliRunner

from csms.adapters.db.migrate import upgrade_sqlite
from csms.app.certificates import Pki
from csms.app.cli import app
from csms.app.doctor import Finding, doctor, examine
from csms.app.home import Home
from csms.app.settings import Settings
from csms.kit.clock import SystemClock

from ..harness import certificates
from ..harness.certificates import DAY, TestAuthority
from ..setups import SETUP


class StoppedClock:
    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return 0.0


def settings(data: Path, **more: object) -> Settings:
    return Settings(data=data, **({"http": "127.0.0.1:0", "ocpp": "127.0.0.1:0"} | more))  # type: ignore[arg-type]


def found(given: Settings, weight: str, now: datetime | None = None) -> list[Finding]:
    clock = SystemClock() if now is None else StoppedClock(now)
    return [finding for _, finding in examine(given, clock) if finding.weight == weight]


def has(findings: list[Finding], words: str) -> bool:
    return any(words in finding.what for finding in findings)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A data directory as the server leaves it, with an authority and certificates."""
    data = tmp_path / "data"
    given = settings(data, ocpp_tls="127.0.0.1:0")
    place = Home(data)
    upgrade_sqlite(place.database)
    asyncio.run(Pki(given, place, SystemClock()).station_tls())
    return data


@pytest.fixture
def busy() -> Iterator[int]:
    with closing(socket.socket()) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def test_a_good_set_up(home: Path) -> None:
    given = settings(home, ocpp_tls="127.0.0.1:0")
    assert found(given, "bad") == []
    good = found(given, "good")
    assert has(good, "The database is sound.")
    assert has(good, "server-ec.pem is valid until")
    assert has(good, "server-rsa.pem is valid until")
    assert has(good, "root.pem is valid until")


def test_nothing_is_there_yet(tmp_path: Path) -> None:
    given = settings(tmp_path / "data")
    assert found(given, "bad") == []
    assert not (tmp_path / "data").exists()
    assert has(found(given, "warning"), "There is no TLS port")


def test_a_damaged_database(home: Path) -> None:
    path = home / "csms.db"
    content = bytearray(path.read_bytes())
    content[5000:9000] = os.urandom(4000)
    path.write_bytes(content)
    assert has(found(settings(home), "bad"), "The database is damaged")


def test_a_database_that_somebody_holds_is_not_called_damaged(home: Path) -> None:
    with closing(sqlite3.connect(home / "csms.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        [finding] = found(settings(home), "bad")
    assert "cannot be used at present: database is locked" in finding.what
    assert found(settings(home), "bad") == []


@pytest.mark.parametrize(
    ("revision", "weight", "words"),
    [
        ("f" * 12, "bad", "A newer version of csms made this database"),
        ("7d7ef7a5a265", "warning", "the shape of an older version"),
    ],
)
def test_a_database_of_another_version(home: Path, revision: str, weight: str, words: str) -> None:
    with closing(sqlite3.connect(home / "csms.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    assert has(found(settings(home), weight), words)


def test_keys_that_others_can_read(home: Path) -> None:
    (home / "pki" / "root.key").chmod(0o644)
    [finding] = found(settings(home), "bad")
    assert "root.key can be read by others" in finding.what
    assert finding.advice.startswith("Run: chmod 600")


def test_a_lost_secret(home: Path) -> None:
    (home / "secret.key").write_bytes(b"x" * 32)
    assert has(found(settings(home, ocpp_tls="127.0.0.1:0"), "bad"), "one of another secret")


def test_certificates_that_have_expired_or_soon_will(home: Path) -> None:
    given = settings(home, ocpp_tls="127.0.0.1:0")
    assert has(found(given, "warning", datetime.now(UTC) + timedelta(days=380)), "server-ec.pem is valid until")
    assert has(found(given, "bad", datetime.now(UTC) + timedelta(days=500)), "server-ec.pem is not valid today")


def test_the_operators_certificate(tmp_path: Path, home: Path) -> None:
    operator = TestAuthority(tmp_path)
    pair, other = operator.issue("csms.example", names=("csms.example",)), operator.issue("other")
    own = {"ocpp_tls": "127.0.0.1:0", "ocpp_tls_certificate": pair.certificate}
    mixed = settings(home, **own, ocpp_tls_key=other.key)
    assert has(found(mixed, "bad"), "is not the key of")
    misnamed = settings(home, **own, ocpp_tls_key=pair.key, ocpp_tls_url="wss://elsewhere.example/ocpp")
    assert has(found(misnamed, "warning"), "stations connect to elsewhere.example")
    late = operator.issue("csms.example", ends=-DAY / 2)
    expired = settings(home, ocpp_tls="127.0.0.1:0", ocpp_tls_certificate=late.certificate, ocpp_tls_key=late.key)
    assert has(found(expired, "bad"), "is not valid today")


def test_a_chain_whose_names_match_and_whose_signatures_do_not(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    old = TestAuthority(tmp_path / "old")
    monkeypatch.setattr(certificates, "new_key", lambda _name: ec.generate_private_key(ec.SECP256R1()))
    new = TestAuthority(tmp_path / "new")
    pair = old.issue("csms.example", names=("csms.example",))
    own = {"ocpp_tls": "127.0.0.1:0", "ocpp_tls_certificate": pair.certificate, "ocpp_tls_key": pair.key}
    leaf = pair.certificate.read_bytes()
    for authority, broken in ((old, False), (new, True)):
        pair.certificate.write_bytes(leaf + authority.path.read_bytes())
        assert has(found(settings(home, **own), "bad"), "is broken") == broken


def test_urls(home: Path) -> None:
    urls = {"public_url": "ftp://here", "ocpp_url": "http://here/ocpp", "ocpp_tls_url": "wss://h:99x/ocpp"}
    said = " ".join(finding.what for finding in found(settings(home, ocpp_tls="127.0.0.1:0", **urls), "bad"))
    assert "public_url is ftp://here; it must begin with http://HOST or https://HOST" in said
    assert "ocpp_url is http://here/ocpp; it must begin with ws://HOST or wss://HOST" in said
    assert "ocpp_tls_url is no URL" in said
    unknown = settings(home, public_url="https://csms.invalid")
    assert has(found(unknown, "warning"), "The name csms.invalid of public_url is not known here")
    nowhere = settings(home, ocpp_url="wss://csms.invalid/ocpp")
    assert has(found(nowhere, "warning"), "The name csms.invalid of ocpp_url is not known here")
    assert not has(found(nowhere, "good"), "csms.invalid")


def test_revocation_lists(tmp_path: Path, home: Path) -> None:
    crl = TestAuthority(tmp_path).revokes()
    listed = settings(home, ocpp_tls_revoked=str(crl))
    assert has(found(listed, "good"), "The revocation list Operator-CA.crl is current until")
    assert has(found(listed, "bad", datetime.now(UTC) + 2 * DAY), "Operator-CA.crl should have been renewed by")
    crl.write_text("no list")
    assert has(found(listed, "bad"), "holds no revocation list")


def test_ports(tmp_path: Path, busy: int) -> None:
    taken = settings(tmp_path, ocpp=f"127.0.0.1:{busy}")
    assert has(found(taken, "bad"), "Another program listens")
    ours = Home(tmp_path)
    ours.lock()
    assert has(found(taken, "good"), "Somebody listens")
    ours.unlock()
    elsewhere = settings(tmp_path, ocpp=f"192.0.2.1:{busy}")
    assert has(found(elsewhere, "bad"), "cannot be used")


def test_a_clock_that_was_never_set(tmp_path: Path) -> None:
    assert has(found(settings(tmp_path), "bad", datetime(1970, 1, 2, tzinfo=UTC)), "The clock says 1970-01-02")


def test_a_database_server_that_does_not_answer(tmp_path: Path) -> None:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        closed = probe.getsockname()[1]
    gone = settings(tmp_path, database_url=f"postgresql://csms:secret@127.0.0.1:{closed}/csms")
    [finding] = found(gone, "bad")
    assert "does not answer" in finding.what
    assert "secret" not in str(finding)
    both = settings(tmp_path, database_url=f"postgresql://csms:secret@127.0.0.1:{closed},127.0.0.1:{closed}/csms")
    assert len(found(both, "bad")) == 2


def test_an_old_database_of_many_processes_which_only_an_upgrade_mends(tmp_path: Path) -> None:
    url = SETUP.postgres.database(tmp_path)

    async def age() -> None:
        connection = await asyncpg.connect(url)
        await connection.execute("UPDATE alembic_version SET version_num = '7d7ef7a5a265'")
        await connection.close()

    asyncio.run(age())
    assert has(found(settings(tmp_path, database_url=url), "warning"), "the shape of an older version")
    assert has(found(settings(tmp_path, database_url=url, roles="gateway"), "bad"), "Nothing starts on it")


def test_the_command_says_it_in_text_and_by_its_exit_code(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CSMS_HTTP", "127.0.0.1:0")
    monkeypatch.setenv("CSMS_OCPP", "127.0.0.1:0")
    if not any(command.callback is doctor for command in app.registered_commands):
        app.command()(doctor)
    good = CliRunner().invoke(app, ["doctor", "--data", str(home)])
    assert (good.exit_code, "ok    The database is sound." in good.output) == (0, True)
    (home / "pki" / "root.key").chmod(0o644)
    bad = CliRunner().invoke(app, ["doctor", "--data", str(home)])
    assert (bad.exit_code, "BAD" in bad.output) == (1, True)
