"""Rows in every table there is, with every kind of value that a column may hold."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Column, Connection, Date, Float, Integer, LargeBinary, String, Table, Uuid, insert, null
from sqlalchemy.types import JSON

from csms.adapters.db.tables import METADATA
from csms.kit.tables import UtcTime

BEGIN = datetime(2029, 11, 20, tzinfo=UTC)
WORDS = ("Köln", "充电桩", "a'b\"c\\", "", "🔌 plug", "line\nbreak", "\u2028")
JSONS: tuple[Any, ...] = ({"b": 1, "a": [1.5, None, "é"]}, [], None, "text", 1e-7, {"big": 1 << 60})


def fill(connection: Connection, rows: int = 40, seed: int = 1) -> None:
    """Put rows into every table, in an order that references allow."""
    chance = Random(seed)
    known: dict[Column[Any], list[Any]] = {}
    for table in METADATA.sorted_tables:
        for number in range(1, rows + 1):
            row = {column.name: _value(column, number, chance, known) for column in table.columns}
            connection.execute(insert(table).values(row))
            for column in table.columns:
                known.setdefault(column, []).append(row[column.name])


def _value(column: Column[Any], number: int, chance: Random, known: dict[Column[Any], list[Any]]) -> Any:
    for key in column.foreign_keys:
        others = known.get(key.column, [])
        if column.unique or column.primary_key:
            return others[number - 1]
        return chance.choice(others) if others and (not column.nullable or number % 3) else None
    distinct = column.primary_key or column.unique or _in_unique_index(column)
    if column.nullable and not distinct and number % 4 == 0:
        return null()
    return _maker(column)(number, chance, distinct)


def _in_unique_index(column: Column[Any]) -> bool:
    table = column.table
    assert isinstance(table, Table)
    return any(index.unique and column.name in index.columns for index in table.indexes)


def _maker(column: Column[Any]) -> Callable[[int, Random, bool], Any]:
    kind = column.type
    if isinstance(kind, UtcTime):
        return lambda number, chance, _: BEGIN + timedelta(days=number, microseconds=chance.randrange(10**6))
    if isinstance(kind, JSON):
        return lambda number, _chance, _distinct: JSONS[number % len(JSONS)]
    for base, make in _MAKERS.items():
        if isinstance(kind, base):
            return _moment if base is Integer and _is_frame_id(column) else make
    raise TypeError(f"{column}: {kind!r}")


def _is_frame_id(column: Column[Any]) -> bool:
    return str(column) in ("frames.id", "readings.frame_id")


def _moment(number: int, _chance: Random, _distinct: bool) -> int:
    """As frames are numbered: the microsecond of arrival, over several months."""
    return int((BEGIN + timedelta(days=number)).timestamp() * 1_000_000) + number


_MAKERS: dict[type, Callable[[int, Random, bool], Any]] = {
    Boolean: lambda number, _chance, _distinct: number % 2 == 0,
    Integer: lambda number, chance, distinct: number if distinct else chance.randrange(-5, 1 << 31),
    Float: lambda number, chance, _distinct: chance.choice((0.1, -1e300, 5e-324, float(number))),
    String: lambda number, chance, distinct: f"{chance.choice(WORDS)}{number if distinct else ''}",
    LargeBinary: lambda number, chance, distinct: (
        b"\0%d" % number if distinct else chance.randbytes(chance.choice((0, 1, 300)))
    ),
    Uuid: lambda number, chance, _distinct: UUID(int=chance.getrandbits(100) << 16 | number),
    Date: lambda number, _chance, _distinct: date(2029, 12, 1) + timedelta(days=number),
}


def dump(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of an SQLite file as it is stored, by table."""
    with sqlite3.connect(path) as connection:
        found = {}
        for table in METADATA.sorted_tables:
            columns = ", ".join(f'"{column.name}", typeof("{column.name}")' for column in table.columns)
            rows = connection.execute(f"SELECT {columns} FROM {table.name}").fetchall()
            found[table.name] = sorted(rows, key=repr)
    connection.close()
    return found
