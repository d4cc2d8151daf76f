"""`csms replay`: an operator proves that the stored sessions are what the stored frames say."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from sqlalchemy import text
from typer.testing import CliRunner, Result

from csms.app.replay import Kept, NothingToReplay, Outcome, outcomes, replay
from csms.domain.stations.errors import StationNotFound

from ..harness.server import add_id_token, add_station, rows, serving, tables_of
from ..harness.sockets import station
from ..setups import SETUP

app = typer.Typer()
app.command()(replay)


async def _charge(url: str, identity: str, connector: int, energy_wh: int) -> None:
    began = datetime.now(UTC) - timedelta(hours=1)
    times = [(began + timedelta(minutes=minutes)).isoformat() for minutes in (0, 20, 40)]
    async with station(url, identity) as socket:
        start = {"connectorId": connector, "idTag": "FRIEND", "meterStart": 100, "timestamp": times[0]}
        transaction_id = (await socket.call("StartTransaction", start))["transactionId"]
        value = {"timestamp": times[1], "sampledValue": [{"value": "130"}]}
        said = {"connectorId": connector, "transactionId": transaction_id, "meterValue": [value]}
        await socket.call("MeterValues", said)
        stop = {"transactionId": transaction_id, "meterStop": 100 + energy_wh, "timestamp": times[2]}
        await socket.call("StopTransaction", stop)


async def _live(data: Path) -> None:
    async with serving(data) as server:
        await add_id_token(server.context.database, "FRIEND")
        for identity in ("HAM-1", "HAM-2"):
            await add_station(server.context.database, identity)
            await _charge(server.ocpp_url, identity, 1, 500)
            await _charge(server.ocpp_url, identity, 2, 700)


async def _change(data: Path, *statements: str) -> None:
    async with tables_of(data) as database, database.unit() as session:
        for statement in statements:
            await session.execute(text(statement))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """What a server left behind: two stations with two sessions each."""
    asyncio.run(_live(tmp_path / "data"))
    return tmp_path / "data"


def run(data: Path, *arguments: str) -> Result:
    config = data / "test.toml"
    config.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in SETUP.settings(data).items()))
    return CliRunner().invoke(app, [*arguments, "--data", str(data), "--config", str(config)])


def told(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.output.splitlines()]


def test_what_was_left_alone_agrees(data: Path) -> None:
    result = run(data, "--all")
    assert result.exit_code == 0, result.output
    assert result.output.splitlines() == [
        "HAM-1: agrees: 2 sessions, 2 readings, 0 review items from 6 frames",
        "HAM-2: agrees: 2 sessions, 2 readings, 0 review items from 6 frames",
    ]


def test_a_row_that_its_frames_do_not_support_is_found(data: Path) -> None:
    asyncio.run(
        _change(
            data,
            "UPDATE sessions SET energy_wh = 499 WHERE station_id = 2 AND energy_wh = 500",
            "DELETE FROM readings WHERE station_id = 2 AND evse = 2",
        )
    )
    assert run(data, "--station", "HAM-1").exit_code == 0
    result = run(data, "--all")
    assert result.exit_code == 1
    assert "HAM-2: 2 differences" in result.output
    assert "energy_wh is 499, its frames say 500" in result.output
    assert "is not stored, its frames say so" in result.output
    [good, bad] = told(run(data, "--all", "--json"))
    assert (good["identity"], good["differences"]) == ("HAM-1", [])
    changed, missing = bad["differences"]
    assert (changed["table"], changed["field"], changed["stored"], changed["replayed"]) == (
        "sessions", "energy_wh", 499, 500,
    )  # fmt: skip
    assert (missing["table"], missing["field"], missing["stored"]) == ("readings", None, None)


def test_it_changes_nothing(data: Path) -> None:
    asyncio.run(_change(data, "UPDATE sessions SET energy_wh = 499 WHERE energy_wh = 500"))
    before = told(run(data, "--all", "--json"))
    assert before == told(run(data, "--all", "--json"))
    assert len(before[0]["differences"]) == 1


def test_sessions_from_before_the_first_stored_frame_are_told_apart(data: Path) -> None:
    """Frames may have a shorter life than sessions; a late frame still finds its session."""
    first = "SELECT min(id) FROM frames WHERE station_id = 1 AND action = 'StopTransaction'"
    asyncio.run(_change(data, f"DELETE FROM frames WHERE station_id = 1 AND id < ({first})"))
    result = run(data, "--station", "HAM-1")
    assert result.exit_code == 0, result.output
    assert result.output == (
        "HAM-1: agrees: 1 sessions, 1 readings, 0 review items from 4 frames; "
        "1 sessions from before what is stored not compared\n"
    )


async def _outcome(data: Path, action: str) -> Outcome:
    """With facts kept since this action's last frame."""
    async with tables_of(data) as database:
        frames = [row["id"] for row in await rows(database, "frames", station_id=1, action=action)]
        [outcome] = [one async for one in outcomes(database, ["HAM-1"], Kept(facts=frames[-1]))]
        return outcome


def test_where_facts_have_a_shorter_life_the_replay_begins_with_them(data: Path) -> None:
    """They tell which sessions time has ended."""
    outcome = asyncio.run(_outcome(data, "StartTransaction"))
    assert (outcome.agrees, outcome.sessions, outcome.earlier, outcome.frames) == (True, 1, 1, 3)
    outcome = asyncio.run(_outcome(data, "StopTransaction"))
    assert (outcome.agrees, outcome.sessions, outcome.earlier, outcome.frames) == (True, 0, 2, 1)


def test_what_cannot_be_asked_is_said(data: Path, tmp_path: Path) -> None:
    assert isinstance(run(data).exception, NothingToReplay)
    assert isinstance(run(data, "--station", "NOBODY").exception, StationNotFound)
    nowhere = tmp_path / "nowhere"
    result = CliRunner().invoke(app, ["--all", "--data", str(nowhere)])
    assert "There is no database" in str(result.exception)
    assert not nowhere.exists()
