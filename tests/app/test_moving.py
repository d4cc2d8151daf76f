"""`csms db copy`, `csms backup` and `csms restore` as they are typed."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, delete

from csms.adapters.db.migrate import upgrade_sqlite
from csms.app.cli import main
from csms.app.home import Home
from csms.app.moving import place_of
from csms.domain.stations.model import Process

from ..harness.everything import dump, fill
from ..setups import SETUP


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory with rows in every table."""
    home = Home(tmp_path / "data")
    home.station_key()
    upgrade_sqlite(home.database)
    engine = create_engine(f"sqlite:///{home.database}")
    with engine.begin() as connection:
        fill(connection, rows=5)
        connection.execute(delete(Process))
    engine.dispose()
    return home.path


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def csms(*words: object) -> int:
    """Run the command; its exit code."""
    try:
        main([str(word) for word in words])
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def test_a_place_is_a_url_a_file_or_a_directory() -> None:
    assert place_of("postgres://db/csms").file is None
    assert place_of("somewhere/backup.db").file == Path("somewhere/backup.db")
    assert place_of("data").file == Path("data/csms.db")


def test_from_a_directory_to_postgres_and_into_another_directory(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = SETUP.postgres.database(tmp_path)
    assert csms("db", "copy", data, url) == 0
    said = capsys.readouterr().out
    assert "sessions                               5" in said
    assert "rows were copied, read back and found equal." in said
    assert csms("db", "copy", url, tmp_path / "back") == 0
    assert dump(tmp_path / "back" / "csms.db") == dump(data / "csms.db")
    assert csms("db", "copy", data, url) == 2
    assert "There is something in the target already" in capsys.readouterr().err


def test_nothing_moves_under_a_running_server(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    running = Home(data)
    running.lock()
    assert csms("db", "copy", data, data.parent / "other") == 2
    assert "Another csms server uses" in capsys.readouterr().err
    running.unlock()


def test_a_backup_under_a_running_server_and_its_return(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    running = Home(data)
    running.lock()
    file = tmp_path / "backup.tar.gz"
    assert csms("backup", "--data", data, "--to", file) == 0
    running.unlock()
    assert f"{file}: " in capsys.readouterr().out
    assert csms("restore", file, "--data", tmp_path / "new") == 0
    assert dump(tmp_path / "new" / "csms.db") == dump(data / "csms.db")
    assert csms("restore", file, "--data", tmp_path / "new") == 2
    assert "--replace" in capsys.readouterr().err
    assert csms("restore", file, "--data", tmp_path / "new", "--replace") == 0


def beside(tmp_path: Path, name: str) -> str:
    """The URL of another database on the server under test."""
    return SETUP.postgres.database(tmp_path).rpartition("/")[0] + "/" + name


def test_what_is_no_place_is_not_made_one(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert csms("db", "copy", data, "mysql://root:secret@db/csms") == 2
    said = capsys.readouterr().err
    assert "a URL that begins with postgresql://" in said
    assert "secret" not in said
    assert not Path("mysql:").exists()
    assert csms("db", "copy", data, data) == 2
    assert "Source and target are the same." in capsys.readouterr().err


def test_a_database_that_there_is_not_is_told_in_a_sentence(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert csms("db", "copy", data, beside(tmp_path, "there_is_none")) == 2
    assert 'database "there_is_none" does not exist' in capsys.readouterr().err


def test_pruning_makes_no_database_and_migrates_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert csms("db", "prune", "--data", tmp_path / "none") == 2
    assert "There is no database in" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()
    monkeypatch.setenv("CSMS_DATABASE_URL", beside(tmp_path, "postgres"))
    assert csms("db", "prune") == 2
    assert "run `csms db upgrade` first" in capsys.readouterr().err
