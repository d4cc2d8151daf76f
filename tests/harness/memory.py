"""The tables as lists of dictionaries: what changes do to them, and what live processing asks of them."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Table

from csms.adapters.db.tables import METADATA
from csms.domain.authorization.rules import KnownToken, Use, token_key
from csms.domain.sessions.live import StationSessions
from csms.domain.sessions.recall import Found, Question, live_session
from csms.domain.sessions.rules import believed
from csms.domain.stations.live import ConnectorState, StationState
from csms.gateway.turn import LiveStation
from csms.kit.changes import REGISTRY, Change, Kind

from .server import ORDER
from .tokens import KNOWN

Row = dict[str, Any]


class _Attributes:
    """A row whose columns are read as attributes, as SQLAlchemy gives them."""

    def __init__(self, row: Row) -> None:
        self.__dict__.update(row)


class MemoryTables:
    """Applies changes as the recorder's statements do."""

    def __init__(self) -> None:
        self.tables: dict[str, list[Row]] = defaultdict(list)

    def apply(self, changes: Iterable[Change]) -> None:
        for change in sorted(changes, key=lambda change: REGISTRY[type(change)].rank):
            write = REGISTRY[type(change)]
            self._write(write.table, write.kind, write.key, write.if_absent, change._asdict())  # type: ignore[attr-defined]

    def _write(self, table: str, kind: Kind, key: tuple[str, ...], if_absent: bool, row: Row) -> None:
        present = self.tables[table]
        if kind is Kind.INSERT:
            if any(_same(row, other, columns) for columns in _unique(table, row) for other in present):
                assert if_absent, f"{table}: {row} is there already"
                return
            self._insert(table, row)
            return
        matching = [other for other in present if _same(row, other, key)]
        if matching or kind is Kind.UPDATE:
            for other in matching:
                other.update(row)
        else:
            self._insert(table, row)

    def _insert(self, table: str, row: Row) -> None:
        columns = METADATA.tables[table].c.keys()
        automatic = {"id": len(self.tables[table]) + 1} if "id" in columns else {}
        self.tables[table].append(dict.fromkeys(columns) | automatic | row)

    def rows(self, table: str, **where: Any) -> list[Row]:
        chosen = [row for row in self.tables[table] if _same(where, row, tuple(where))]
        return sorted(chosen, key=lambda row: [row[name] for name in ORDER.get(table, ())])

    # -- what the gateway asks ----------------------------------------------------------------------------------------

    def recall(self, station_id: int) -> LiveStation:
        """As a link starts: from the tables alone."""
        (row,) = self.rows("stations", id=station_id)
        station = StationState(station_id, row["identity"], row["registration"], row["booted_at"] is not None)
        for connector in self.rows("connectors", station_id=station_id):
            state = ConnectorState(connector["status"], connector["error_code"], connector["received_at"])
            station.connectors[connector["evse"], connector["number"]] = state
        sessions = StationSessions(station_id)
        for session in self.rows("sessions", station_id=station_id, state="active"):
            sessions.active[session["id"]] = live_session(_Attributes(session))
        return LiveStation(station, sessions)

    def find(self, question: Question) -> Found:
        token = None if question.id_token is None else self._token(token_key(question.id_token))
        mine = [live_session(_Attributes(row)) for row in self.rows("sessions", station_id=question.station_id)]
        if question.start is not None:
            session = next((session for session in mine if session.is_start(question.start)), None)
        else:
            session = next((session for session in mine if session.id == question.transaction_id), None)
        return Found(token, session)

    def _token(self, key: str) -> KnownToken | None:
        known = next(((uid, facts) for uid, facts in KNOWN.items() if token_key(uid) == key), None)
        if known is None:
            return None
        uid, facts = known
        uses = tuple(
            Use(row["id"], row["station_id"], believed(row["started_at"], row["started_received_at"]))
            for row in self.rows("sessions", id_token_key=key, state="active", authorization="accepted")
        )
        return KnownToken(uid, facts.get("group_id"), facts.get("status", "active"), facts.get("expires_at"), uses)


def _same(row: Row, other: Row, columns: tuple[str, ...]) -> bool:
    return all(row.get(name) == other[name] for name in columns)


def _unique(table: str, row: Row) -> list[tuple[str, ...]]:
    """The sets of columns that no two rows may share with this one, without ids that the database gives."""
    source: Table = METADATA.tables[table]
    sets = [tuple(source.primary_key.columns.keys())]
    for index in source.indexes:
        only_where = index.dialect_options["postgresql"]["where"]  # of those the name of a column that must be true
        if index.unique and only_where is None:
            sets.append(tuple(index.columns.keys()))
        elif index.unique and row[str(only_where)]:
            sets.append((*index.columns.keys(), str(only_where)))
    return [columns for columns in sets if columns != ("id",) or table == "sessions"]
