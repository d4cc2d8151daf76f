"""How values are spread: what a histogram shows, at the price of a bisection a value."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from math import inf


class Spread:
    """Counts values by upper bounds (each within its bound); `total` is their sum."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = (*bounds, inf)
        self._counts = [0] * len(self._bounds)
        self.total = 0.0

    @property
    def count(self) -> int:
        return sum(self._counts)

    def add(self, value: float) -> None:
        self._counts[bisect_left(self._bounds, value)] += 1
        self.total += value

    def upto(self) -> Iterator[tuple[float, int]]:
        """Each bound, and how many values were not above it; the last bound is infinite."""
        reached = 0
        for bound, count in zip(self._bounds, self._counts, strict=True):
            reached += count
            yield bound, reached
