"""What frames must know before they are decided is found for all that ask at once, and quickly."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, event, insert

from csms.adapters.db.engine import SqliteDatabase
from csms.domain.authorization.model import IdToken
from csms.domain.sessions.live import Start
from csms.domain.sessions.model import Session
from csms.domain.sessions.recall import NOTHING, Question, answer
from csms.domain.stations.model import Station
from csms.kit.database import Database

from ...setups import SETUP

NOW = datetime(2030, 1, 1, tzinfo=UTC)
STATIONS = 90


def a_session(number: int, station_id: int, **other: Any) -> dict[str, Any]:
    started = NOW + timedelta(minutes=number)
    return {
        "id": number, "uid": UUID(int=number), "station_id": station_id, "evse": 1, "connector": 1,
        "id_token": f"Card{station_id}", "id_token_key": f"card{station_id}", "meter_start_wh": number,
        "started_at": started, "started_received_at": started, "authorization": "accepted", "state": "ended",
        "energy_wh": 0,
    } | other  # fmt: skip


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """Each station has an id token of its own, a session that ended and one that runs; the card of station 1 charges at 2 too."""
    async with SETUP.opened(tmp_path) as (database, _bus):
        async with database.unit() as session:
            stations = range(1, STATIONS + 1)
            made = {"created_at": NOW, "updated_at": NOW}
            station = {"registration": "accepted", "credential_kind": "open", **made}
            await session.execute(insert(Station), [{"id": id_, "identity": f"S{id_}", **station} for id_ in stations])
            tokens = [
                {"id": UUID(int=id_), "uid": f"Card{id_}", "key": f"card{id_}", "status": "active", **made}
                for id_ in stations
            ]
            await session.execute(insert(IdToken), tokens)
            ended = [a_session(id_, id_) for id_ in stations]
            running = [a_session(1000 + id_, id_, state="active") for id_ in stations]
            other = a_session(2000, 2, evse=2, id_token="CARD1", id_token_key="card1", state="active")
            refused = a_session(2001, 3, evse=2, id_token_key="card1", state="active", authorization="invalid")
            await session.execute(insert(Session), [*ended, *running, other, refused])
        yield database


async def test_many_questions_get_each_its_own_answer(database: Database) -> None:
    again = [Question(id_, f"cArD{id_}", None, _start_of(id_)) for id_ in range(1, STATIONS + 1)]
    known = [Question(id_, None, id_) for id_ in range(1, STATIONS + 1)]
    strangers = [Question(id_, f"nobody{id_}", 9_000 + id_) for id_ in range(1, STATIONS + 1)]
    found = await database.read(lambda connection: answer(connection, [*again, *known, *strangers]))
    for id_, (begun, spoken_of, stranger) in enumerate(
        zip(found[:STATIONS], found[STATIONS : 2 * STATIONS], found[2 * STATIONS :], strict=True), start=1
    ):
        assert begun.token is not None
        assert begun.token.uid == f"Card{id_}"
        uses = [(use.session_id, use.station_id) for use in begun.token.uses]
        assert sorted(uses) == ([(1001, 1), (2000, 2)] if id_ == 1 else [(1000 + id_, id_)])
        assert begun.session is not None
        assert begun.session.id == id_
        assert (spoken_of.token, spoken_of.session and spoken_of.session.id) == (None, id_)
        assert stranger == NOTHING


async def test_a_session_of_another_station_is_not_found(database: Database) -> None:
    theirs = [Question(7, None, 8), Question(7, "card7", None, _start_of(8))]
    by_id, by_start = await database.read(lambda connection: answer(connection, theirs))
    assert by_id == NOTHING
    assert by_start.session is None


async def test_what_a_card_has_running_is_found_without_going_through_its_past(database: Database) -> None:
    """A card may have thousands of sessions behind it, and its driver stands waiting."""
    if not isinstance(database, SqliteDatabase):
        pytest.skip("PostgreSQL weighs its plan by the rows that it has")

    def plan(connection: Connection) -> list[str]:
        asked: list[tuple[str, Any]] = []
        remember = lambda *about: asked.append((about[2], about[3]))  # noqa: E731 - SQLAlchemy's third argument is the SQL
        event.listen(connection, "before_cursor_execute", remember)
        answer(connection, [Question(1, "card1")])
        event.remove(connection, "before_cursor_execute", remember)
        return [
            row.detail
            for sql, parameters in asked
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", parameters)
        ]

    told = "\n".join(await database.read(plan))
    assert "ix_sessions_active_id_token_key" in told
    assert "SCAN" not in told


def _start_of(number: int) -> Start:
    return Start(1, 1, f"Card{number}", number, NOW + timedelta(minutes=number), None)
