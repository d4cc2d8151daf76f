"""How many attempts are kept."""

from datetime import UTC, datetime
from pathlib import Path

from csms.domain.connections import recording
from csms.domain.connections.recording import MOST_OF_ONE, Attempt

from ...harness.server import rows
from ...setups import SETUP

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def attempt(number: int, identity: str | None, host: str = "198.51.100.9") -> Attempt:
    return Attempt(NOW, host, f"{host}:{number}", "wrong_path", identity=identity)


async def test_one_that_hammers_at_the_door_does_not_push_out_the_others(tmp_path: Path) -> None:
    async with SETUP.opened(tmp_path) as (database, _):
        async with database.unit() as session:
            await recording.note(session, [attempt(1, "CS-1"), attempt(2, None), attempt(3, None, "203.0.113.5")])
        for batch in range(3):
            async with database.unit() as session:
                await recording.note(session, [attempt(100 * batch + n, "CS-2") for n in range(60)])
                await recording.note(session, [attempt(100 * batch + n, None) for n in range(60)])
        found = await rows(database, "connection_attempts")
    assert sum(row["identity"] == "CS-2" for row in found) == MOST_OF_ONE
    assert sum(row["identity"] is None and row["host"] == "198.51.100.9" for row in found) == MOST_OF_ONE
    assert sum(row["identity"] == "CS-1" for row in found) == 1
    assert sum(row["host"] == "203.0.113.5" for row in found) == 1


async def test_past_all_bounds_the_oldest_go(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(recording, "MOST", 10)
    async with SETUP.opened(tmp_path) as (database, _):
        async with database.unit() as session:
            await recording.note(session, [attempt(n, f"CS-{n}") for n in range(25)])
        found = await rows(database, "connection_attempts")
    assert sorted(row["identity"] for row in found) == sorted(f"CS-{n}" for n in range(15, 25))
