"""Backup and restore: the whole installation, as it was at one moment, or nothing."""

import asyncio
import json
import os
import sqlite3
import stat
import tarfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from alembic import command
from sqlalchemy import create_engine, text

from csms.adapters.db import migrate
from csms.adapters.db.bulk import Place, copy_database
from csms.adapters.db.copying import NotEmpty
from csms.adapters.db.engine import DatabaseUnavailable
from csms.adapters.db.migrate import NewerDatabase, _config
from csms.app.archive import FileExists, NoInstallation, NoRoom, UnusableBackup, room
from csms.app.backup import DirectoryNotEmpty, bring_back, make_backup
from csms.app.home import DataDirectoryInUse, Home
from csms.app.settings import Settings
from csms.kit.tasks import Tasks

from ..harness.everything import dump, fill
from ..harness.waiting import until
from ..setups import SETUP

NOW = datetime(2030, 1, 31, 12, tzinfo=UTC)


def settings(data: Path, **given: Any) -> Settings:
    return Settings(data=data, **given)


@pytest.fixture
def installation(tmp_path: Path) -> Settings:
    """Rows in every table, the files that it knows, keys, and a certificate."""
    data = tmp_path / "data"
    home = Home(data)
    home.station_key(), home.secret()
    migrate.upgrade_sqlite(home.database)
    engine = create_engine(f"sqlite:///{home.database}")
    with engine.begin() as connection:
        fill(connection, rows=20)
        files = [key for (key,) in connection.execute(text("SELECT id FROM stored_files"))]
    engine.dispose()
    (data / "files").mkdir(mode=0o700)
    for key in files:
        (data / "files" / key).write_bytes(os.urandom(1_000))
    (data / "files" / f"{files[0]}.part").write_bytes(b"half")
    (data / "pki").mkdir(mode=0o700)
    (data / "pki" / "authority.key").write_bytes(b"a key")
    return settings(data)


def content(data: Path) -> dict[str, bytes]:
    """What must come back unchanged, besides the database."""
    return {
        str(path.relative_to(data)): path.read_bytes()
        for path in data.rglob("*")
        if path.is_file() and "csms.db" not in path.name and path.suffix not in (".lock", ".part")
    }


def left_behind(folder: Path) -> list[Path]:
    return list(folder.glob(".*"))


async def test_all_of_it_comes_back_and_nobody_else_can_read_it(installation: Settings, tmp_path: Path) -> None:
    file, data = tmp_path / "backup.tar.gz", tmp_path / "new"
    made = await make_backup(installation, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert await bring_back(settings(data), file) == made
    assert dump(data / "csms.db") == dump(installation.data / "csms.db")
    assert content(data) == content(installation.data)
    assert {stat.S_IMODE(path.stat().st_mode) for path in data.rglob("*") if path.is_file()} == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in data.rglob("*") if path.is_dir()} == {0o700}
    assert left_behind(tmp_path) == []


@contextmanager
def writing(path: Path) -> Iterator[list[int]]:
    """Somebody who commits without end: two rows at a time, so that half of a commit would show."""
    done: list[int] = []
    stop = threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            while not stop.is_set():
                number = len(done)
                connection.execute("BEGIN IMMEDIATE")
                for half in ("a", "b"):
                    connection.execute(
                        "INSERT INTO unknown_stations (identity, first_seen_at, seen_at, attempts, address, path, subprotocols) "
                        "VALUES (?, 1, 1, 1, 'x', ?, '')",
                        (f"{half}{number}", "x" * 3_000),
                    )
                connection.execute("COMMIT")
                done.append(number)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield done
    finally:
        stop.set()
        thread.join()


async def test_it_is_of_one_moment_while_others_write(installation: Settings, tmp_path: Path) -> None:
    file, data = tmp_path / "backup.tar", tmp_path / "new"
    path = installation.data / "csms.db"
    with writing(path) as done:
        await until(lambda: len(done) > 50)
        before = len(done)
        await make_backup(installation, file)
        after = len(done)
    assert after > before, "nobody wrote meanwhile"
    await bring_back(settings(data), file)
    assert before <= whole_commits(data / "csms.db", len(done)) <= after


def whole_commits(path: Path, done: int) -> int:
    """How many commits a restored database has: all up to one of them, and no half of any."""
    with closing(sqlite3.connect(path)) as connection:
        rows = {row[0] for row in connection.execute("SELECT identity FROM unknown_stations")}
    pairs = [{f"{half}{number}" for half in "ab"} & rows for number in range(done)]
    assert all(len(pair) in (0, 2) for pair in pairs), "half of a commit"
    whole = [len(pair) == 2 for pair in pairs]
    assert whole == sorted(whole, reverse=True), "a gap"
    return sum(whole)


