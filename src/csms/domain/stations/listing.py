"""Pages of long lists: the keys of one page first, found over narrow rows, then the rows of those keys alone."""

from collections.abc import Mapping
from functools import reduce
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from csms.kit.errors import Invalid
from csms.kit.paging import Slice, sweep

K = TypeVar("K")

Sortable = Mapping[str, InstrumentedAttribute[Any]]


class UnknownSort(Invalid):
    """This list cannot be sorted by that."""

    code = "unknown_sort"


async def read_keys(
    session: AsyncSession,
    matching: Select[K],
    key: InstrumentedAttribute[K],
    sortable: Sortable,
    wanted: Slice,
    *,
    counted: Select[K] | None = None,
    dear: bool = False,
) -> tuple[list[K], int]:
    """The keys of the wanted slice of `matching` (a select of `key`) and how many match; what has no value sorts last.

    Without a wish the first of `sortable` sorts, descending. `counted` matches as many, without what only sorting takes.
    `dear`: telling what matches costs more than sorting it (a search for text), so it is found and counted in one go.
    """
    counted = matching if counted is None else counted
    with sweep(session):
        if dear:
            ordered = matching.order_by(*_order(sortable, wanted.sort, key)).limit(wanted.limit).offset(wanted.offset)
            found = (await session.execute(ordered.add_columns(func.count().over()))).all()
            if found or wanted.offset == 0:
                return [row[0] for row in found], found[0][1] if found else 0
        total = None if wanted.offset == 0 else await _count(session, counted)
        left = wanted.limit if total is None else max(0, min(wanted.limit, total - wanted.offset))
        after = 0 if total is None else total - wanted.offset - left
        backwards = after < wanted.offset  # the last page costs what the first does, counted from the end
        ordered = matching.order_by(*_order(sortable, wanted.sort, key, backwards=backwards))
        page = ordered.limit(left).offset(after if backwards else wanted.offset)
        keys = list((await session.scalars(page)).all()) if left else []
        if total is None:
            total = len(keys) if len(keys) < wanted.limit else await _count(session, counted)
    return keys[::-1] if backwards else keys, total


async def _count(session: AsyncSession, counted: Select[Any]) -> int:
    return await session.scalar(select(func.count()).select_from(counted.subquery())) or 0


def _order(
    sortable: Sortable, sort: str | None, key: InstrumentedAttribute[K], *, backwards: bool = False
) -> list[ColumnElement[Any]]:
    wish = sort or f"-{next(iter(sortable))}"
    column = sortable.get(wish.removeprefix("-"))
    if column is None:
        raise UnknownSort(f"This list sorts by {', '.join(sortable)}; a leading minus turns the order.", field="sort")
    down = wish.startswith("-") is not backwards
    by = column.desc() if down else column.asc()
    if column.nullable or column.class_ is not key.class_:  # another table's row may be missing
        by = by.nulls_first() if backwards else by.nulls_last()
    return [by, key.desc() if down else key.asc()]


def containing(text: str, *columns: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """Rows that contain this text in one of their columns, whatever the case.

    All columns are looked through as one: that is thrice as fast as one after the other.
    """
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    first, *others = (func.coalesce(column, "") if column.nullable else column for column in columns)
    together = reduce(lambda left, right: left + "\x1f" + right, others, first)
    return func.lower(together).like(func.lower(f"%{escaped}%"), escape="\\")
