"""Units of work: all or nothing, one after the other, in one step or in several."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextvars import ContextVar
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from csms.adapters.db.engine import SqliteDatabase
from csms.domain.stations.model import Station
from csms.kit.database import Database, after_commit

from ...harness.server import add_station, rows
from ...setups import SETUP

author: ContextVar[str] = ContextVar("author", default="nobody")
Write = Callable[[Callable[[AsyncSession], Awaitable[None]]], Awaitable[None]]


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with SETUP.opened(tmp_path) as (database, _bus):
        await add_station(database, "CP-1", vendor="none yet")
        yield database


@pytest.fixture(params=["in one step", "in several"])
def write(request: pytest.FixtureRequest, database: Database) -> Write:
    async def in_several(work: Callable[[AsyncSession], Awaitable[None]]) -> None:
        async with database.unit() as session:
            await work(session)

    return in_several if request.param == "in several" else database.write  # type: ignore[return-value]


async def _vendor(session: AsyncSession, vendor: str) -> None:
    station = await session.get(Station, 1)
    assert station is not None
    station.vendor = vendor


async def _seen(database: Database) -> str:
    (station,) = await rows(database, "stations")
    return str(station["vendor"])


async def test_it_is_committed_when_it_ends(database: Database, write: Write) -> None:
    await write(partial(_vendor, vendor="Acme"))
    assert await _seen(database) == "Acme"


async def test_nothing_of_it_stays_when_it_raises_and_no_bell_rings(database: Database, write: Write) -> None:
    rung = []

    async def fail(session: AsyncSession) -> None:
        await session.execute(update(Station).values(vendor="half"))
        after_commit(session, lambda: rung.append("for nothing"))
        raise KeyError("something is missing")

    with pytest.raises(KeyError):
        await write(fail)
    assert await _seen(database) == "none yet"
    assert not rung


async def test_bells_ring_on_the_loop_when_it_is_committed(database: Database, write: Write) -> None:
    rung = []

    async def change(session: AsyncSession) -> None:
        await _vendor(session, "Acme")
        after_commit(session, lambda: rung.append(asyncio.get_running_loop()))
        assert not rung

    await write(change)
    assert rung == [asyncio.get_running_loop()]


async def test_it_knows_in_whose_name_it_is_done(database: Database, write: Write) -> None:
    """As a command keeps the trace of the request that placed it."""
    author.set("ana")

    async def sign(session: AsyncSession) -> None:
        await _vendor(session, author.get())

    await write(sign)
    assert await _seen(database) == "ana"


async def test_who_reads_and_writes_what_was_read_loses_nothing_to_others(database: Database) -> None:
    """A hundred at once, half of them in one step, each adding a letter to what is there."""

    async def add(session: AsyncSession) -> None:
        station = await session.get(Station, 1, with_for_update=True)
        assert station is not None
        station.vendor = f"{station.vendor}x"

    async def in_several() -> None:
        async with database.unit() as session:
            await add(session)

    await asyncio.gather(*(database.write(add) if number % 2 else in_several() for number in range(20)))
    assert await _seen(database) == "none yet" + "x" * 20


async def test_one_step_holds_the_turn_to_its_end_though_its_caller_gave_up(tmp_path: Path, database: Database) -> None:
    if not isinstance(database, SqliteDatabase):
        pytest.skip("elsewhere there are no turns")
    begun = asyncio.get_running_loop().create_future()
    loop = asyncio.get_running_loop()

    def count(session: object) -> None:
        loop.call_soon_threadsafe(begun.set_result, None)

    async def slow(session: AsyncSession) -> None:
        await _vendor(session, "Acme")
        await session.run_sync(count)
        for _ in range(300):
            await session.execute(update(Station).values(model="a long one"))

    unit = asyncio.ensure_future(database.write(slow))
    await begun
    unit.cancel()
    with pytest.raises(asyncio.CancelledError):
        await unit
    assert not database.write_turn.locked()
    assert await _seen(database) == "Acme"  # the thread had come to its end before the turn was given away


async def test_one_step_that_waits_for_something_else_is_a_mistake(database: Database) -> None:
    if not isinstance(database, SqliteDatabase):
        pytest.skip("elsewhere it does no harm")

    async def wait(session: AsyncSession) -> None:
        await _vendor(session, "half")
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="awaits something else"):
        await database.write(wait)
    assert await _seen(database) == "none yet"
