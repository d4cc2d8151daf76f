"""Pages of query results, for the stores of every module above."""

from collections.abc import Mapping
from typing import Any, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import ColumnElement

from csms.kit.errors import Invalid
from csms.kit.paging import Page, Slice

T = TypeVar("T")


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
    total = await session.scalar(select(func.count()).select_from(query.order_by(None).subquery()))
    rows = await session.scalars(query.order_by(*order).offset(part.offset).limit(part.limit))
    return Page(list(rows), total or 0, part.offset, part.limit)