async def test_it_is_of_one_moment_on_postgres_too(installation: Settings, tmp_path: Path) -> None:
    url, data = SETUP.postgres.database(tmp_path), tmp_path / "new"
    done: list[int] = []

    async def write() -> None:
        connection = await asyncpg.connect(url)
        while not enough.is_set():
            number = len(done)
            async with connection.transaction():
                for half in ("a", "b"):
                    await connection.execute(
                        "INSERT INTO unknown_stations (identity, first_seen_at, seen_at, attempts, address, path, subprotocols) "
                        "VALUES ($1, now(), now(), 1, 'x', '', '')",
                        f"{half}{number}",
                    )
            done.append(number)
        await connection.close()

    tasks, enough = Tasks(), asyncio.Event()
    writer = tasks.start(write(), name="writer")
    await until(lambda: len(done) > 50)
    before = len(done)
    await make_backup(settings(installation.data, database_url=url), tmp_path / "backup.tar")
    after = len(done)
    assert after > before, "nobody wrote meanwhile"
    enough.set()
    await writer
    await bring_back(settings(data), tmp_path / "backup.tar")
    assert before <= whole_commits(data / "csms.db", len(done)) <= after


async def test_a_postgres_installation_comes_back_to_either_database(installation: Settings, tmp_path: Path) -> None:
    first, second = (SETUP.postgres.database(tmp_path / name) for name in ("first", "second"))
    source = installation.data / "csms.db"
    await copy_database(Place(str(source)), Place(first), NOW, lambda *_: None)
    file = tmp_path / "backup.tar"
    await make_backup(settings(installation.data, database_url=first), file)
    before = dump(source)
    await bring_back(settings(tmp_path / "embedded"), file)
    assert dump(tmp_path / "embedded" / "csms.db") == before
    await bring_back(settings(tmp_path / "shared", database_url=second), file)
    assert not (tmp_path / "shared" / "csms.db").exists()
    assert content(tmp_path / "shared") == content(installation.data)
    await copy_database(Place(second), Place(str(tmp_path / "seen.db")), NOW, lambda *_: None)
    assert dump(tmp_path / "seen.db") == before
    with pytest.raises(NotEmpty):
        await bring_back(settings(tmp_path / "third", database_url=second), file)


