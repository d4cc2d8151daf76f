"""A copy of a running SQLite database as it was at one moment, and what is in it."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple
from uuid import UUID

from csms.adapters.db.copying import Tell
from csms.adapters.db.engine import BUSY_TIMEOUT_MS, DatabaseUnavailable, create_private_file

_PAGES: Final = 4_096  # copied at a time


class Described(NamedTuple):
    """The revision of a database, and how many rows each table has."""

    revision: str | None
    tables: dict[str, int]


def take(source: Path, to: Path, tell: Tell) -> None:
    """Copy page by page, while others write: the open reading transaction keeps this moment's pages. Raises DatabaseUnavailable.

    Without that transaction SQLite would begin again whenever somebody commits, and never end on a busy system.
    """
    to.unlink(missing_ok=True)
    create_private_file(to)
    try:
        with closing(_open(source)) as reading, closing(_open(to)) as writing:
            reading.execute("BEGIN")
            reading.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            reading.backup(
                writing, pages=_PAGES, progress=lambda _status, left, all_: tell("copying", all_ - left, all_)
            )
            reading.execute("ROLLBACK")
            _require_sound(writing)
            writing.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.DatabaseError as error:
        raise DatabaseUnavailable(path=str(source), reason=str(error)) from error


def describe(path: Path) -> Described:
    """Raises DatabaseUnavailable when it is no database, or a damaged one."""
    try:
        with closing(_open(path)) as connection:
            _require_sound(connection)
            names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").fetchall()
            counts = {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for (name,) in names}  # noqa: S608 - names from the schema itself
            versions = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    except sqlite3.DatabaseError as error:
        raise DatabaseUnavailable(path=str(path), reason=str(error)) from error
    return Described(versions[0][0] if versions else None, counts)


def file_names(path: Path) -> list[str]:
    """The names in the file store of the files that the database knows; an old one knows of none."""
    with closing(_open(path)) as connection:
        if connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'stored_files'").fetchone() is None:
            return []
        return [UUID(key).hex for (key,) in connection.execute("SELECT id FROM stored_files")]


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    return connection


def _require_sound(connection: sqlite3.Connection) -> None:
    found = [row[0] for row in connection.execute("PRAGMA quick_check(3)")]
    if found != ["ok"]:
        raise sqlite3.DatabaseError("; ".join(found))
