"""The audit trail over a real database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from csms.adapters.db.engine import SqliteDatabase
from csms.adapters.db.migrate import upgrade_sqlite
from csms.kit.database import Database


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    path = tmp_path / "csms.sqlite3"
    upgrade_sqlite(path)
    database = SqliteDatabase(path)
    yield database
    await database.close()
