"""Quick questions on PostgreSQL: no transaction around them, and nothing written through them."""

from datetime import datetime

import pytest
from sqlalchemy import Connection, insert, text

from csms.adapters.db.engine import DatabaseUnavailable
from csms.adapters.db.postgres import PostgresDatabase
from csms.domain.stations.model import Counter

from .conftest import Tables


def _count(connection: Connection) -> int:
    return connection.execute(text("SELECT count(*) FROM stations")).scalar_one()


def _twice(connection: Connection) -> list[datetime]:
    """When the transaction began that each of two statements runs in."""
    return [connection.execute(text("SELECT now()")).scalar_one() for _ in range(2)]


async def test_a_question_writes_nothing(tables: Tables) -> None:
    with pytest.raises(DatabaseUnavailable) as refused:
        await tables.database.read(lambda connection: connection.execute(insert(Counter).values(name="x", value=1)))
    assert "read-only" in str(refused.value.facts["reason"])
    assert all(row["name"] != "x" for row in await tables.rows("counters"))


async def test_its_statements_see_what_is_committed_by_then(tables: Tables) -> None:
    first, second = await tables.database.read(_twice)
    assert first < second


async def test_they_are_asked_where_the_url_names_several_servers_and_wants_the_primary(tables: Tables) -> None:
    database = PostgresDatabase(f"{tables.url}?target_session_attrs=read-write")
    try:
        assert await database.read(_count) == 3
    finally:
        await database.close()
