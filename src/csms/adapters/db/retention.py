"""Making room: monthly partitions on PostgreSQL, small slices on SQLite."""

from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, bindparam, text

from csms.adapters.db.engine import SqliteDatabase
from csms.adapters.db.partitions import drop_partitions, make_partitions
from csms.adapters.db.postgres import PostgresDatabase
from csms.kit.clock import microseconds

SLICE: Final = 2_000  # rows: some ten milliseconds, in which no station's commit has to wait

# Frames by their id, readings by their frame's: both are the microsecond of arrival. Readings are looked through in the
# order they came, so the first one that is young enough ends the search.
_SLICES: Final = {
    "frames": "DELETE FROM frames WHERE rowid IN (SELECT rowid FROM frames WHERE id < :before LIMIT :most)",
    "readings": "DELETE FROM readings WHERE id IN (SELECT id FROM readings ORDER BY id LIMIT :most) AND frame_id < :before",
}


class SqliteShelves:
    """Old rows go a slice at a time, between the commits of others."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def make_room(self, now: datetime) -> None:
        """Nothing to prepare."""

    async def prune(self, table: str, before: datetime) -> int:
        """Remove some of what arrived before then; how many rows, 0 when nothing is left."""
        values = {"before": microseconds(before), "most": SLICE}
        async with self._database.unit() as session:
            done = await session.execute(text(_SLICES[table]).bindparams(bindparam("before", type_=BigInteger)), values)
            return done.rowcount  # type: ignore[attr-defined,no-any-return]


class PostgresShelves:
    """A whole month goes at once, when its last day is old enough."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database

    async def make_room(self, now: datetime) -> None:
        async with self._database.unit() as session:
            await make_partitions(session, now)

    async def prune(self, table: str, before: datetime) -> int:
        async with self._database.unit() as session:
            return await drop_partitions(session, table, before)
