"""Look-ups by many keys while stations wait: each statement is put together, compiled and prepared once.

A list of any length would make a statement of its own for every length, and building one costs more than running it. So
there is a statement for each of a few sizes, and a shorter list is filled up with its last key.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, SQLColumnExpression, and_, bindparam, or_

_SIZES: Final = (1, 4, 16, 64)


class Lookup:
    """`what`, of the rows that have one of many keys; a key is a tuple of values, one for each of `columns`."""

    __slots__ = ("_sizes",)

    def __init__(self, what: Select[*tuple[Any, ...]], *columns: SQLColumnExpression[Any]) -> None:
        self._sizes = [_Size(what, columns, size) for size in _SIZES]

    def rows(self, connection: Connection, keys: Sequence[tuple[Any, ...]]) -> Iterator[Row[Any]]:
        """What is found, in no order; keys that are not there are left out."""
        most = self._sizes[-1].size
        for start in range(0, len(keys), most):
            some = keys[start : start + most]
            size = next(size for size in self._sizes if size.size >= len(some))
            yield from connection.execute(size.statement, size.parameters(some)).all()


class _Size:
    """The statement for so many keys."""

    __slots__ = ("_names", "size", "statement")

    def __init__(self, what: Select[*tuple[Any, ...]], columns: Sequence[SQLColumnExpression[Any]], size: int) -> None:
        self.size = size
        self._names = [[f"key{number}_{place}" for place in range(len(columns))] for number in range(size)]
        places = [
            [bindparam(name, type_=column.type) for name, column in zip(names, columns, strict=True)]  # type: ignore[attr-defined]
            for names in self._names
        ]
        if len(columns) == 1:
            among: ColumnElement[bool] = columns[0].in_([place for (place,) in places])
        else:
            among = or_(
                *(and_(*(column == value for column, value in zip(columns, key, strict=True))) for key in places)
            )
        self.statement = what.where(among)

    def parameters(self, keys: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
        filled = [*keys, *[keys[-1]] * (self.size - len(keys))]
        return {
            name: value
            for names, key in zip(self._names, filled, strict=True)
            for name, value in zip(names, key, strict=True)
        }
