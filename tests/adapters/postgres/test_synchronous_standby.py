"""What is answered is on the standby too, where commits wait for one."""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest
from bench.services import PostgresServer, apart, execute

from csms.adapters.db import migrate
from csms.adapters.db.postgres import PostgresDatabase
from csms.adapters.db.postgres_writer import PostgresWriter
from csms.adapters.db.recorder import DatabaseRefused
from csms.kit.ids import uuid7

from ...harness.server import add_station
from ...harness.waiting import until
from .conftest import NOW, fact, submission

_WAITING = "FROM pg_stat_activity WHERE application_name = 'csms recorder' AND wait_event = 'SyncRep'"


@pytest.fixture
def url() -> Iterator[str]:
    """Of a server that can replicate, with station 1."""
    server = PostgresServer(durable=True)
    server.start()
    try:
        apart(_make(server.url()))
        yield server.url()
    finally:
        server.remove()


async def _make(url: str) -> None:
    database = PostgresDatabase(url, pool_size=2)
    await migrate.upgrade_postgres(database, datetime.now(UTC))
    await add_station(database, "A")
    await database.close()


async def _rows(url: str, sql: str) -> list[Any]:
    connection = await asyncpg.connect(url)
    try:
        return list(await connection.fetch(sql))
    finally:
        await connection.close()


async def _wait_for_standby(url: str, name: str) -> None:
    """Commits wait for a standby of this name from now on; for none if it is empty."""
    await execute(url, f"ALTER SYSTEM SET synchronous_standby_names = '{name}'", "SELECT pg_reload_conf()")


async def test_a_commit_that_no_standby_has_is_not_taken_for_one(url: str) -> None:
    """Its wait for the standby was broken off (by a restart, or by somebody), so that it shows here, and only here."""
    with closing(PostgresWriter(url, uuid7(NOW))) as writer:
        await writer.write([submission(1, fact(1, "Before"))])
        await _wait_for_standby(url, "nobody")
        before, first, batch = await _until_one_waits(url, writer)
        await _rows(url, f"SELECT pg_terminate_backend(pid) {_WAITING}")
        with pytest.raises(DatabaseRefused):
            await first
        assert await _kinds(url) == [*before, "Doubtful"]

        again = asyncio.create_task(writer.write(batch))
        await until(lambda: _done_or_waits(url, again), 20, "the commit waits for the standby again")
        assert not again.done(), "acknowledged, and no standby has it"
        await _wait_for_standby(url, "")
        assert await again == []
        await writer.write([submission(1, fact(1, "After"))])
        assert await _kinds(url) == [*before, "Doubtful", "After"]


async def _until_one_waits(url: str, writer: PostgresWriter) -> tuple[list[str], "asyncio.Task[Any]", list[Any]]:
    """The server takes its time to mind a setting: what was written before it did, and the batch that waits."""
    before = ["Before"]
    while True:
        batch = [submission(1, fact(1, "Doubtful"))]
        written = asyncio.create_task(writer.write(batch))
        await until(lambda: _done_or_waits(url, written), 20, "the commit waits for the standby")  # noqa: B023
        if not written.done():
            return before, written, batch
        before.append("Doubtful")


async def _done_or_waits(url: str, task: "asyncio.Task[Any]") -> bool:
    return task.done() or bool(await _rows(url, f"SELECT 1 {_WAITING}"))


async def _kinds(url: str) -> list[str]:
    return [row["kind"] for row in await _rows(url, "SELECT kind FROM facts ORDER BY id")]
