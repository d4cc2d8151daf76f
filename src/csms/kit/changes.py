"""Changes: rows that a station's frame writes, as tuples in the order of the statement's parameters.

A change class is a NamedTuple marked with `@writes`; the recorder makes one statement of the class and runs it for all
rows of that class in a batch. So a decision costs one small tuple a row, and the database sees one statement a kind.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

from sqlalchemy import Table

from csms.kit.tables import Base

ChangeT = TypeVar("ChangeT", bound=type)
Change = tuple[Any, ...]


class Kind(Enum):
    """How a row is written."""

    INSERT = "insert"
    UPDATE = "update"
    UPSERT = "upsert"


@dataclass(frozen=True, slots=True)
class Write:
    """The statement behind a change class.

    `columns` are the NamedTuple's fields in order; for an update the key columns stand last. `rank` orders the kinds within a
    batch (lower first), so that a session is inserted before it is updated. `only_if` is a condition in SQL on the present row:
    an update leaves a row as it is that does not meet it.
    """

    table: str
    kind: Kind
    columns: tuple[str, ...]
    key: tuple[str, ...]
    rank: int
    if_absent: bool
    only_if: str | None = None


REGISTRY: dict[type, Write] = {}


def writes(
    model: type[Base],
    kind: Kind,
    *,
    key: tuple[str, ...] = (),
    rank: int = 5,
    if_absent: bool = False,
    only_if: str | None = None,
) -> Callable[[ChangeT], ChangeT]:
    """Mark a NamedTuple as a change to `model`'s table; its field names must be columns, its key fields last on update.

    `if_absent` makes an insert or upsert leave an existing row as it is.
    """

    def mark(cls: ChangeT) -> ChangeT:
        columns: tuple[str, ...] = cls._fields  # type: ignore[attr-defined]
        table = model.__table__
        assert isinstance(table, Table)
        missing = [name for name in (*columns, *key) if name not in table.c]
        if missing:
            raise TypeError(f"{cls.__name__}: {table.name} has no column {', '.join(missing)}")
        if kind is Kind.UPDATE and columns[-len(key) :] != key:
            raise TypeError(f"{cls.__name__}: the key {key} stands last in an update")
        REGISTRY[cls] = Write(table.name, kind, columns, key, rank, if_absent, only_if)
        return cls

    return mark
