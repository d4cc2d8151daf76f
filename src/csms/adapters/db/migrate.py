"""Brings a database to the present shape of the tables: one tree of migrations for both databases."""

from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DatabaseError, OperationalError

from csms.adapters.db.engine import create_private_file
from csms.adapters.db.partitions import LOCK, PARTITIONED, make_partitions
from csms.adapters.db.postgres import PostgresDatabase
from csms.adapters.db.tables import METADATA
from csms.kit.database import Database
from csms.kit.errors import Conflict

_MIGRATIONS = Path(__file__).parent / "migrations"
_TURN_WITHIN_S: Final = 2.0


class OldDatabase(Conflict):
    """The database has not the shape that this version needs: run `csms db upgrade` first."""

    code = "old_database"


class NewerDatabase(Conflict):
    """A newer version of csms made this database: run that version, or restore a backup of this one's."""

    code = "newer_database"


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def upgrade_sqlite(path: Path) -> None:
    """Create the database file if there is none (readable by its owner only) and run the migrations that it lacks.

    Raises NewerDatabase.
    """
    create_private_file(path)
    engine = create_engine(f"sqlite:///{path}")
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            _upgrade(connection)
            connection.commit()
    finally:
        engine.dispose()


def _upgrade(connection: Connection) -> None:
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is not None:
        require_known(revision)
    command.upgrade(_config(connection), "head")


async def upgrade_postgres(database: PostgresDatabase, now: datetime) -> None:
    """Run the migrations that the database lacks, one process at a time, and make the partitions of the next months.

    Raises NewerDatabase.
    """
    async with database.unit() as session:
        await session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        connection = await session.connection()
        await connection.run_sync(_upgrade)
        await make_partitions(session, now)


async def require_current(database: Database) -> None:
    """Raises as `require_revision` does."""
    async with database.view() as session:
        connection = await session.connection()
        await connection.run_sync(require_revision)


def require_revision(connection: Connection) -> None:
    """Raises OldDatabase when migrations are missing, NewerDatabase when there are some that this version does not know."""
    revision = MigrationContext.configure(connection).get_current_revision()
    wanted = ScriptDirectory(str(_MIGRATIONS)).get_current_head()
    if revision != wanted:
        if revision is not None:
            require_known(revision)
        raise OldDatabase(has=str(revision), needs=str(wanted))


def require_known(revision: str | None) -> None:
    """Raises NewerDatabase for a shape that this version does not know."""
    known = {script.revision for script in ScriptDirectory(str(_MIGRATIONS)).walk_revisions()}
    if revision not in known:
        raise NewerDatabase(has=str(revision))


class Examined(NamedTuple):
    """What speaks against a database file: that it cannot be used at present, what is damaged, whose shape it has."""

    unusable: str | None = None
    damaged: str | None = None
    shape: Conflict | None = None


def examine_sqlite(path: Path) -> Examined:
    """Reads it, and takes the turn to write for a moment; nothing is written."""
    engine = create_engine(f"sqlite:///file:{path}?mode=rw&uri=true", connect_args={"timeout": _TURN_WITHIN_S})
    try:
        with engine.connect() as connection:
            found = [row[0] for row in connection.exec_driver_sql("PRAGMA quick_check(3)")]
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                require_revision(connection)
            except (OldDatabase, NewerDatabase) as shape:
                return Examined(shape=shape)
            connection.rollback()
    except OperationalError as error:
        return Examined(unusable=str(error.orig))
    except DatabaseError as error:
        return Examined(damaged=str(error.orig))
    finally:
        engine.dispose()
    return Examined(damaged=None if found == ["ok"] else "; ".join(found))


def differences(connection: Connection) -> list[object]:
    """What the tables in the code have and the database has not, or the other way round; empty when they agree."""
    options = {"include_name": _is_ours}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), METADATA))


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Partitions are made at run time and stand in no model."""
    return not (kind == "table" and name is not None and name.startswith(tuple(f"{table}_" for table in PARTITIONED)))


def write_revision(connection: Connection, message: str) -> None:
    """Write the next migration from what the tables in the code have and the database has not."""
    command.revision(_config(connection), message=message, autogenerate=True)
