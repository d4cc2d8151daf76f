"""Making room: monthly partitions on PostgreSQL, small slices on SQLite and of what has no partitions."""

from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, TextClause, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession

from csms.adapters.db.engine import SqliteDatabase
from csms.adapters.db.partitions import PARTITIONED, drop_partitions, make_partitions
from csms.adapters.db.postgres import PostgresDatabase
from csms.kit.clock import microseconds
from csms.kit.tables import UtcTime

SLICE: Final = 2_000  # rows: some ten milliseconds, in which no station's commit has to wait

# Rows are looked through in the order they came, so the first one that is young enough ends the search. Frames come by their
# id, readings by their frame's: both are the microsecond of arrival.
_BY_ARRIVAL: Final = {
    "frames": "DELETE FROM frames WHERE rowid IN (SELECT rowid FROM frames WHERE id < :before LIMIT :most)",
    "readings": "DELETE FROM readings WHERE id IN (SELECT id FROM readings ORDER BY id LIMIT :most) AND frame_id < :before",
}
# The newest row stays, for a database may hand out its number again when it is gone. A fact goes with the marks of its reactions,
# and only when it has been relayed.
_OLD_FACTS: Final = (
    "SELECT id FROM (SELECT id, at FROM facts WHERE relayed AND id < (SELECT max(id) FROM facts) ORDER BY id LIMIT :most) AS first "
    "WHERE at < :before"
)
_BY_TIME: Final = {
    "facts": (
        f"DELETE FROM fact_reactions WHERE fact_id IN ({_OLD_FACTS})",  # noqa: S608 - our own names
        f"DELETE FROM facts WHERE id IN ({_OLD_FACTS})",  # noqa: S608
    ),
    "audit_entries": (
        "DELETE FROM audit_entries WHERE id IN (SELECT id FROM audit_entries ORDER BY id LIMIT :most) AND at < :before "
        "AND id < (SELECT max(id) FROM audit_entries)",
    ),
}


async def _prune_by_time(session: AsyncSession, table: str, before: datetime) -> int:
    count = 0
    for statement in _BY_TIME[table]:
        bound = text(statement).bindparams(bindparam("before", type_=UtcTime()))
        count = await _delete(session, bound, before)
    return count


async def _delete(session: AsyncSession, statement: TextClause, before: datetime | int) -> int:
    done = await session.execute(statement, {"before": before, "most": SLICE})
    return done.rowcount  # type: ignore[attr-defined,no-any-return]


class SqliteShelves:
    """Old rows go a slice at a time, between the commits of others."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def make_room(self, now: datetime) -> None:
        """Nothing to prepare."""

    async def prune(self, table: str, before: datetime) -> int:
        """Remove some of what arrived before then; how many rows, 0 when nothing is left."""
        async with self._database.unit() as session:
            if table in _BY_TIME:
                return await _prune_by_time(session, table, before)
            statement = text(_BY_ARRIVAL[table]).bindparams(bindparam("before", type_=BigInteger()))
            return await _delete(session, statement, microseconds(before))


class PostgresShelves:
    """A whole month goes at once, when its last day is old enough; what has no months goes a slice at a time."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database

    async def make_room(self, now: datetime) -> None:
        async with self._database.unit() as session:
            await make_partitions(session, now)

    async def prune(self, table: str, before: datetime) -> int:
        async with self._database.unit() as session:
            if table in PARTITIONED:
                return await drop_partitions(session, table, before)
            return await _prune_by_time(session, table, before)
