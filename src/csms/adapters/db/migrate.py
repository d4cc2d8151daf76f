"""Brings a database to the present shape of the tables: one tree of migrations for both databases."""

from datetime import datetime
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DatabaseError

from csms.adapters.db.engine import create_private_file
from csms.adapters.db.partitions import LOCK, PARTITIONED, make_partitions
from csms.adapters.db.postgres import PostgresDatabase
from csms.adapters.db.tables import METADATA
from csms.kit.database import Database
from csms.kit.errors import Conflict

_MIGRATIONS = Path(__file__).parent / "migrations"


class OldDatabase(Conflict):
    """The database has not the shape that this version needs: run `csms db upgrade` first."""

    code = "old_database"


class NewerDatabase(Conflict):
    """The database has a shape that this version does not know: a newer one made it."""

    code = "newer_database"


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def upgrade_sqlite(path: Path) -> None:
    """Create the database file if there is none (readable by its owner only) and run the migrations that it lacks."""
    create_private_file(path)
    engine = create_engine(f"sqlite:///{path}")
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            command.upgrade(_config(connection), "head")
            connection.commit()
    finally:
        engine.dispose()


async def upgrade_postgres(database: PostgresDatabase, now: datetime) -> None:
    """Run the migrations that the database lacks, one process at a time, and make the partitions of the next months."""
    async with database.unit() as session:
        await session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        connection = await session.connection()
        await connection.run_sync(lambda sync: command.upgrade(_config(sync), "head"))
        await make_partitions(session, now)


async def require_current(database: Database) -> None:
    """Raises OldDatabase when migrations are missing."""
    async with database.view() as session:
        connection = await session.connection()
        await connection.run_sync(require_revision)


def require_revision(connection: Connection) -> None:
    """Raises OldDatabase when migrations are missing, or when there are some that this version does not know."""
    revision = MigrationContext.configure(connection).get_current_revision()
    wanted = ScriptDirectory(str(_MIGRATIONS)).get_current_head()
    if revision != wanted:
        raise OldDatabase(has=str(revision), needs=str(wanted))


def require_known(revision: str | None) -> None:
    """Raises NewerDatabase for a shape that this version does not know."""
    known = {script.revision for script in ScriptDirectory(str(_MIGRATIONS)).walk_revisions()}
    if revision not in known:
        raise NewerDatabase(has=str(revision))


def examine_sqlite(path: Path) -> tuple[str | None, str | None]:
    """What is damaged in the file, and its revision when that is not the present one; it is only read."""
    engine = create_engine(f"sqlite:///file:{path}?mode=ro&uri=true")
    try:
        with engine.connect() as connection:
            found = [row[0] for row in connection.exec_driver_sql("PRAGMA quick_check(3)")]
            revision = MigrationContext.configure(connection).get_current_revision()
    except DatabaseError as error:
        return str(error.orig), None
    finally:
        engine.dispose()
    wanted = ScriptDirectory(str(_MIGRATIONS)).get_current_head()
    return None if found == ["ok"] else "; ".join(found), None if revision == wanted else str(revision)


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
