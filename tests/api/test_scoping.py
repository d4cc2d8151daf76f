"""What a scope shows is the same however the database is asked for it."""

from contextlib import nullcontext
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update

from csms.api import scoping
from csms.api.context import ApiContext
from csms.api.scoping import ScopedDatabase
from csms.domain.accounts.model import Organisation
from csms.domain.accounts.rules import NOWHERE, Scope
from csms.domain.stations.model import Connector, Link, Location, Station
from csms.kit.database import Database
from csms.kit.facts import FactRow
from csms.kit.ids import uuid7_of
from csms.kit.paging import sweep

from .conftest import HandClock

ORGANISATIONS, PLACES = 3, 5


def _id(kind: str, number: int) -> UUID:
    return uuid7_of(HandClock().at, kind, number)


@pytest.fixture
async def places(context: ApiContext) -> Database:
    """Three organisations with five locations."""
    at = {"created_at": context.clock.now(), "updated_at": context.clock.now()}
    async with context.database.unit() as session:
        for number in range(ORGANISATIONS):
            await session.execute(insert(Organisation).values(id=_id("o", number), name=str(number), **at))
        for number in range(PLACES):
            owner = _id("o", number % ORGANISATIONS)
            place = {"id": _id("l", number), "organisation_id": owner, "name": str(number), "time_zone": "UTC"}
            await session.execute(insert(Location).values(**place, **at))
    return context.database


async def put(database: Database, homes: list[int | None]) -> list[int]:
    """A station at each of the locations (None: at none) with a link and a fact, and one more that was deleted since, leaving
    its fact; gives their ids, the deleted one's last."""
    at = HandClock().at
    async with database.unit() as session:
        for table in (FactRow, Link, Connector, Station):
            await session.execute(delete(table))
        ids = []
        for number, home in enumerate([*homes, 0]):
            place = None if home is None else _id("l", home)
            row = {
                "identity": f"CS-{number}",
                "location_id": place,
                "registration": "accepted",
                "credential_kind": "none",
            }
            made = insert(Station).values(**row, created_at=at, updated_at=at).returning(Station.id)
            ids.append((await session.execute(made)).scalar_one())
        rows = [
            {"kind": "Something", "at": at, "station_id": key, "detail": {}}
            for key in (*ids, None, 0, -1, -len(ids), -ids[0])
        ]
        await session.execute(insert(FactRow), rows)
        await session.execute(insert(Link), [{"station_id": key, "epoch": 1, "online": True} for key in ids])
        await session.execute(delete(Station).where(Station.id == ids[-1]))
    return ids


async def seen(database: Database, scope: Scope, *, swept: bool) -> tuple[set[int], set[int], set[int | None]]:
    """The stations, the links and the stations of the facts that a scope shows."""
    async with ScopedDatabase(database, lambda: scope).view() as session:
        with sweep(session) if swept else nullcontext():
            stations = set(await session.scalars(select(Station.id)))
            links = set(await session.scalars(select(Link.station_id)))
            return stations, links, set(await session.scalars(select(FactRow.station_id)))


some_places = st.frozensets(st.integers(0, PLACES - 1).map(lambda number: _id("l", number)), max_size=2)
some_organisations = st.frozensets(st.integers(0, ORGANISATIONS - 1).map(lambda number: _id("o", number)), max_size=2)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    homes=st.lists(st.none() | st.integers(0, PLACES - 1), max_size=8),
    scope=st.builds(Scope, organisations=some_organisations, locations=some_places),
)
async def test_row_by_row_from_the_stations_and_by_the_map_the_same_is_seen(
    places: Database, monkeypatch: pytest.MonkeyPatch, homes: list[int | None], scope: Scope
) -> None:
    """And never a station without a place, a deleted one's facts, those of none, or of an id that no station has."""
    ids = await put(places, homes)
    owners = {number: _id("o", number % ORGANISATIONS) for number in range(PLACES)}
    mine = {
        key for key, home in zip(ids, homes, strict=False)
        if home is not None and (_id("l", home) in scope.locations or owners[home] in scope.organisations)
    }  # fmt: skip

    for swept, few in ((False, 0), (True, 1_000), (True, 0)):
        monkeypatch.setattr(scoping, "FEW", few)
        assert await seen(places, scope, swept=swept) == (mine, mine, mine), (swept, few)
    assert await seen(places, NOWHERE, swept=True) == (set(), set(), set())


async def test_a_unit_of_work_sees_what_it_does_itself_and_a_view_keeps_to_its_snapshot(
    places: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoping, "FEW", 0)
    first, second, _ = await put(places, [0, 1])
    scoped = ScopedDatabase(places, lambda: Scope(locations=frozenset({_id("l", 0)})))

    async with scoped.unit() as session:
        with sweep(session):
            assert set(await session.scalars(select(Link.station_id))) == {first}
            move = update(Station).where(Station.id == second).values(location_id=_id("l", 0))
            await session.execute(move.execution_options(synchronize_session=False))
            assert set(await session.scalars(select(Link.station_id))) == {first, second}

    async with scoped.view() as session:
        with sweep(session):
            assert set(await session.scalars(select(Link.station_id))) == {first, second}
            async with places.unit() as other:
                await other.execute(update(Station).where(Station.id == second).values(location_id=None))
            assert set(await session.scalars(select(Station.id))) == {first, second}

    async with scoped.view() as session:
        with sweep(session):
            assert set(await session.scalars(select(Link.station_id))) == {first}
