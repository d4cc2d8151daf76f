"""Write the next database migration: `python tools/new_migration.py "what changes"`; then read and mend it."""

import sys
import tempfile
from pathlib import Path

from sqlalchemy import create_engine

from csms.adapters.db.migrate import upgrade_sqlite, write_revision


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "now.db"
        upgrade_sqlite(path)
        engine = create_engine(f"sqlite:///{path}")
        with engine.connect() as connection:
            write_revision(connection, sys.argv[1])
        engine.dispose()


if __name__ == "__main__":
    main()
