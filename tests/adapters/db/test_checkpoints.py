"""The write-ahead log begins anew while commits go on, and no commit carries all of it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from csms.adapters.db.checkpoints import Checkpoints
from csms.adapters.db.engine import connect_raw

ROWS = 50
ROUNDS = 40


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(connect_raw(tmp_path / "some.db")) as connection:
        connection.execute("CREATE TABLE things (id INTEGER PRIMARY KEY, what BLOB)")
        yield connection


def commit(connection: sqlite3.Connection) -> None:
    connection.executemany("INSERT INTO things (what) VALUES (zeroblob(?))", [(4000,)] * ROWS)


def log_size(tmp_path: Path) -> int:
    return (tmp_path / "some.db-wal").stat().st_size


def test_the_log_stays_short_however_much_is_written(tmp_path: Path, connection: sqlite3.Connection) -> None:
    checkpoints = Checkpoints(tmp_path / "some.db", every_rows=2 * ROWS)
    commits = []
    for _ in range(ROUNDS):
        checkpoints.before(connection)
        commits.append(0)
        while not checkpoints.moved.is_set():
            commit(connection)
            checkpoints.after(ROWS)
            commits[-1] += 1
    checkpoints.close()
    assert log_size(tmp_path) < sum(commits) * ROWS * 4096 / 4  # of a few rounds at most, not of forty
    assert connection.execute("SELECT count(*) FROM things").fetchone() == (sum(commits) * ROWS,)


def test_what_was_moved_and_what_was_not_are_both_there_after_a_crash(
    tmp_path: Path, connection: sqlite3.Connection
) -> None:
    checkpoints = Checkpoints(tmp_path / "some.db", every_rows=ROWS)
    commit(connection)
    checkpoints.after(ROWS)
    assert checkpoints.moved.wait(30)
    commit(connection)
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    for file in tmp_path.glob("some.db*"):  # the disk as a power cut leaves it
        (crashed / file.name).write_bytes(file.read_bytes())
    with closing(connect_raw(crashed / "some.db")) as after:
        assert after.execute("SELECT count(*) FROM things").fetchone() == (2 * ROWS,)
    checkpoints.close()