async def test_what_is_there_is_only_replaced_when_told_and_then_set_aside(
    installation: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "backup.tar"
    await make_backup(installation, file)
    with pytest.raises(FileExists):
        await make_backup(installation, file)
    with pytest.raises(DirectoryNotEmpty):
        await bring_back(installation, file)
    (installation.data / "station.key").write_bytes(b"another key, made since then ....")
    await bring_back(installation, file, replace=True)
    [aside] = installation.data.glob("replaced-*")
    assert (aside / "station.key").read_bytes().startswith(b"another key")
    assert len((installation.data / "station.key").read_bytes()) == 32


async def test_a_directory_that_was_there_stays_when_nothing_comes_into_it(
    installation: Settings, tmp_path: Path
) -> None:
    (tmp_path / "new").mkdir()
    with pytest.raises(NoInstallation):
        await bring_back(settings(tmp_path / "new"), tmp_path / "there is none.tar")
    assert (tmp_path / "new").exists()


async def test_not_under_a_running_server(installation: Settings, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar"
    await make_backup(installation, file)
    running = Home(tmp_path / "new")
    running.lock()
    with pytest.raises(DataDirectoryInUse):
        await bring_back(settings(tmp_path / "new"), file)
    running.unlock()


async def test_there_is_nothing_to_back_up_or_nowhere_to_put_it(installation: Settings, tmp_path: Path) -> None:
    with pytest.raises(NoInstallation):
        await make_backup(settings(tmp_path / "nothing"), tmp_path / "backup.tar")
    with pytest.raises(NoInstallation):
        await make_backup(installation, tmp_path / "nowhere" / "backup.tar")
    with pytest.raises(NoInstallation):
        await bring_back(settings(tmp_path / "new"), tmp_path / "backup.tar")


async def test_a_damaged_database_is_no_backup(installation: Settings, tmp_path: Path) -> None:
    path = installation.data / "csms.db"
    with path.open("r+b") as file:
        file.seek(8_192)
        file.write(b"\xff" * 20_000)
    with pytest.raises(DatabaseUnavailable):
        await make_backup(installation, tmp_path / "backup.tar")
    assert not (tmp_path / "backup.tar").exists()


def rewritten(file: Path, to: Path, change: Any) -> Path:
    """The same archive with members that `change(name, content)` gives, None to leave one out."""
    with tarfile.open(file) as source, tarfile.open(to, "w") as target:
        for member in source:
            said = source.extractfile(member)
            assert said is not None
            changed = change(member.name, said.read())
            if changed is not None:
                member.name, body = changed if isinstance(changed, tuple) else (member.name, changed)
                member.size = len(body)
                target.addfile(member, BytesIO(body))
    return to


def _manifest(**changes: Any) -> Any:
    def change(name: str, body: bytes) -> bytes:
        return json.dumps(json.loads(body) | changes).encode() if name == "manifest.json" else body

    return change


def _escaping(name: str, body: bytes) -> Any:
    if name == "manifest.json":
        said = json.loads(body)
        said["files"]["../escaped"] = said["files"].pop("station.key")
        return json.dumps(said).encode()
    return ("../escaped", body) if name == "station.key" else body


@pytest.mark.parametrize(
    "change",
    [
        lambda name, body: None if name == "station.key" else body,
        lambda name, body: None if name == "manifest.json" else body,
        lambda name, body: b"\x00" * 32 if name == "station.key" else body,
        lambda name, body: body[:-1] if name == "csms.db" else body,
        lambda name, body: ("unasked", body) if name == "station.key" else body,
        lambda name, body: b"[]" if name == "manifest.json" else body,
        _manifest(format=2),
        _manifest(tables={"sessions": 1}),
        _escaping,
    ],
    ids=["missing", "no manifest", "changed", "short", "extra", "nonsense", "newer", "counts", "escaping"],
)
async def test_a_backup_that_was_tampered_with_changes_nothing(
    installation: Settings, tmp_path: Path, change: Any
) -> None:
    await make_backup(installation, tmp_path / "backup.tar")
    bad = rewritten(tmp_path / "backup.tar", tmp_path / "bad.tar", change)
    with pytest.raises(UnusableBackup):
        await bring_back(settings(tmp_path / "new"), bad)
    assert not (tmp_path / "new").exists()
    assert not (tmp_path / "escaped").exists()


def test_a_full_disk_is_not_the_backup_s_fault() -> None:
    with pytest.raises(NoRoom) as told, room(), Path("/dev/full").open("wb", buffering=0) as full:
        full.write(b"one byte")
    assert "No space left" in told.value.facts["reason"]


@pytest.mark.parametrize("keep", [0, 10, 700, 0.5, 0.99])
async def test_a_backup_that_was_cut_off_changes_nothing(installation: Settings, tmp_path: Path, keep: float) -> None:
    file = tmp_path / "backup.tar.gz"
    await make_backup(installation, file)
    whole = file.read_bytes()
    file.write_bytes(whole[: int(keep * len(whole) if 0 < keep < 1 else keep)])
    with pytest.raises(UnusableBackup):
        await bring_back(settings(tmp_path / "new"), file)
    assert not (tmp_path / "new").exists()


async def test_a_backup_of_a_newer_version_is_refused(installation: Settings, tmp_path: Path) -> None:
    with closing(sqlite3.connect(installation.data / "csms.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = 'ffffffffffff'")
    await make_backup(installation, tmp_path / "backup.tar")
    with pytest.raises(NewerDatabase):
        await bring_back(settings(tmp_path / "new"), tmp_path / "backup.tar")


async def test_a_backup_of_an_older_database_comes_back_in_the_present_shape(tmp_path: Path) -> None:
    """As it is made by who has fetched the new version and not started it yet; this one knew of no files."""
    home = Home(tmp_path / "old")
    home.station_key(), home.secret()
    engine = create_engine(f"sqlite:///{home.database}")
    with engine.connect() as connection:
        command.upgrade(_config(connection), "bd6ef1e4ab5c")
        connection.execute(
            text(
                "INSERT INTO audit_entries (at, actor_kind, actor, action, subject_kind, subject_id) "
                "VALUES ('2030-01-31 12:00:00', 'system', 'system', 'look', 'station', 'A')"
            )
        )
        connection.commit()
    engine.dispose()
    await make_backup(settings(home.path), tmp_path / "backup.tar")
    await bring_back(settings(tmp_path / "new"), tmp_path / "backup.tar")
    assert migrate.examine_sqlite(tmp_path / "new" / "csms.db") == migrate.Examined()
    with closing(sqlite3.connect(tmp_path / "new" / "csms.db")) as there:
        assert there.execute("SELECT action FROM audit_entries").fetchall() == [("look",)]
