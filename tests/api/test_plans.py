"""Lists stay quick for whoever asks: how the databases go about them, over a network just large enough to have a choice.

How long they take is measured by bench/lists.py; here it is seen that they do not fall back to plans that take long.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import asyncpg
import httpx
import pytest
from bench.lists import CALLERS, Caller
from bench.network import Network, fill_postgres, fill_sqlite
from sqlalchemy import event
from sqlalchemy.engine import Engine

from csms.adapters.db.engine import SqliteDatabase, connect_raw
from csms.adapters.db.postgres import PostgresDatabase
from csms.api.context import ApiContext
from csms.domain.accounts import service as accounts
from csms.kit.database import Database

from .conftest import Connect

ROWS = 4_000
IN_ORDER = (
    "stations",
    "sessions",
    "commands",
    "facts",
    "id-tokens",
)  # with their default sort; there may be 100,000 of each
OTHERS = (
    "review", "locations", "sessions?sort=station", f"sessions?sort=energy_wh&offset={ROWS - 50}", "sessions/summary",
    "frames", "frames?text=nowhere", "commands?sort=station", "commands?limit=500", "stations?online=false",
    "stations?status=faulted", "stations?search=77", "stations?sort=seen_at", "overview",
)  # fmt: skip
MANY = {"organisation", "north"}  # these see most stations, the others some tenth or less
AT_STATIONS = ("stations", "sessions", "commands", "facts", "frames", "links", "connectors", "review_items")
NOTHING = re.compile(r"(WHERE|AND) (0 = 1|false)|1 ?!= ?1")


class Asked(NamedTuple):
    """A statement as the database got it, and how it goes about it."""

    sql: str
    plan: "SqlitePlan | PostgresPlan"


class SqlitePlan:
    def __init__(self, lines: list[str]) -> None:
        self.text = "\n".join(lines)

    def sorts_all(self) -> bool:
        """Whether all of a table is sorted; rows that come in order but for equals are not."""
        return self._scans() and "USE TEMP B-TREE FOR ORDER BY" in self.text

    def looks_up_each(self) -> bool:
        """Whether something is asked anew for each row of a table."""
        return self._scans() and "CORRELATED" in self.text

    def _scans(self) -> bool:
        """Whether it goes through a table; an empty list of keys is no table."""
        return re.search(r"SCAN (?!CONSTANT|\()", self.text) is not None

    def begins_at_places(self) -> bool:
        """Whether it goes through the stations of locations to see which rows they have."""
        return re.search(r"SEARCH \w+ USING (COVERING )?INDEX ix_stations_location_id", self.text) is not None

    def goes_through_all(self) -> bool:
        return any(f"SCAN {table}" in self.text for table in AT_STATIONS)


class PostgresPlan:
    def __init__(self, text: str) -> None:
        self.text = text
        self._nodes = list(_nodes(json.loads(text)[0]["Plan"]))

    def sorts_all(self) -> bool:
        return any(node["Node Type"] == "Sort" and node["Plan Rows"] > ROWS / 10 for node in self._nodes)

    def looks_up_each(self) -> bool:
        asked_anew = any(node.get("Parent Relationship") == "SubPlan" for node in self._nodes)
        return asked_anew and "hashed SubPlan" not in self.text

    def begins_at_places(self) -> bool:
        return any(node.get("Alias") == "home" and node["Node Type"] == "Seq Scan" for node in self._nodes)

    def goes_through_all(self) -> bool:
        """A tenth of a small table may well be read that way: PostgreSQL knows how many there are."""
        return False


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)


@pytest.fixture
async def network(context: ApiContext) -> ApiContext:
    database = context.database
    if isinstance(database, SqliteDatabase):
        connection = connect_raw(database.path)
        fill_sqlite(connection, Network(ROWS))
        connection.close()
    elif isinstance(database, PostgresDatabase):
        await fill_postgres(database.url, Network(ROWS))
    return context


@contextmanager
def noted() -> Iterator[list[tuple[str, Any]]]:
    """Notes what databases are asked meanwhile."""
    statements: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            statements.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def planned(database: Database, statements: list[tuple[str, Any]]) -> list[Asked]:
    if isinstance(database, SqliteDatabase):
        connection = connect_raw(database.path)
        plans = [connection.execute(f"EXPLAIN QUERY PLAN {sql}", given).fetchall() for sql, given in statements]
        connection.close()
        lines = [[row[3] for row in plan] for plan in plans]
        return [Asked(sql, SqlitePlan(plan)) for (sql, _), plan in zip(statements, lines, strict=True)]
    assert isinstance(database, PostgresDatabase)
    server = await asyncpg.connect(database.url)
    texts = [await server.fetchval(f"EXPLAIN (FORMAT JSON) {sql}", *given) for sql, given in statements]
    await server.close()
    return [Asked(sql, PostgresPlan(text)) for (sql, _), text in zip(statements, texts, strict=True)]


async def client_of(context: ApiContext, connect: Connect, caller: Caller) -> httpx.AsyncClient:
    async with context.database.unit() as session:
        _, key = await accounts.create_api_key(session, caller.name, [caller.grant], context.clock.now())
    within = {"Bluesky-Within": caller.within} if caller.within else {}
    client: httpx.AsyncClient = connect(headers={"Authorization": f"Bearer {key}"} | within)
    return client


def wrong(caller: str, question: str, asked: Asked) -> Iterator[str]:
    """What is wrong with the plan of a statement for this caller's list."""
    sql, plan = asked
    # The stations within are counted and gathered once; those of the locations on a page are counted.
    gathers = "FROM stations AS home" in sql.partition("WHERE")[0] or "GROUP BY stations.location_id" in sql
    if plan.looks_up_each():
        yield "the station of each row is looked up"
    if caller in MANY | {"everything"} and question in IN_ORDER and plan.sorts_all():
        yield "all is sorted for the first page"
    by_keys = "EXISTS (" in sql  # PostgreSQL knows how many there are
    if caller in MANY and not gathers and not by_keys and plan.begins_at_places():
        yield "it begins at most of all stations"
    if caller == "host" and not gathers and plan.goes_through_all():
        yield "all is gone through for a few stations"
    if (
        caller == "new"
        and not gathers
        and any(f"FROM {table}" in sql for table in AT_STATIONS)
        and not NOTHING.search(sql)
    ):
        yield "rows are looked for at no station"


@pytest.mark.parametrize("caller", CALLERS, ids=lambda caller: caller.name)
async def test_a_list_has_a_good_plan_for_whoever_asks(network: ApiContext, connect: Connect, caller: Caller) -> None:
    client = await client_of(network, connect, caller)
    found = []
    for question in IN_ORDER + OTHERS:
        with noted() as statements:
            answer = await client.get(f"/api/v1/{question}")
        assert answer.status_code in (200, 403), answer.text
        for asked in await planned(network.database, statements):
            found += [
                f"{question}: {what}\n{asked.sql[:600]}\n{asked.plan.text}"
                for what in wrong(caller.name, question, asked)
            ]
    assert not found, "\n\n".join(found)
