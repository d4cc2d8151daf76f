"""Links taken by several gateways at once: every epoch is given once, and nobody blocks another for good."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.stations.links import raise_epochs
from csms.domain.stations.model import Link
from csms.kit.database import Database

from ...harness.server import add_station, rows
from ...setups import SETUP

STATIONS = 12
GATEWAYS = 6
TIMES = 15
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with SETUP.opened(tmp_path) as (database, _bus):
        yield database


async def test_every_epoch_is_given_once_whatever_order_links_are_taken_in(database: Database) -> None:
    ids = [await add_station(database, f"CP-{number}") for number in range(STATIONS)]
    await database.write(partial(raise_epochs, ids=ids, gateway="first", now=NOW))
    chance = random.Random(7)
    given: dict[int, list[int]] = {station_id: [1] for station_id in ids}

    async def gateway(number: int) -> None:
        for _ in range(TIMES):
            wanted = chance.sample(ids, chance.randint(1, STATIONS))
            epochs = await database.write(partial(raise_epochs, ids=wanted, gateway=f"gateway-{number}", now=NOW))
            assert epochs.keys() == set(wanted)
            for station_id, epoch in epochs.items():
                given[station_id].append(epoch)

    async def recorder() -> None:
        """Whoever holds links touches their rows all the time."""
        for _ in range(TIMES):
            async with database.unit() as session:
                await session.execute(update(Link).where(Link.station_id == chance.choice(ids)).values(seen_at=NOW))

    async with asyncio.timeout(60):
        await asyncio.gather(*(gateway(number) for number in range(GATEWAYS)), recorder())
    for epochs in given.values():
        assert sorted(epochs) == list(range(1, len(epochs) + 1))
    held = {row["station_id"]: row["epoch"] for row in await rows(database, "links")}
    assert held == {station_id: max(epochs) for station_id, epochs in given.items()}


async def test_who_takes_a_link_waits_for_what_its_holder_commits(database: Database) -> None:
    station_id = await add_station(database, "CP-1")
    await database.write(partial(raise_epochs, ids=[station_id], gateway="first", now=NOW))
    committing, may_commit = asyncio.Event(), asyncio.Event()

    async def holder() -> None:
        async with database.unit() as session:
            await session.execute(update(Link).where(Link.station_id == station_id).values(address="the last word"))
            committing.set()
            await may_commit.wait()

    holding = asyncio.create_task(holder())
    await committing.wait()
    seen: list[str | None] = []

    async def take_and_look(session: AsyncSession) -> dict[int, int]:
        epochs = await raise_epochs(session, [station_id], "second", NOW)
        seen.extend((await session.execute(select(Link.address))).scalars())
        return epochs

    taking = asyncio.create_task(database.write(take_and_look))
    done, _ = await asyncio.wait([taking], timeout=0.3)
    assert not done, "the link was taken while its holder had something to commit"
    may_commit.set()
    assert await taking == {station_id: 2}
    assert seen == ["the last word"]
    await holding


async def test_stations_that_do_not_exist_are_left_out(database: Database) -> None:
    station_id = await add_station(database, "CP-1")
    assert await database.write(partial(raise_epochs, ids=[station_id, 4711], gateway="g", now=NOW)) == {station_id: 1}
