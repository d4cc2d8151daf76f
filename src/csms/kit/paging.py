"""Pages of a list: a bounded slice and how many there are in all."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

MOST = 500


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
