"""Sessions, readings and review items in memory, as their tables would have them; and how two such sets differ."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Final

from csms.domain.sessions.live import ACTIVE, OVER_POWER, LiveSession, Start
from csms.domain.sessions.model import Reading, ReviewItem, Session
from csms.domain.sessions.recall import live_session
from csms.kit.changes import REGISTRY, Change, Kind
from csms.kit.clock import microseconds
from csms.kit.tables import Base

Row = dict[str, Any]
Key = tuple[Any, ...]

TABLES: Final[dict[str, type[Base]]] = {table.__tablename__: table for table in (Session, Reading, ReviewItem)}
KEYS: Final[dict[str, tuple[str, ...]]] = {
    "sessions": ("id",),
    "readings": ("frame_id", "number"),
    "review_items": ("station_id", "kind", "subject"),
}
_NOT_OF_FRAMES: Final = {  # numbers that the database gives, what other stations did meanwhile, and what people decide
    "sessions": frozenset({"sole"}),
    "readings": frozenset({"id"}),
    "review_items": frozenset({"id", "state", "resolved_at", "resolved_by", "note"}),
}


def columns(table: str) -> list[str]:
    """The columns of a table that frames decide."""
    return [column.name for column in TABLES[table].__table__.c if column.name not in _NOT_OF_FRAMES[table]]


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two sets of rows disagree; `field` is None for a row that only one of them has, `stored` or `replayed` then too."""

    table: str
    key: Key
    field: str | None
    stored: Any
    replayed: Any


class Records:
    """The rows of one station, by table and natural key."""

    __slots__ = ("_by_start", "tables")

    def __init__(self) -> None:
        self.tables: dict[str, dict[Key, Row]] = {table: {} for table in TABLES}
        self._by_start: dict[Any, list[Key]] = {}

    def add(self, table: str, row: Row) -> None:
        """A row as it stands; a second one of the same key changes nothing."""
        key = tuple(row[name] for name in KEYS[table])
        if key in self.tables[table]:
            return
        self.tables[table][key] = row
        if table == "sessions":
            self._by_start.setdefault(row["started_at"], []).append(key)

    def apply(self, changes: Iterable[Change]) -> None:
        """Write what these changes write to our three tables."""
        for change in changes:
            write = REGISTRY[type(change)]
            if write.table not in TABLES:
                continue
            row = dict(zip(write.columns, change, strict=True))
            if write.kind is Kind.INSERT:
                self.add(write.table, dict.fromkeys(columns(write.table)) | row)
            else:
                self.tables[write.table][tuple(row[name] for name in write.key)].update(row)

    def find(self, session_id: int) -> LiveSession | None:
        row = self.tables["sessions"].get((session_id,))
        return live_session(SimpleNamespace(**row)) if row is not None else None

    def active(self) -> list[LiveSession]:
        found = (self.find(*key) for key, row in self.tables["sessions"].items() if row["state"] == ACTIVE)
        return [session for session in found if session is not None]

    def before(self, frame_id: int) -> "Records":
        """The sessions and review items that were there before this frame."""
        earlier = Records()
        for row in self.tables["sessions"].values():
            if microseconds(row["started_received_at"]) < frame_id:
                earlier.add("sessions", dict(row))
        for row in self.tables["review_items"].values():
            if row["frame_id"] < frame_id:
                earlier.add("review_items", dict(row))
        return earlier

    def find_start(self, start: Start) -> LiveSession | None:
        begun = [self.find(*key) for key in self._by_start.get(start.at, ())]
        return next((session for session in begun if session is not None and session.is_start(start)), None)


def differences(
    stored: Records, replayed: Records, compared: Callable[[str, Row], bool] = lambda _table, _row: True
) -> Iterator[Difference]:
    """Where they disagree, field by field; rows that are not to be `compared` may be in either."""

    def counted(table: str, row: Row) -> bool:
        return row.get("kind") != OVER_POWER and compared(table, row)

    for table in TABLES:
        ours = {key: row for key, row in stored.tables[table].items() if counted(table, row)}
        theirs = {key: row for key, row in replayed.tables[table].items() if counted(table, row)}
        for key in sorted(ours.keys() | theirs.keys()):
            if key not in ours or key not in theirs:
                yield Difference(table, key, None, ours.get(key), theirs.get(key))
            else:
                yield from _fields(table, key, ours[key], theirs[key])


def _fields(table: str, key: Key, ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[Difference]:
    for name in columns(table):
        if ours[name] != theirs[name]:
            yield Difference(table, key, name, ours[name], theirs[name])
