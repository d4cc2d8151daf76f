"""What a migration must bring along."""

import sqlite3
import uuid
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import create_engine, text

from csms.adapters.db import migrate
from csms.adapters.db.migrate import _config


def test_who_had_a_role_has_it_everywhere(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'old.db'}")
    ana, key = uuid.uuid4().hex, uuid.uuid4().hex
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys=ON")
        command.upgrade(_config(connection), "103d965e8e31")
        user = "INSERT INTO users (id, email, name, password_hash, role, created_at, updated_at) VALUES (:id, 'a', 'A', 'x', "
        connection.execute(text(f"{user}'administrator', 1, 1)"), {"id": ana})
        connection.execute(
            text(
                "INSERT INTO web_sessions (token_hash, id, user_id, created_at, seen_at, expires_at, address, user_agent) "
                "VALUES (x'01', :id, :id, 1, 1, 1, '', '')"
            ),
            {"id": ana},
        )
        made = "INSERT INTO api_keys (id, name, key_hash, hint, role, created_at) VALUES (:id, 'K', x'00', 'h', 'viewer', 1)"
        connection.execute(text(made), {"id": key})
        command.upgrade(_config(connection), "head")
        held = connection.execute(text("SELECT user_id, api_key_id, role, organisation_id, location_id FROM grants"))
        assert set(held) == {(ana, None, "administrator", None, None), (None, key, "viewer", None, None)}
        assert connection.execute(text("SELECT count(*) FROM web_sessions")).scalar() == 1
        command.downgrade(_config(connection), "103d965e8e31")
        assert connection.execute(text("SELECT role FROM users")).scalar() == "administrator"
    engine.dispose()


def test_a_newer_database_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "csms.db"
    migrate.upgrade_sqlite(path)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = 'ffffffffffff'")
    with pytest.raises(migrate.NewerDatabase, match="newer version of csms"):
        migrate.upgrade_sqlite(path)
