"""Pages of a list: a bounded slice and how many there are in all."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import ColumnElement

from csms.kit.errors import Invalid

T = TypeVar("T")

MOST = 500
_SWEEPS = "sweeps"


@contextmanager
def sweep(session: AsyncSession) -> Iterator[None]:
    """Say that what is asked within looks through many rows, for which whoever narrows it (api/scoping.py) may prepare."""
    before = sweeps(session)
    session.info[_SWEEPS] = True
    try:
        yield
    finally:
        session.info[_SWEEPS] = before


def sweeps(session: AsyncSession) -> bool:
    return bool(session.info.get(_SWEEPS))


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """`items` from `offset` on; `total` counts all that match."""

    items: list[T]
    total: int
    offset: int
    limit: int


@dataclass(frozen=True, slots=True)
class Slice:
    """Which part of a list is wanted: at most `limit` (1 to 500) from `offset`, sorted by `sort` (`-name` descending)."""

    offset: int = 0
    limit: int = 50
    sort: str | None = None


async def fetch_page(
    session: AsyncSession,
    query: Select[T],
    part: Slice,
    sorts: Mapping[str, Any],
    *,
    default: str,
    tie: Any,
) -> Page[T]:
    """The wanted part of `query`, sorted by one of `sorts` (`-name` descending, else `default`) and then by `tie`."""
    name = part.sort or default
    column = sorts.get(name.removeprefix("-"))
    if column is None:
        raise Invalid(f"A list like this is sorted by {', '.join(sorts)}, not by {name}.", field="sort")
    order: list[ColumnElement[Any]] = [item.desc() if name.startswith("-") else item.asc() for item in (column, tie)]
    with sweep(session):
        total = await session.scalar(select(func.count()).select_from(query.order_by(None).subquery()))
        rows = await session.scalars(query.order_by(*order).offset(part.offset).limit(part.limit))
    return Page(list(rows), total or 0, part.offset, part.limit)
