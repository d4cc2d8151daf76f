"""Values counted by their bounds."""

from math import inf

from csms.kit.spread import Spread


def test_a_value_counts_within_its_bound_and_all_above() -> None:
    spread = Spread((1, 10))
    for value in (0, 1, 1.5, 10, 11):
        spread.add(value)
    assert list(spread.upto()) == [(1, 2), (10, 4), (inf, 5)]
    assert (spread.count, spread.total) == (5, 23.5)
