"""Copies every row of a database into another, empty one, and reads both to prove them equal."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final

from sqlalchemy import Connection, Row, Table, delete, func, insert, inspect, select, text
from sqlalchemy.exc import DBAPIError

from csms.adapters.db.tables import METADATA
from csms.kit.errors import Conflict

BATCH: Final = 2_000  # rows read, written and told of together
_SEEDED: Final = {"counters", "alembic_version"}  # what a migration puts there itself
_SUM_BITS: Final = 64

Tell = Callable[[str, int, int], None]  # what is being done, how much of it is done, how much there is


class NotEmpty(Conflict):
    """There is something in the target already; nothing was copied."""

    code = "target_not_empty"


class NotEqual(Conflict):
    """What arrived is not what was sent; nothing was kept of it."""

    code = "copy_not_equal"


class CannotHold(Conflict):
    """The target cannot hold a row of the source; nothing was kept."""

    code = "target_cannot_hold"


@dataclass
class Content:
    """What a table holds: how many rows, a checksum over all of them in any order, and the energy in them in Wh."""

    rows: int = 0
    checksum: int = 0
    energy_wh: int = 0

    def add(self, rows: Iterable[Sequence[Any]], energy_at: int | None) -> None:
        for row in rows:
            self.rows += 1
            digest = blake2b(repr(row).encode("utf-8", "surrogatepass"), digest_size=_SUM_BITS // 8).digest()
            self.checksum = (self.checksum + int.from_bytes(digest, "big")) % (1 << _SUM_BITS)
            if energy_at is not None and row[energy_at] is not None:
                self.energy_wh += int(row[energy_at])


@dataclass
class Copied:
    """What was copied, by table; `mended` texts had the character NUL, which the target cannot hold, and have U+FFFD now."""

    tables: dict[str, Content] = field(default_factory=dict)
    mended: int = 0

    @property
    def rows(self) -> int:
        return sum(content.rows for content in self.tables.values())


def contents(connection: Connection, tell: Tell) -> dict[str, Content]:
    """Read a whole database; `tell` hears how far it is."""
    found = {}
    steps = _Steps(connection, "checking", tell)
    for table in METADATA.sorted_tables:
        content = found[table.name] = Content()
        for rows in _read(connection, table):
            content.add(rows, _energy_at(table))
            steps.done(len(rows))
    return found


def copy_rows(source: Connection, target: Connection, tell: Tell) -> Copied:
    """Copy all rows within the target's transaction, then read them back. Raises NotEmpty, CannotHold, NotEqual."""
    require_empty(target)
    copied = Copied()
    steps = _Steps(source, "copying", tell)
    keeps_nul = target.dialect.name == "sqlite"
    for table in METADATA.sorted_tables:
        content = copied.tables[table.name] = Content()
        if table.name in _SEEDED:
            target.execute(delete(table))
        names = [column.name for column in table.columns]
        for batch in _read(source, table):
            rows = batch if keeps_nul else list(_mended(batch, copied))
            content.add(rows, _energy_at(table))
            _write(target, table, [dict(zip(names, row, strict=True)) for row in rows])
            steps.done(len(rows))
    if target.dialect.name == "postgresql":
        _continue_counting(target)
    _require_equal(copied.tables, contents(target, tell))
    return copied


def require_empty(connection: Connection) -> None:
    """Raises NotEmpty unless there are no rows but those of the migrations."""
    there = set(inspect(connection).get_table_names())
    for table in METADATA.sorted_tables:
        if table.name in there - _SEEDED and connection.execute(select(1).select_from(table).limit(1)).first():
            raise NotEmpty(table=table.name)


class _Steps:
    """Counts rows against all there are."""

    def __init__(self, connection: Connection, doing: str, tell: Tell) -> None:
        counts = (connection.scalar(select(func.count()).select_from(table)) for table in METADATA.sorted_tables)
        self._all = sum(count or 0 for count in counts)
        self._done, self._doing, self._tell = 0, doing, tell

    def done(self, rows: int) -> None:
        self._done += rows
        self._tell(self._doing, self._done, self._all)


def _energy_at(table: Table) -> int | None:
    if table.name not in ("sessions", "counted_sessions", "daily_totals"):
        return None
    return [column.name for column in table.columns].index("energy_wh")


def _read(connection: Connection, table: Table) -> Iterator[list[tuple[Any, ...]]]:
    if any(key.column.table is table for key in table.foreign_keys):
        yield from _parents_first(connection, table)
        return
    query = select(table).execution_options(stream_results=True, yield_per=BATCH)
    with connection.execute(query) as result:
        for rows in result.partitions(BATCH):
            yield [_plain(row) for row in rows]


def _parents_first(connection: Connection, table: Table) -> Iterator[list[tuple[Any, ...]]]:
    """A table that refers to itself (it is small): who is referred to comes before who refers."""
    [key] = [key for key in table.foreign_keys if key.column.table is table]
    names = [column.name for column in table.columns]
    own, parent = names.index(key.column.name), names.index(key.parent.name)
    waiting = [_plain(row) for row in connection.execute(select(table))]
    there: set[Any] = {None}
    while waiting:
        ready = [row for row in waiting if row[parent] in there]
        if not ready:
            raise CannotHold(f"{table.name} refers to itself in a circle.")
        yield ready
        there |= {row[own] for row in ready}
        waiting = [row for row in waiting if row[own] not in there]


def _plain(row: Row[Any]) -> tuple[Any, ...]:
    return tuple(row)


def _mended(rows: list[tuple[Any, ...]], copied: Copied) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        if any(isinstance(value, str) and "\0" in value for value in row):
            copied.mended += 1
            yield tuple(value.replace("\0", "\ufffd") if isinstance(value, str) else value for value in row)
        else:
            yield row


def _write(target: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    try:
        target.execute(insert(table), rows)
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        raise CannotHold(table=table.name, reason=str(error.orig)) from error


def _continue_counting(target: Connection) -> None:
    """Numbers that the database hands out go on behind the highest that was copied."""
    for table in METADATA.sorted_tables:
        column = table.autoincrement_column
        if column is None:
            continue
        sequence = target.scalar(
            text("SELECT pg_get_serial_sequence(:table, :column)"), {"table": table.name, "column": column.name}
        )
        highest = target.scalar(select(func.max(column)))
        if sequence is not None and highest is not None:
            target.execute(text("SELECT setval(CAST(:name AS regclass), :last)"), {"name": sequence, "last": highest})


def _require_equal(sent: dict[str, Content], arrived: dict[str, Content]) -> None:
    different = [name for name, content in sent.items() if arrived[name] != content]
    if different:
        raise NotEqual(tables=", ".join(different))
