"""Rebuilding sessions from stored frames gives the rows that live processing gave, whatever stations did."""

import asyncio
import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import example, given, settings

from csms.app.replay import outcomes
from csms.domain.sessions.history import QuietEnd, StoredFrame
from csms.domain.sessions.quiet import end_quiet_sessions
from csms.domain.sessions.records import Records, differences
from csms.gateway.dialects.v16 import DIALECT
from csms.gateway.replay import Replay
from csms.kit.changes import Change

from ..harness.behaviour import STATIONS, STEPS, Behaviour, Call, Step, random_steps
from ..harness.pure import PureDriver
from ..harness.server import add_id_token, add_station
from ..harness.sockets import StationSocket
from ..harness.tokens import KNOWN
from .conftest import Connect, Serve

EXAMPLES = int(os.environ.get("CSMS_TEST_EXAMPLES", "200"))


# -- on the pure core ----------------------------------------------------------------------------------------------------


class Life:
    """Stations that behave at random, on the rules of links and tables in memory."""

    def __init__(self) -> None:
        self.driver = PureDriver()
        self.connected_at = self.driver.now
        self.stations = {name: Behaviour() for name in STATIONS}
        self._message_ids = 0

    async def lead(self, steps: list[Step]) -> None:
        for name in STATIONS:
            self.driver.live(name)
        for step in steps:
            if step.what == "reconnect":
                await self.driver.reconnect()
                self.connected_at = self.driver.now
            elif step.what == "wait":
                self._wait(timedelta(minutes=step.amount % 25))
            else:
                await self._say(step)

    async def _say(self, step: Step) -> None:
        station = self.stations[step.station]
        call = station.call(step, self.driver.now)
        self._message_ids += 1
        await self.driver.say(step.station, json.dumps([2, str(self._message_ids), *call]))
        answer = await self.driver.hear(step.station)
        assert answer[0] == 3, answer
        station.heard(call, answer[2])

    def _wait(self, pause: timedelta) -> None:
        self.driver.now += pause
        for name in STATIONS:
            self.driver.now += timedelta(microseconds=1)
            live, changes = self.driver.live(name), list[Change]()
            end_quiet_sessions(
                live.sessions, live.station, self.connected_at, timedelta(minutes=10), self.driver.now, changes
            )
            self.driver.tables.apply(changes)


def stored(driver: PureDriver, name: str) -> Records:
    records = Records()
    for table in records.tables:
        for row in driver.tables.rows(table, station_id=driver.live(name).station.id):
            records.add(table, row)
    return records


def replayed(driver: PureDriver, name: str) -> Replay:
    station_id = driver.live(name).station.id
    replay = Replay(DIALECT, station_id, name)
    replay.run(
        [
            StoredFrame(row["id"], row["call"], row["answer"], row["session_id"], row["repairs"])
            for row in driver.tables.rows("frames", station_id=station_id, outcome="result")
        ],
        [
            QuietEnd(row["at"], row["session_id"], said["ended_by"])
            for row in driver.tables.rows("facts", station_id=station_id, kind="SessionEnded")
            if (said := json.loads(row["detail"]))["ended_by"] in ("available", "reboot")
        ],
    )
    return replay


@settings(max_examples=EXAMPLES, deadline=None)
@given(STEPS)
@example(random_steps(1, 200))
@example(random_steps(2, 200))
async def test_a_replay_gives_what_live_processing_gave(steps: list[Step]) -> None:
    life = Life()
    await life.lead(steps)
    for name in STATIONS:
        replay = replayed(life.driver, name)
        assert replay.troubles == []
        assert list(differences(stored(life.driver, name), replay.records)) == []


async def test_random_behaviour_reaches_what_matters() -> None:
    """Else the property would hold of nothing."""
    life = Life()
    for seed in range(8):
        await life.lead(random_steps(seed, 200))
    tables = life.driver.tables
    assert {row["ended_by"] for row in tables.rows("sessions")} == {
        None, "station", "new_transaction", "available", "reboot",
    }  # fmt: skip
    assert {row["authorization"] for row in tables.rows("sessions")} == {
        "accepted", "invalid", "blocked", "expired", "concurrent",
    }  # fmt: skip
    assert {row["kind"] for row in tables.rows("review_items")} >= {
        "unknown_transaction", "refused_energy", "meter_backwards", "conflicting_stop", "not_stopped",
    }  # fmt: skip
    assert tables.rows("facts", kind="SessionReopened")


# -- on the real gateway, several frames in one commit ---------------------------------------------------------------------


class Station:
    """A station that behaves at random over a socket, and does not always wait for its answers."""

    def __init__(self, serve: Any, connect: Connect, name: str) -> None:
        self.server, self._connect, self.name = serve, connect, name
        self.behaviour = Behaviour()
        self._socket: StationSocket | None = None
        self._asked: list[tuple[Call, asyncio.Future[list[Any]]]] = []

    async def lead(self, steps: list[Step]) -> None:
        for step in steps:
            if step.what == "reconnect":
                await self._leave(step)
            elif step.what == "wait":
                await self._heard()
                self._time_passes()
            else:
                await self._say(step)
                if step.pick < 5 or step.what == "start":
                    await self._heard()
        await self._heard()

    async def _say(self, step: Step) -> None:
        if self._socket is None:
            self._socket = await self._connect(self.server, self.name)
        call = self.behaviour.call(step, datetime.now(UTC))
        self._asked.append((call, await self._socket.start_call(*call)))

    async def _heard(self) -> None:
        asked, self._asked = self._asked, []
        for call, answer in asked:
            self.behaviour.heard(call, (await answer)[2])

    async def _leave(self, step: Step) -> None:
        """Sometimes without a word, and without the answers."""
        if self._socket is not None:
            if step.pick % 2:
                self._socket.abort()
                self._asked = []
            else:
                await self._heard()
            await self._socket.leave()
            self._socket = None

    def _time_passes(self) -> None:
        for link in list(self.server.hub.links.values()):
            link.end_quiet_sessions()


async def test_a_replay_of_a_real_database_gives_its_rows(serve: Serve, connect: Connect) -> None:
    server = await serve()
    server.hub.policy = replace(server.hub.policy, quiet_session_s=0)
    database = server.context.database
    for uid, columns in KNOWN.items():
        await add_id_token(database, uid, **columns)
    names = [f"S{number}" for number in range(6)]
    for name in names:
        await add_station(database, name)
    stations = [Station(server, connect, name) for name in names]
    await asyncio.gather(*(one.lead(random_steps(seed, 80)) for seed, one in enumerate(stations)))
    await server.recorder.drained()
    found = [outcome async for outcome in outcomes(database)]
    assert [outcome.identity for outcome in found] == names
    assert [(outcome.differences, outcome.troubles) for outcome in found] == [((), ())] * len(names)
    assert all(outcome.frames > 10 and outcome.earlier == 0 for outcome in found)
    assert sum(outcome.sessions for outcome in found) > 20
    assert sum(outcome.readings for outcome in found) > 50
    assert sum(outcome.review_items for outcome in found) > 20
