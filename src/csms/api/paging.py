"""Lists in pages."""

from collections.abc import Callable
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel, Field

from csms.kit.errors import Invalid
from csms.kit.paging import MOST, Page, Slice

T = TypeVar("T")
Row = TypeVar("Row")

_FARTHEST = 1_000_000_000
Offset = Annotated[int, Query(ge=0, le=_FARTHEST, description="how many to leave out")]
Limit = Annotated[int, Query(ge=1, le=MOST, description="how many at most")]


def slice_of(*sorts: str, default: str) -> Any:
    """The paging parameters of a list that can be sorted by `sorts`, as `Annotated[Slice, slice_of("name", default="name")]`.

    `default` may be descending (`-created_at`).
    """
    orders = [order for name in sorts for order in (name, f"-{name}")]

    def wanted(
        offset: Offset = 0,
        limit: Limit = 50,
        sort: Annotated[str, Query(description="- in front: descending", json_schema_extra={"enum": orders})] = default,
    ) -> Slice:
        if sort not in orders:
            message = f"must be one of {', '.join(orders)}"
            raise Invalid(
                f"sort: {message}.", errors=[{"in": "query", "field": "sort", "code": "enum", "message": message}]
            )
        return Slice(offset, limit, sort)

    return Depends(wanted)


class PageOut(BaseModel, Generic[T]):
    """A page of a list."""

    items: list[T]
    total: int = Field(description="how many match in all")
    offset: int
    limit: int

    @classmethod
    def of(cls, page: Page[Row], show: Callable[[Row], T]) -> "PageOut[T]":
        return cls(items=[show(row) for row in page.items], total=page.total, offset=page.offset, limit=page.limit)
