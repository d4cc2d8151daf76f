"""PostgreSQL's monthly partitions of what grows for ever: made ahead, dropped when their time is over."""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from csms.kit.clock import microseconds

PARTITIONED: Final = {"frames": "id", "readings": "frame_id"}  # by the microsecond of arrival
MONTHS_AHEAD: Final = 3
MONTHS_BACK: Final = 120
LOCK: Final = 0x6373_6D73  # the advisory lock of whoever changes tables


def month_of(at: datetime, later: int = 0) -> datetime:
    """The beginning of the month (UTC) that lies `later` months after that of `at`."""
    months = at.astimezone(UTC).year * 12 + at.astimezone(UTC).month - 1 + later
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)


async def make_partitions(session: AsyncSession, now: datetime, since: datetime | None = None) -> list[str]:
    """Make the partitions of this month and the next three where they are missing; gives the names of the new ones.

    Those of the months from `since` on too, ten years back at most: older rows stay in the default partition.
    """
    await session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    present = await _partitions(session)
    made = []
    for table, column in PARTITIONED.items():
        for later in range(-_months_back(now, since), MONTHS_AHEAD + 1):
            first = month_of(now, later)
            name = f"{table}_{first:%Y_%m}"
            if name not in present:
                await _make(session, table, column, name, microseconds(first), microseconds(month_of(now, later + 1)))
                made.append(name)
    return made


def _months_back(now: datetime, since: datetime | None) -> int:
    if since is None or since >= now:
        return 0
    return min((now.year - since.year) * 12 + now.month - since.month, MONTHS_BACK)


async def _make(session: AsyncSession, table: str, column: str, name: str, start: int, end: int) -> None:
    """What the default partition took for this month, while there was none, moves in first."""
    move = (
        f"WITH moved AS (DELETE FROM {table}_default WHERE {column} >= {start} AND {column} < {end} RETURNING *) "  # noqa: S608
        f"INSERT INTO {name} SELECT * FROM moved"
    )
    for statement in (
        f"CREATE TABLE {name} (LIKE {table} INCLUDING DEFAULTS INCLUDING STORAGE)",
        move,
        f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ({start}) TO ({end})",
    ):
        await session.execute(text(statement))


async def drop_partitions(session: AsyncSession, table: str, before: datetime) -> int:
    """Drop the months of a table that end before then, and such rows of the default partition; how many partitions."""
    await session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    last = f"{table}_{month_of(before):%Y_%m}"
    over = sorted(name for name in await _partitions(session) if name.startswith(f"{table}_2") and name < last)
    for name in over:
        await session.execute(text(f"DROP TABLE {name}"))
    stray = text(f"DELETE FROM {table}_default WHERE {PARTITIONED[table]} < :before")  # noqa: S608 - our own names
    await session.execute(stray, {"before": microseconds(month_of(before))})
    return len(over)


async def _partitions(session: AsyncSession) -> set[str]:
    names = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = ANY(ARRAY['frames', 'readings']::regclass[])"
    return set((await session.execute(text(names))).scalars())
