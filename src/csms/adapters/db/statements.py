"""SQL for change classes, made from what `@writes` says of them: one statement for many rows.

Every statement that runs lets other threads in and waits to be let in again; so rows go in by the handful, not one by one.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from operator import itemgetter
from typing import Any, Final, NamedTuple

from sqlalchemy.dialects import postgresql

from csms.kit.changes import REGISTRY, Kind, Write
from csms.kit.tables import Base

POSTGRES: Final = postgresql.dialect()  # type: ignore[no-untyped-call]


def sqlite_statement(write: Write, rows: int) -> str:
    """A statement that writes `rows` rows, with `?` for every column of every row in the order of the change's fields."""
    values = ", ".join([f"({', '.join('?' * len(write.columns))})"] * rows)
    if write.kind is Kind.UPDATE:
        return _update(write, values)
    insert = f"INSERT INTO {write.table} ({', '.join(write.columns)}) VALUES {values}"  # noqa: S608 - our own names
    if write.if_absent:
        return f"{insert} ON CONFLICT DO NOTHING"
    if write.kind is Kind.UPSERT:
        sets = ", ".join(f"{name} = excluded.{name}" for name in write.columns if name not in write.key)
        return f"{insert} ON CONFLICT ({', '.join(write.key)}) DO UPDATE SET {sets}"
    return insert


def _update(write: Write, values: str) -> str:
    """An update of many rows, each by its key; keys must differ, for only one of two rows would count."""
    sets = ", ".join(f"{name} = new.{name}" for name in write.columns if name not in write.key)
    where = _where(write, [f"{write.table}.{name} = new.{name}" for name in write.key])
    columns = ", ".join(write.columns)
    return f"WITH new ({columns}) AS (VALUES {values}) UPDATE {write.table} SET {sets} FROM new WHERE {where}"  # noqa: S608


def _where(write: Write, keys: list[str]) -> str:
    return " AND ".join([*keys, *([write.only_if] if write.only_if is not None else [])])


# Part of a batch's first statement; takes stations, epochs, times, the recorder's id, the batch's number, and how many links
# there are. Both updates lock, so that a twin waits and then loses; the mark makes a commit whose outcome is unknown
# detectable. Whoever does not hold all links divides by zero, which takes the whole statement back.
_FENCE: Final = """
held AS (
    UPDATE links SET seen_at = new.seen_at
    FROM unnest($1::integer[], $2::integer[], $3::timestamptz[]) AS new (station_id, epoch, seen_at)
    WHERE links.station_id = new.station_id AND links.epoch = new.epoch
    RETURNING links.station_id),
marked AS (UPDATE recorder_marks SET batch = $5 WHERE id = $4 AND batch = $5 - 1 RETURNING batch)"""
_FENCE_PARAMETERS: Final = 6
_FENCE_HOLDS: Final = "1 / ((SELECT count(*) FROM held) = $6 AND (SELECT count(*) FROM marked) = 1)::integer"


class Step(NamedTuple):
    """One PostgreSQL statement for several change classes: takes an array for every column of each, in order."""

    sql: str
    changes: tuple[type, ...]


class Steps:
    """As few PostgreSQL statements as possible for a batch with these change classes (lowest rank first).

    All parts of one statement see the same snapshot: what one class wrote, another can update only in the next. So classes that
    have a row in common have a statement each. That is rare, since a station waits for its answers: nearly all batches are one
    round trip. The first statement is fenced: it takes the fence's six parameters before the arrays, and fails with division by
    zero.
    """

    __slots__ = ("_changes", "_known", "_together")

    def __init__(self, changes: Sequence[type]) -> None:
        self._changes = changes
        by_table: defaultdict[str, list[type]] = defaultdict(list)
        for change in changes:
            by_table[REGISTRY[change].table].append(change)
        self._together = {table: _row_names(among) for table, among in by_table.items() if len(among) > 1}
        self._known: dict[frozenset[str], list[Step]] = {}

    def of(self, rows: Mapping[type, Sequence[Any]]) -> list[Step]:
        """The statements for these rows, by class."""
        shared = frozenset(table for table, names in self._together.items() if _share(names, rows))
        steps = self._known.get(shared)
        if steps is None:
            steps = self._known[shared] = _steps(self._changes, shared)
        return steps


