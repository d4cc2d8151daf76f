"""A database that is locked, full or gone: stations get no false word, the process says why and recovers when it can."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from sqlalchemy import insert

from csms.adapters.db import engine
from csms.app.wiring import Server
from csms.domain.sessions.model import Session
from csms.kit.ids import uuid7

from ..harness.process import ServerProcess, server_process
from ..harness.server import add_id_token, add_station, rows, serving, tune
from ..harness.sockets import CallFailed, StationSocket, station
from ..harness.waiting import until
from ..setups import SETUP

STATUS = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
AT = datetime(2030, 1, 1, 10, tzinfo=UTC)

embedded = pytest.mark.skipif(SETUP.chosen != "sqlite", reason="the trouble is made on the database's own file")


def start(connector: int = 1, id_tag: str = "FRIEND") -> dict[str, Any]:
    return {"connectorId": connector, "idTag": id_tag, "meterStart": 0, "timestamp": "2030-01-01T10:00:00Z"}


async def ready(url: str) -> tuple[int, str]:
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        answer = await client.get(f"{url}/health/ready")
        return answer.status_code, answer.text


async def alive(socket: StationSocket) -> None:
    """What does not wait for a commit is answered: everything sent before this has been read."""
    assert "currentTime" in await socket.call("Heartbeat", {})


@embedded
async def test_while_another_process_holds_the_lock_nothing_is_answered_and_then_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "PRAGMAS", (*engine.PRAGMAS, "PRAGMA busy_timeout=100"))
    async with serving(tmp_path / "data") as server, station_of(server) as socket:
        await alive(socket)
        await server.recorder.drained()
        other = sqlite3.connect(tmp_path / "data" / "csms.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        held = [await socket.start_call("StatusNotification", STATUS) for _ in range(20)]
        await alive(socket)
        held += [await socket.start_call("StartTransaction", start()) for _ in range(3)]
        await until(lambda: server.recorder.trouble, what="trouble")
        assert not any(answer.done() for answer in held)
        code, said = await ready(server.http_url)
        assert code == 503
        assert "locked" in said
        other.execute("COMMIT")
        other.close()
        answers = await asyncio.wait_for(asyncio.gather(*held), 30)
        assert {answer[0] for answer in answers} == {3}
        assert len({answer[2]["transactionId"] for answer in answers[20:]}) == 1
        assert (await ready(server.http_url))[0] == 200
        assert len(await rows(server.context.database, "sessions")) == 1


@contextmanager
def locked(tmp_path: Path) -> Iterator[None]:
    """Another process holds the database's only turn to write."""
    other = sqlite3.connect(tmp_path / "data" / "csms.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("COMMIT")
        other.close()


@embedded
@pytest.mark.behaviour("B-035")
@pytest.mark.parametrize(("policy", "status"), [("refuse", "Invalid"), ("accept", "Accepted")])
async def test_of_a_card_the_operators_policy_decides_when_the_database_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, policy: str, status: str
) -> None:
    monkeypatch.setattr(engine, "PRAGMAS", (*engine.PRAGMAS, "PRAGMA busy_timeout=100"))
    how = {"authorize_without_database": policy}
    async with serving(tmp_path / "data", **how) as server, station_of(server) as socket:
        tune(server, database_patience_s=0.2)
        await add_id_token(server.context.database, "BAD", status="blocked")
        with locked(tmp_path):
            assert await socket.call("Authorize", {"idTag": "BAD"}) == {"idTagInfo": {"status": status}}
            begun = await socket.start_call("StartTransaction", start(id_tag="BAD"))
            await until(lambda: server.recorder.trouble, what="trouble")
            assert not begun.done(), "what carries energy is never answered before it is stored"
        assert (await asyncio.wait_for(begun, 30))[2]["idTagInfo"]["status"] == "Blocked"  # the truth, once it is known
        assert await socket.call("Authorize", {"idTag": "BAD"}) == {"idTagInfo": {"status": "Blocked"}}
        await server.recorder.drained()
        [fact] = await rows(server.context.database, "facts", kind="IdTokenDecidedWithoutDatabase")
        assert fact["detail"] == {"id_token": "BAD", "authorization": status.lower()}
        frames = await rows(server.context.database, "frames", action="Authorize")
        assert [frame["outcome"] for frame in frames] == ["result", "result"]


@embedded
@pytest.mark.behaviour("B-035")
async def test_without_such_a_policy_a_card_waits_for_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "PRAGMAS", (*engine.PRAGMAS, "PRAGMA busy_timeout=100"))
    async with serving(tmp_path / "data") as server, station_of(server) as socket:
        tune(server, database_patience_s=0.05)
        with locked(tmp_path):
            await socket.start_call("StatusNotification", STATUS)
            asked = await socket.start_call("Authorize", {"idTag": "NOBODY"})
            await until(lambda: server.recorder.trouble, what="trouble, which is later than the patience")
            assert not asked.done()
        assert (await asyncio.wait_for(asked, 30))[2] == {"idTagInfo": {"status": "Invalid"}}


