"""Look-ups by many keys while stations wait: each statement is put together, compiled and prepared once.

A list of any length would make a statement of its own for every length, and building one costs more than running it. So
there is a statement for each of a few sizes, and a shorter list is filled up with its last key.
"""

from collections.abc import Iterator, Sequence
from itertools import chain, repeat
from typing import Any, Final

from sqlalchemy import BindParameter, ColumnElement, Connection, Row, Select, SQLColumnExpression, and_, bindparam, or_
from sqlalchemy.ext.asyncio import AsyncSession

_SIZES: Final = (1, 4, 16, 64)


class Lookup:
    """`what`, of the rows that have one of many keys: the value of the column, a tuple of values where there are several."""

    __slots__ = ("_sizes",)

    def __init__(self, what: Select[*tuple[Any, ...]], *columns: SQLColumnExpression[Any]) -> None:
        self._sizes = [_Size(what, columns, size) for size in _SIZES]

    def rows(self, connection: Connection, keys: Sequence[Any]) -> Iterator[Row[*tuple[Any, ...]]]:
        """What is found, in no order; keys that are not there are left out."""
        most = self._sizes[-1].size
        for start in range(0, len(keys), most):
            some = keys[start : start + most]
            size = next(size for size in self._sizes if size.size >= len(some))
            yield from connection.execute(size.statement, size.parameters(some)).all()

    async def found(self, session: AsyncSession, keys: Sequence[Any]) -> list[Row[*tuple[Any, ...]]]:
        """The same, within a unit of work or a view."""
        return await session.run_sync(lambda plain: list(self.rows(plain.connection(), keys)))


def filled(keys: Sequence[Any]) -> list[Any]:
    """The keys, the last of them repeated up to one of few lengths, for statements that are not look-ups."""
    if not keys:
        return []
    most = _SIZES[-1]
    length = next((size for size in _SIZES if size >= len(keys)), -(-len(keys) // most) * most)
    return [*keys, *repeat(keys[-1], length - len(keys))]


class _Size:
    """The statement for so many keys."""

    __slots__ = ("_names", "_single", "size", "statement")

    def __init__(self, what: Select[*tuple[Any, ...]], columns: Sequence[SQLColumnExpression[Any]], size: int) -> None:
        self.size = size
        self._single = len(columns) == 1
        places = [[_place(column, f"key{key}_{at}") for at, column in enumerate(columns)] for key in range(size)]
        self._names = [place.key for key in places for place in key]
        if self._single:
            among: ColumnElement[bool] = columns[0].in_([place for (place,) in places])
        else:
            among = or_(
                *(and_(*(column == place for column, place in zip(columns, key, strict=True))) for key in places)
            )
        self.statement = what.where(among)

    def parameters(self, keys: Sequence[Any]) -> dict[str, Any]:
        all_keys = filled(keys)
        return dict(zip(self._names, all_keys if self._single else chain.from_iterable(all_keys), strict=True))


def _place(column: SQLColumnExpression[Any], name: str) -> BindParameter[Any]:
    return bindparam(name, type_=column.type)  # type: ignore[attr-defined]
