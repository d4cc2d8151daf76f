"""A small demo: what its stations lived through before they came online is in the sessions, to the second and the watt-hour."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from picows import WSError
from sqlalchemy import select
from tests.harness.waiting import until

from csms.app import demo_network
from csms.app.demo import BEHAVIOUR, Demo, _remember_stranger, live, recall
from csms.app.demo_history import make_history
from csms.app.settings import Settings
from csms.app.wiring import Server, run_server
from csms.domain.accounts.rules import SYSTEM
from csms.domain.sessions.model import Session
from csms.domain.stations.model import Connector, Station, UnknownStation
from csms.domain.stations.verbs import inbox, passwords
from csms.kit.facts import FactRow
from csms.simulator import BelatedClock, Fleet, SettingsPage

NOW = datetime(2026, 5, 20, 9, 30, tzinfo=UTC)


def test_history_is_the_same_for_the_same_seed_and_ends_before_now() -> None:
    history = make_history(7, demo_network.id_tags(), NOW, days=5)

    assert history == make_history(7, demo_network.id_tags(), NOW, days=5)
    assert history != make_history(8, demo_network.id_tags(), NOW, days=5)
    visits = [visit for of_station in history.values() for visit in of_station]
    assert all(NOW - timedelta(days=6) < visit.comes_at < visit.ends_at < visit.leaves_at < NOW for visit in visits)


def test_no_plug_has_two_cars_and_no_card_is_in_two_places() -> None:
    history = make_history(7, demo_network.id_tags(), NOW, days=10)

    for identity, visits in history.items():
        for connector in {visit.connector_id for visit in visits}:
            stays = sorted((v.comes_at, v.leaves_at) for v in visits if v.connector_id == connector)
            assert all(left < comes for (_, left), (comes, _) in pairwise(stays)), identity
    homes = {(v.id_tag, identity) for identity, vs in history.items() for v in vs if v.id_tag.startswith("DEMO")}
    assert len(homes) == len({tag for tag, _ in homes})


async def test_what_stations_tell_late_is_in_the_sessions(tmp_path: Path) -> None:
    known = recall(tmp_path)
    assert recall(tmp_path).stations == known.stations
    assert not recall(tmp_path).new
    began = datetime.now(UTC)
    async with run_server(Settings(data=tmp_path, http="127.0.0.1:0", ocpp="127.0.0.1:0")) as server:
        await demo_network.build(server.context, known.stations, "three random words")
        clock = BelatedClock(began - timedelta(days=2))
        fleet = Fleet(server.ocpp_url, demo_network.specs(known.stations), behaviour=BEHAVIOUR, clock=clock)
        try:
            demo = Demo(server, fleet, known.password)
            await live(demo, clock, seed=3, days=2)
            assert demo.told.is_set()
            async with server.context.database.view() as session:
                query = select(Session, Station.identity).join(Station, Station.id == Session.station_id)
                kept = {(identity, row.id): row for row, identity in await session.execute(query)}
                facts = (await session.scalars(select(FactRow).where(FactRow.kind == "SessionStarted"))).all()
            told = [record for record in fleet.journal.records() if record.started_at < began]
            await until(lambda: _statuses_are_of_now(server, fleet, began))
        finally:
            await fleet.stop()

    assert len(told) > 50
    for record in told:
        assert record.transaction_id is not None
        row = kept[record.station, record.transaction_id]
        assert (row.started_at, row.meter_start_wh) == (record.started_at, record.meter_start_wh)
        if record.stop_acknowledged and record.energy_wh is not None and record.energy_wh >= 0:
            assert (row.energy_wh, row.ended_at) == (record.energy_wh, record.stopped_at)
    assert {row.authorization for row in kept.values()} == {"accepted", "blocked", "expired", "invalid"}
    late = [fact.detail["occurred_at"] for fact in facts if "occurred_at" in fact.detail]
    occurred = {datetime.fromisoformat(at) for at in late}
    assert occurred == {record.started_at for record in told}


async def _statuses_are_of_now(server: Server, fleet: Fleet, began: datetime) -> bool:
    """Faults of days ago were told as well, and their ends: no connector is left with what was said of it then."""
    async with server.context.database.view() as session:
        query = select(Connector, Station.identity).join(Station, Station.id == Connector.station_id)
        rows = (await session.execute(query.where(Connector.evse > 0))).all()
    plugs = [(row, fleet[identity].connector(row.evse)) for row, identity in rows]
    return all(
        row.status == plug.condition.status.lower()
        and row.status_at >= (plug.since or began) - timedelta(seconds=1)
        and row.received_at >= began
        for row, plug in plugs
    )


async def test_the_stranger_is_adopted_and_comes_in_once_somebody_enters_its_password(tmp_path: Path) -> None:
    identity = demo_network.STRANGER.identity
    async with run_server(Settings(data=tmp_path, http="127.0.0.1:0", ocpp="127.0.0.1:0")) as server:
        stranger = Fleet(server.ocpp_url, [demo_network.STRANGER])
        entered: list[str] = []
        page = SettingsPage(stranger[identity], entered.append)
        url = await page.open("127.0.0.1", 0)
        context, station = server.context, stranger[identity]
        try:
            with pytest.raises((OSError, WSError)):
                await station.come_online()
            async with context.database.view() as session:
                unknown = await session.get_one(UnknownStation, identity)
            assert url in (unknown.user_agent or "")
            given = passwords.issue(context.station_key, identity)
            async with context.database.unit() as session:
                await inbox.adopt(
                    session,
                    context.bus,
                    SYSTEM,
                    identity=identity,
                    credential=given.credential,
                    now=context.clock.now(),
                )
            with pytest.raises((OSError, WSError)):
                await station.come_online()

            async with httpx.AsyncClient(base_url=url, trust_env=False) as browser:
                assert "not connected" in (await browser.get("/")).text
                saved = await browser.post("/", data={"password": given.password or ""})
                assert (saved.status_code, saved.headers["location"]) == (303, "/")
                await stranger.all_accepted()
                assert "<strong>connected" in (await browser.get("/")).text
        finally:
            await page.close()
            await stranger.stop()
    assert entered == [given.password]


def test_a_demo_remembers_the_password_that_the_stranger_was_given(tmp_path: Path) -> None:
    known = recall(tmp_path)
    _remember_stranger(tmp_path, known, "given on adoption")

    assert recall(tmp_path) == replace(known, stranger="given on adoption", new=False)
