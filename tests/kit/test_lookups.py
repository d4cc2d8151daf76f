"""Look-ups by many keys: however many there are, the rows of exactly these are found."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, create_engine, event, insert, select

from csms.kit.lookups import Lookup, filled

THINGS = Table("things", MetaData(), Column("place", Integer), Column("name", Text))
ROWS = [(place, name) for place in range(20) for name in "abcdefghij"]
BY_PLACE = Lookup(select(THINGS), THINGS.c.place)
BY_BOTH = Lookup(select(THINGS), THINGS.c.place, THINGS.c.name)

places = st.integers(-3, 23)
names = st.sampled_from("abcdefghijkl")


@pytest.fixture(scope="module")
def things() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        THINGS.create(connection)
        connection.execute(insert(THINGS), [{"place": place, "name": name} for place, name in ROWS])
        yield connection
    engine.dispose()


@given(keys=st.lists(places, max_size=150))
@settings(max_examples=60)
def test_rows_of_one_column(things: Connection, keys: list[int]) -> None:
    wanted = [row for row in ROWS if row[0] in keys]
    found = [tuple(row) for row in BY_PLACE.rows(things, list(dict.fromkeys(keys)))]
    assert sorted(found) == wanted


@given(keys=st.lists(st.tuples(places, names), max_size=200))
@settings(max_examples=60)
def test_rows_of_two_columns(things: Connection, keys: list[tuple[int, str]]) -> None:
    wanted = [row for row in ROWS if row in keys]
    found = [tuple(row) for row in BY_BOTH.rows(things, list(dict.fromkeys(keys)))]
    assert sorted(found) == wanted


def test_lists_of_all_lengths_make_few_statements(things: Connection) -> None:
    """Or the database would prepare each anew, which takes longer than to run it."""
    asked = set()
    remember = lambda *about: asked.add(about[2])  # noqa: E731 - SQLAlchemy's third argument is the SQL
    event.listen(things, "before_cursor_execute", remember)
    for length in range(200):
        list(BY_PLACE.rows(things, list(range(length))))
    event.remove(things, "before_cursor_execute", remember)
    assert 1 < len(asked) <= 4


def test_no_statement_has_more_parameters_than_sqlite_takes(things: Connection) -> None:
    count: list[int] = []
    remember = lambda *about: count.append(len(about[3]))  # noqa: E731
    event.listen(things, "before_cursor_execute", remember)
    list(BY_BOTH.rows(things, [(place, "a") for place in range(1000)]))
    event.remove(things, "before_cursor_execute", remember)
    assert max(count) <= 999  # the most that SQLite took before 3.32


@given(keys=st.lists(places, max_size=300))
def test_filled_up_lists_hold_the_same_and_have_few_lengths(keys: list[int]) -> None:
    full = filled(keys)
    assert full[: len(keys)] == keys
    assert set(full) == set(keys)
    assert len(full) in {0, 1, 4, 16} or len(full) % 64 == 0
    assert len(full) - len(keys) < 64
