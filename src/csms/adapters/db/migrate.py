"""Brings a database to the present shape of the tables."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine

from csms.adapters.db.engine import create_private_file
from csms.adapters.db.tables import METADATA

_MIGRATIONS = Path(__file__).parent / "migrations"


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


def differences(connection: Connection) -> list[object]:
    """What the tables in the code have and the database has not, or the other way round; empty when they agree."""
    return list(compare_metadata(MigrationContext.configure(connection), METADATA))


def write_revision(connection: Connection, message: str) -> None:
    """Write the next migration from what the tables in the code have and the database has not."""
    command.revision(_config(connection), message=message, autogenerate=True)
