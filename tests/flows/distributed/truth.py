"""Holds the tables against what the stations were promised."""

from collections import Counter
from typing import Any

import asyncpg

from ...harness.waiting import until
from .fleet import Fleet

_MINE = "station_id IN (SELECT id FROM stations WHERE identity = ANY($1))"


class Tables:
    """What the database says of a fleet's stations."""

    def __init__(self, url: str, fleet: Fleet) -> None:
        self._url = url
        self._fleet = fleet

    async def query(self, sql: str) -> list[Any]:
        connection = await asyncpg.connect(self._url, timeout=10)
        try:
            return list(await connection.fetch(sql, [station.identity for station in self._fleet.stations]))
        finally:
            await connection.close()

    async def settled(self, within_s: float = 400.0) -> None:
        """Wait until no command is under way, and every fact has been reacted to."""

        async def none_open() -> bool:
            return not await self.query(f"SELECT 1 FROM commands WHERE state IN ('pending', 'sent') AND {_MINE}")

        async def none_waiting() -> bool:
            return not await self.query(f"SELECT 1 FROM facts WHERE NOT relayed AND {_MINE}")

        await until(none_open, within_s, "every command settled")
        await until(none_waiting, within_s, "every fact relayed")

    async def check(self) -> None:
        """Every acknowledged transaction once, energy equal to the Wh, facts once, commands sent and settled once."""
        await self._check_sessions()
        await self._check_facts()
        await self._check_reactions()
        await self._check_commands()

    async def _check_sessions(self) -> None:
        rows = await self.query(f"SELECT * FROM sessions WHERE {_MINE}")
        sessions = {row["id"]: row for row in rows}
        begun = Counter((row["station_id"], row["started_at"]) for row in rows)
        assert [start for start, count in begun.items() if count > 1] == [], "a transaction stored twice"
        for station in self._fleet.stations:
            assert station.started.keys() <= sessions.keys(), "an acknowledged start is not there"
            for transaction, meter_wh in station.started.items():
                assert sessions[transaction]["meter_start_wh"] == meter_wh
            for transaction, energy_wh in station.stopped.items():
                session = sessions[transaction]
                assert (session["state"], session["energy_wh"]) == ("ended", energy_wh), (
                    "an acknowledged stop is not there"
                )
        promised = sum(sum(station.stopped.values()) for station in self._fleet.stations)
        assert sum(row["energy_wh"] for row in rows if row["state"] == "ended") == promised
        assert [row["kind"] for row in await self.query(f"SELECT kind FROM review_items WHERE {_MINE}")] == []

    async def _check_facts(self) -> None:
        facts = await self.query(
            f"SELECT kind, session_id, count(*) FROM facts WHERE session_id IS NOT NULL AND {_MINE} GROUP BY 1, 2"
        )
        counts = {(row["kind"], row["session_id"]): row["count"] for row in facts}
        assert set(counts.values()) == {1}, "a fact twice"
        for station in self._fleet.stations:
            assert all(("SessionStarted", transaction) in counts for transaction in station.started)
            assert all(("SessionEnded", transaction) in counts for transaction in station.stopped)

    async def _check_reactions(self) -> None:
        """No fact was reacted to twice, or not at all: the daily totals, which only ever add, are right to the Wh."""
        counted = await self.query(
            "SELECT counted_sessions.energy_wh FROM counted_sessions JOIN sessions ON sessions.id = session_id "
            f"WHERE {_MINE} AND state = 'ended'"
        )
        promised = [energy_wh for station in self._fleet.stations for energy_wh in station.stopped.values()]
        assert sorted(row["energy_wh"] for row in counted) == sorted(promised)
        [totals] = await self.query(
            "SELECT (SELECT sum(energy_wh) FROM daily_totals) - (SELECT sum(energy_wh) FROM counted_sessions) AS energy_wh, "
            "(SELECT sum(sessions) FROM daily_totals) - (SELECT count(*) FROM counted_sessions) AS sessions "
            "WHERE $1::text[] IS NOT NULL"
        )
        assert (totals["energy_wh"], totals["sessions"]) == (0, 0), "a fact was reacted to twice, or half"

    async def _check_commands(self) -> None:
        commands = await self.query(f"SELECT id, state, settled_at FROM commands WHERE {_MINE}")
        assert all(row["settled_at"] is not None for row in commands)
        states = {str(row["id"]): row["state"] for row in commands}
        for station in self._fleet.stations:
            assert all(count == 1 for count in station.heard.values()), "a command sent twice"
        heard = {command for station in self._fleet.stations for command in station.heard}
        assert {command for command, state in states.items() if state == "accepted"} <= heard