@embedded
async def test_who_knocks_while_the_database_is_locked_is_told_to_come_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "PRAGMAS", (*engine.PRAGMAS, "PRAGMA busy_timeout=100"))
    async with serving(tmp_path / "data") as server:
        await add_station(server.context.database, "A")
        other = sqlite3.connect(tmp_path / "data" / "csms.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Exception, match="HTTP 503"):
            async with station(server.ocpp_url, "A"):
                pass
        other.execute("COMMIT")
        other.close()
        async with station(server.ocpp_url, "A") as socket:
            await alive(socket)


def station_of(server: Server) -> Any:
    """A station that is known, connected."""

    class Known:
        async def __aenter__(self) -> StationSocket:
            await add_station(server.context.database, "A")
            await add_id_token(server.context.database, "FRIEND")
            self._connecting = station(server.ocpp_url, "A")
            return await self._connecting.__aenter__()

        async def __aexit__(self, *gone: Any) -> None:
            await self._connecting.__aexit__(*gone)

    return Known()


async def trouble(server: ServerProcess) -> str | None:
    """Why it is not ready, if it is not."""
    code, said = await ready(server.http_url)
    return said if code == 503 else None


def forbid_writing(server: ServerProcess, forbidden: bool) -> None:
    """Let no file of the process grow, as on a full disk."""
    unlimited = psutil.RLIM_INFINITY
    psutil.Process(server.pid).rlimit(psutil.RLIMIT_FSIZE, (0 if forbidden else unlimited, unlimited))


@embedded
@pytest.mark.skipif(not hasattr(psutil, "RLIMIT_FSIZE"), reason="limits of other processes are Linux's")
async def test_on_a_disk_that_takes_nothing_more_nobody_hears_accepted_until_it_does(tmp_path: Path) -> None:
    async with (
        server_process(tmp_path / "data", unknown_stations="accept") as server,
        station(server.ocpp_url, "A") as socket,
    ):
        assert (await socket.boot())["status"] == "Accepted"
        await socket.call("StartTransaction", start(1))
        forbid_writing(server, True)
        held = [
            await socket.start_call("StatusNotification", STATUS),
            await socket.start_call("StartTransaction", start(2)),
        ]
        said = await until(lambda: trouble(server), what="not ready")
        assert any(word in (said or "") for word in ("disk", "full")), said
        assert not any(answer.done() for answer in held)
        forbid_writing(server, False)
        answers = await asyncio.wait_for(asyncio.gather(*held), 30)
        assert [answer[0] for answer in answers] == [3, 3]
        assert (await ready(server.http_url))[0] == 200
    with sqlite3.connect(tmp_path / "data" / "csms.db") as database:
        assert database.execute("SELECT evse FROM sessions ORDER BY evse").fetchall() == [(1,), (2,)]
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()


@embedded
@pytest.mark.skipif(not hasattr(psutil, "RLIMIT_FSIZE"), reason="limits of other processes are Linux's")
async def test_a_kill_on_a_full_disk_keeps_what_was_acknowledged_before(tmp_path: Path) -> None:
    async with server_process(tmp_path / "data", unknown_stations="accept") as server:
        async with station(server.ocpp_url, "A") as socket:
            await socket.boot()
            first = (await socket.call("StartTransaction", start(1)))["transactionId"]
            forbid_writing(server, True)
            lost = await socket.start_call("StartTransaction", start(2))
            await until(lambda: trouble(server), what="not ready")
            assert not lost.done()
            await server.end()
        await server.start()
        async with station(server.ocpp_url, "A") as socket:
            assert (await socket.call("StartTransaction", start(1)))["transactionId"] == first
            second = (await socket.call("StartTransaction", start(2)))["transactionId"]
            assert second > first


async def test_what_cannot_be_stored_is_told_and_kept_and_the_others_go_on(tmp_path: Path) -> None:
    """A transaction id that is taken already, as after an old backup: the row is refused, the next attempt succeeds."""
    async with serving(tmp_path / "data") as server, station_of(server) as socket:
        database = server.context.database
        other_id = await add_station(database, "B")
        taken = {
            "id": 1, "uid": uuid7(AT), "station_id": other_id, "evse": 1, "connector": 1, "state": "ended", "id_token": "X",
            "id_token_key": "x", "authorization": "accepted", "started_at": AT, "started_received_at": AT,
            "meter_start_wh": 0, "energy_wh": 0,
        }  # fmt: skip
        async with database.unit() as session:
            await session.execute(insert(Session), [taken])
        async with station(server.ocpp_url, "B") as other:
            refused, status = await asyncio.gather(
                socket.call("StartTransaction", start()),
                other.call("StatusNotification", STATUS),
                return_exceptions=True,
            )
            assert status == {}
            assert isinstance(refused, CallFailed)
            assert refused.code == "InternalError"
            assert await socket.closed() == 1011
            await alive(other)
        async with station(server.ocpp_url, "A") as again:
            assert (await again.call("StartTransaction", start()))["transactionId"] == 2
        await server.recorder.drained()
        frames = await rows(database, "frames", action="StartTransaction")
        assert [(frame["outcome"], frame["error_code"]) for frame in frames] == [
            ("error", "InternalError"),
            ("result", None),
        ]
