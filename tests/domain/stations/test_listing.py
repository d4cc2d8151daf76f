"""Pages of long lists."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select

from csms.domain.stations.listing import UnknownSort, containing, read_keys
from csms.domain.stations.model import UnknownStation
from csms.kit.database import Database
from csms.kit.paging import Slice

SORTABLE = {"seen_at": UnknownStation.seen_at, "username": UnknownStation.username}
NOW = datetime(2030, 1, 31, tzinfo=UTC)


async def fill(database: Database, usernames: dict[str, str | None]) -> None:
    same = {"first_seen_at": NOW, "attempts": 1, "address": "", "path": "", "subprotocols": ""}
    rows: list[dict[str, Any]] = [
        {"identity": identity, "username": name, "seen_at": NOW + timedelta(seconds=len(name or "")), **same}
        for identity, name in usernames.items()
    ]
    async with database.unit() as session:
        await session.execute(delete(UnknownStation))
        if rows:
            await session.execute(insert(UnknownStation), rows)


async def keys(database: Database, part: Slice, *, dear: bool = False, search: str = "") -> tuple[list[str], int]:
    query = select(UnknownStation.identity)
    if search:
        query = query.where(containing(search, UnknownStation.identity, UnknownStation.username))
    async with database.view() as session:
        return await read_keys(session, query, UnknownStation.identity, SORTABLE, part, dear=dear)


@pytest.mark.parametrize("dear", [False, True])
async def test_every_part_knows_the_whole(database: Database, dear: bool) -> None:
    await fill(database, {"a": "x", "b": None, "c": "y", "d": None, "e": "x"})
    up = ["a", "e", "c", "b", "d"]
    for offset in range(7):
        for limit in (1, 2, 5, 9):
            part = Slice(offset, limit, "username")
            assert await keys(database, part, dear=dear) == (up[offset : offset + limit], 5), part
    assert (await keys(database, Slice(sort="-username"), dear=dear))[0] == ["c", "e", "a", "d", "b"]
    await fill(database, {})
    assert await keys(database, Slice(), dear=dear) == ([], 0)
    assert await keys(database, Slice(offset=3), dear=dear) == ([], 0)


async def test_a_sort_nobody_knows_is_refused(database: Database) -> None:
    with pytest.raises(UnknownSort):
        await keys(database, Slice(sort="-address"))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    wanted=st.text(st.sampled_from("aB%_\\x"), min_size=1, max_size=3),
    names=st.lists(st.none() | st.text(st.sampled_from("aAbB%_\\x"), max_size=6), max_size=6),
)
async def test_a_search_means_its_characters_in_any_case(
    database: Database, wanted: str, names: list[str | None]
) -> None:
    await fill(database, {str(number): name for number, name in enumerate(names)})
    found, total = await keys(database, Slice(limit=500), dear=True, search=wanted)
    expected = {str(number) for number, name in enumerate(names) if wanted.lower() in (name or "").lower()}
    assert (set(found), total) == (expected, len(expected))
