"""Whole databases from SQLite to PostgreSQL and back: every row, or nothing."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import create_engine, insert, text, update
from sqlalchemy.ext.asyncio import create_async_engine

from csms.adapters.db.bulk import DatabaseInUse, NoDatabase, Place, copy_database
from csms.adapters.db.copying import CannotHold, Copied, NotEmpty, NotEqual
from csms.adapters.db.engine import DatabaseUnavailable
from csms.adapters.db.migrate import OldDatabase, upgrade_sqlite
from csms.domain.audit.model import AuditEntry
from csms.domain.sessions.model import Session
from csms.kit.tables import Base

from ...harness.everything import dump, fill
from ...proxy import proxied
from ...setups import SETUP

NOW = datetime(2030, 1, 31, 12, tzinfo=UTC)


def quiet(_doing: str, _done: int, _total: int) -> None:
    pass


@pytest.fixture
def full(tmp_path: Path) -> Path:
    """An SQLite database with rows in every table."""
    path = tmp_path / "full.db"
    upgrade_sqlite(path)
    change(path, lambda connection: (connection.execute(text("DELETE FROM counters")), fill(connection)))
    return path


@pytest.fixture
def postgres(tmp_path: Path) -> Place:
    """An empty PostgreSQL database."""
    return Place(SETUP.postgres.database(tmp_path))


def change(path: Path, what: Any) -> None:
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        what(connection)
    engine.dispose()


async def ask(postgres: Place, sql: str) -> list[Any]:
    engine = create_async_engine(postgres.where.replace("postgresql://", "postgresql+asyncpg://"))
    async with engine.begin() as connection:
        rows = list((await connection.execute(text(sql))).all()) if sql.startswith("SELECT") else []
        if not sql.startswith("SELECT"):
            await connection.execute(text(sql))
    await engine.dispose()
    return rows


async def move(source: Place | Path, target: Place | Path) -> Copied:
    places = [place if isinstance(place, Place) else Place(str(place)) for place in (source, target)]
    return await copy_database(places[0], places[1], NOW, quiet)


async def test_there_and_back_every_row_of_every_table_is_the_same(full: Path, postgres: Place, tmp_path: Path) -> None:
    copied = await move(full, postgres)
    assert {name for name, content in copied.tables.items() if content.rows} == set(Base.metadata.tables)
    back = tmp_path / "back.db"
    assert (await move(postgres, back)).tables == copied.tables
    before, after = dump(full), dump(back)
    for name, rows in before.items():
        assert after[name] == rows, name


async def test_energy_is_told(full: Path, tmp_path: Path) -> None:
    change(full, lambda connection: connection.execute(update(Session).values(energy_wh=1_000)))
    copied = await move(full, tmp_path / "other.db")
    assert copied.tables["sessions"].energy_wh == 40 * 1_000
    assert copied.rows == sum(len(rows) for rows in dump(full).values())


async def test_how_far_it_is_counts_to_the_end(full: Path, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    target = Place(str(tmp_path / "other.db"))
    copied = await copy_database(Place(str(full)), target, NOW, lambda *step: told.append(step))
    ends = [("copying", copied.rows, copied.rows), ("checking", copied.rows, copied.rows)]
    assert [step for step in told if step[1] == step[2]] == ends
    assert told == sorted(told, key=lambda step: (step[0] == "checking", step[1]))


async def test_numbers_go_on_and_months_are_made(full: Path, postgres: Place) -> None:
    await move(full, postgres)
    await ask(postgres, "INSERT INTO audit_entries (at, actor, actor_kind, action, subject_kind, subject_id) "
                        "VALUES (now(), 'a', 'user', 'create', 'x', '1')")  # fmt: skip
    assert await ask(postgres, "SELECT max(id) FROM audit_entries") == [(41,)]
    parts = {row[0] for row in await ask(postgres, "SELECT DISTINCT tableoid::regclass::text FROM frames")}
    assert parts == {"frames_2029_11", "frames_2029_12"}


async def test_what_postgres_cannot_hold_is_mended_or_refused(full: Path, postgres: Place) -> None:
    change(
        full, lambda connection: connection.execute(update(AuditEntry).where(AuditEntry.id == 7).values(actor="a\0b"))
    )
    assert (await move(full, postgres)).mended == 1
    assert await ask(postgres, "SELECT actor FROM audit_entries WHERE id = 7") == [("a\ufffdb",)]


async def test_a_number_that_is_too_big_leaves_nothing_behind(full: Path, postgres: Place) -> None:
    change(full, lambda connection: connection.execute(update(Session).where(Session.id == 3).values(evse=1 << 40)))
    with pytest.raises(CannotHold) as refused:
        await move(full, postgres)
    assert "sessions" in str(refused.value.facts)
    assert await ask(postgres, "SELECT count(*) FROM stations") == [(0,)]


async def test_what_arrives_differently_is_not_kept(postgres: Place, tmp_path: Path) -> None:
    """SQLite has no NaN and stores nothing instead: the check finds it."""
    values = "1, 1, 1, 1, now(), 'c', CAST('NaN' AS float), ''"
    await ask(postgres, "INSERT INTO readings (frame_id, number, station_id, evse, at, context, power_w, samples) "
                        f"VALUES ({values})")  # fmt: skip
    target = tmp_path / "new.db"
    with pytest.raises(NotEqual) as refused:
        await move(postgres, target)
    assert refused.value.facts == {"tables": "readings"}
    assert dump(target)["readings"] == []


async def test_a_target_with_anything_in_it_is_refused(full: Path, postgres: Place, tmp_path: Path) -> None:
    await ask(postgres, "INSERT INTO relay_claims VALUES (1, gen_random_uuid(), now())")
    with pytest.raises(NotEmpty) as refused:
        await move(full, postgres)
    assert refused.value.facts == {"table": "relay_claims"}
    with pytest.raises(NotEmpty):
        await move(full, full)


async def test_a_source_that_is_old_missing_damaged_or_in_use(tmp_path: Path, full: Path) -> None:
    target = tmp_path / "new.db"
    with pytest.raises(NoDatabase):
        await move(tmp_path / "none.db", target)
    (tmp_path / "damaged.db").write_bytes(b"This is no database at all." * 100)
    with pytest.raises(DatabaseUnavailable):
        await move(tmp_path / "damaged.db", target)
    with pytest.raises(DatabaseUnavailable):
        await move(Place("postgresql://nobody@127.0.0.1:1/nothing"), target)
    change(full, lambda connection: connection.execute(text("UPDATE processes SET seen_at = 1893456000000000 * 2")))
    with pytest.raises(DatabaseInUse):
        await Place(str(full)).require_idle(NOW)
    change(full, lambda connection: connection.execute(text("UPDATE alembic_version SET version_num = 'b6cb980df7ce'")))
    with pytest.raises(OldDatabase):
        await move(full, target)
    assert not target.exists()


async def test_one_that_is_interrupted_ends_and_leaves_nothing_behind(postgres: Place, tmp_path: Path) -> None:
    """In the middle of many rows, which the server has not taken and waits for."""
    path = tmp_path / "large.db"
    upgrade_sqlite(path)
    names = ("actor_kind", "action", "subject_kind", "subject_id")
    entry = {"at": NOW, "actor": "x" * 4_000, **dict.fromkeys(names, "x")}
    change(path, lambda connection: connection.execute(insert(AuditEntry), [entry] * 10_000))
    begun, parts = asyncio.Event(), urlsplit(postgres.where)
    async with proxied(parts.port or 0) as proxy:

        def tell(doing: str, done: int, _total: int) -> None:
            if doing == "copying" and done:
                proxy.freeze()
                begun.set()

        slow = Place(postgres.where.replace(f":{parts.port}/", f":{proxy.port}/"))
        copying = asyncio.ensure_future(copy_database(Place(str(path)), slow, NOW, tell))
        await begun.wait()
        assert await asyncio.wait([copying], timeout=1) == (set(), {copying}), "it waits for the server"
        copying.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(asyncio.shield(copying), 20)
    assert await ask(postgres, "SELECT count(*) FROM audit_entries") == [(0,)]
