"""Months on PostgreSQL: made ahead, filled, dropped when their time is over."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from csms.adapters.db.partitions import make_partitions, month_of
from csms.adapters.db.postgres_writer import PostgresWriter
from csms.adapters.db.recorder import DatabaseRefused
from csms.adapters.db.retention import PostgresShelves
from csms.jobs.retention import Retention
from csms.kit.clock import microseconds
from csms.kit.ids import uuid7

from ...harness.waiting import until
from .conftest import NOW, Tables, frame, submission


class At:
    """A clock that stands still."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return 0.0


def at(year: int, month: int, day: int) -> int:
    return microseconds(datetime(year, month, day, tzinfo=UTC))


async def where(tables: Tables) -> dict[int, str]:
    async with tables.database.view() as session:
        found = await session.execute(text("SELECT id, tableoid::regclass::text FROM frames"))
        return {id_: name for id_, name in found}  # noqa: C416 - a Row is no tuple to mypy


def test_months_are_counted_across_years() -> None:
    assert month_of(datetime(2030, 11, 30, 23, tzinfo=UTC), 2) == datetime(2031, 1, 1, tzinfo=UTC)
    assert month_of(datetime(2030, 1, 1, tzinfo=UTC)) == datetime(2030, 1, 1, tzinfo=UTC)


async def test_rows_that_came_before_their_month_move_into_it(tables: Tables) -> None:
    writer = PostgresWriter(tables.url, uuid7(NOW))
    first, last, next_month = at(2030, 1, 1), at(2030, 2, 1) - 1, at(2030, 2, 1)
    await writer.write([submission(1, frame(1, first), frame(1, last), frame(1, next_month))])
    assert set((await where(tables)).values()) == {"frames_default"}
    async with tables.database.unit() as session:
        made = await make_partitions(session, NOW)
    assert {"frames_2030_01", "frames_2030_04", "readings_2030_01"} <= set(made)
    assert await where(tables) == {first: "frames_2030_01", last: "frames_2030_01", next_month: "frames_2030_02"}
    async with tables.database.unit() as session:
        assert await make_partitions(session, NOW) == []
    assert await writer.write([submission(1, frame(1, next_month + 1))]) == []
    writer.close()


async def test_a_row_that_comes_while_its_month_is_made_is_taken_the_next_time(tables: Tables) -> None:
    writer = PostgresWriter(tables.url, uuid7(NOW))
    await writer.write([submission(1, frame(1, 1))])
    batch = [submission(1, frame(1, at(2030, 2, 3)))]
    async with tables.database.unit() as session:
        await make_partitions(session, NOW)
        waiting = asyncio.create_task(writer.write(batch))

        async def waits() -> bool:
            async with tables.database.view() as other:
                return bool(await other.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))

        await until(waits, what="the row waits for the default partition")
    with pytest.raises(DatabaseRefused):
        await waiting
    assert await writer.write(batch) == []
    assert (await where(tables))[at(2030, 2, 3)] == "frames_2030_02"
    writer.close()


async def test_a_month_goes_when_its_last_day_is_old_enough(tables: Tables) -> None:
    writer = PostgresWriter(tables.url, uuid7(NOW))
    shelves = PostgresShelves(tables.database)
    await shelves.make_room(NOW)
    january, february, stray = at(2030, 1, 20), at(2030, 2, 3), at(2029, 12, 31)
    await writer.write([submission(1, frame(1, january), frame(1, february), frame(1, stray))])
    keeping = {"frames": 30, "readings": 0}
    early = Retention(shelves, At(datetime(2030, 2, 28, tzinfo=UTC)), keeping)
    assert (await early.due())["readings"] == 0
    assert set(await where(tables)) == {january, february}
    late = Retention(shelves, At(datetime(2030, 3, 4, tzinfo=UTC)), keeping)
    assert (await late.due())["readings"] == 0
    assert set(await where(tables)) == {february}
    assert await Retention(shelves, At(NOW + timedelta(days=9_000)), {"frames": 0}).due() == {"frames": 0}
    assert set(await where(tables)) == {february}
    writer.close()