def values_of(write: Write, columns: Iterable[str]) -> "itemgetter[Any]":
    """Takes the values of these columns from a row."""
    return itemgetter(*map(write.columns.index, columns))


RowNames = Sequence[tuple[type, Callable[[Any], Any]]]


def _row_names(changes: Sequence[type]) -> RowNames | None:
    """By what a row of each class is known in the table; None when they do not all know it by the same columns."""
    known_by = {frozenset(REGISTRY[change].key or _primary_key(REGISTRY[change].table)) for change in changes}
    columns = sorted(known_by.pop())
    if known_by or not all(set(columns) <= set(REGISTRY[change].columns) for change in changes):
        return None
    return [(change, values_of(REGISTRY[change], columns)) for change in changes]


def _primary_key(table: str) -> list[str]:
    return list(Base.metadata.tables[table].primary_key.columns.keys())


def _share(names: RowNames | None, rows: Mapping[type, Sequence[Any]]) -> bool:
    """Whether two classes have a row in common, as far as can be told."""
    if names is None:
        return True
    named = [set(map(name, rows[change])) for change, name in names]
    return len(set().union(*named)) < sum(map(len, named))


def _steps(changes: Sequence[type], shared: Set[str]) -> list[Step]:
    steps: list[list[type]] = [[]]
    last = {"links": 0}  # the fence updates it
    for change in changes:
        table, step = REGISTRY[change].table, 0
        if table in shared or table in last:
            step = last[table] = last.get(table, -1) + 1
        if step == len(steps):
            steps.append([])
        steps[step].append(change)
    first, *others = steps
    return [_fenced_step(tuple(first)), *(_postgres_step(tuple(step)) for step in others)]


def _fenced_step(changes: tuple[type, ...]) -> Step:
    parts = "".join(f", part{number} AS ({part})" for number, part in enumerate(_parts(changes, _FENCE_PARAMETERS + 1)))
    return Step(f"WITH {_FENCE}{parts} SELECT {_FENCE_HOLDS}", changes)


def _postgres_step(changes: tuple[type, ...]) -> Step:
    *others, last = _parts(changes, 1)
    with_others = ", ".join(f"part{number} AS ({part})" for number, part in enumerate(others))
    return Step(f"WITH {with_others} {last}" if others else last, changes)


def _parts(changes: tuple[type, ...], first: int) -> list[str]:
    parts: list[str] = []
    for change in changes:
        write = REGISTRY[change]
        parts.append(_postgres_part(write, first))
        first += len(write.columns)
    return parts


def _postgres_part(write: Write, first: int) -> str:
    table = Base.metadata.tables[write.table]
    quoted = {name: POSTGRES.identifier_preparer.quote(name) for name in write.columns}
    arrays = ", ".join(
        f"${number}::{table.c[name].type.compile(POSTGRES)}[]" for number, name in enumerate(write.columns, first)
    )
    columns = ", ".join(quoted.values())
    changed = [name for column, name in quoted.items() if column not in write.key]
    if write.kind is Kind.UPDATE:
        sets = ", ".join(f"{name} = new.{name}" for name in changed)
        where = _where(write, [f"{write.table}.{quoted[name]} = new.{quoted[name]}" for name in write.key])
        return f"UPDATE {write.table} SET {sets} FROM unnest({arrays}) AS new ({columns}) WHERE {where}"  # noqa: S608
    insert = f"INSERT INTO {write.table} ({columns}) SELECT * FROM unnest({arrays})"  # noqa: S608 - our own names
    if write.if_absent:
        return f"{insert} ON CONFLICT DO NOTHING"
    if write.kind is Kind.UPSERT:
        sets = ", ".join(f"{name} = excluded.{name}" for name in changed)
        return f"{insert} ON CONFLICT ({', '.join(quoted[name] for name in write.key)}) DO UPDATE SET {sets}"
    return insert
