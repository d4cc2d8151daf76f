"""The whole server in this process, and what a test puts into its tables and reads from them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncSession

from csms.adapters.db.engine import SqliteDatabase
from csms.adapters.db.postgres import PostgresDatabase
from csms.app.settings import Settings
from csms.app.wiring import Server, run_server
from csms.domain.authorization.model import IdToken
from csms.domain.authorization.rules import token_key
from csms.domain.stations.model import Link, Station
from csms.kit.clock import Clock, SystemClock
from csms.kit.database import Database
from csms.kit.ids import uuid7
from csms.kit.tables import Base

from ..setups import SETUP

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)  # when transcripts are played
ORDER = {
    "sessions": ("id",),
    "readings": ("frame_id", "number"),
    "review_items": ("id",),
    "connectors": ("evse", "number"),
    "evses": ("number",),
    "facts": ("id",),
    "frames": ("id",),
    "station_repairs": ("kind",),
}


def settings(data: Path, **given: Any) -> Settings:
    """Loopback and free ports, on the set-up under test."""
    ours: dict[str, Any] = {"data": data, "http": "127.0.0.1:0", "ocpp": "127.0.0.1:0", "log_level": "error"}
    return Settings(**(ours | SETUP.settings(data) | given))


class LaterClock(SystemClock):
    """Runs as time does, from a moment of the test's choice."""

    def __init__(self, start: datetime) -> None:
        self._ahead = start - super().now()

    def now(self) -> datetime:
        return super().now() + self._ahead


@asynccontextmanager
async def serving(data: Path, clock: Clock | None = None, **given: Any) -> AsyncIterator[Server]:
    async with run_server(settings(data, **given), clock=clock) as server:
        yield server


def tune(server: Server, **given: Any) -> None:
    """Change what the gateway has no setting for: time-outs and limits."""
    server.hub.settings = replace(server.hub.settings, **given)


async def add_station(database: Database, identity: str, *, booted: bool = True, **columns: Any) -> int:
    """A station as it stands in the tables, open unless said otherwise, accepted and booted before; gives its id."""
    facts = {
        "registration": "accepted",
        "credential_kind": "open",
        "booted_at": LONG_AGO if booted else None,
        "created_at": LONG_AGO,
        "updated_at": LONG_AGO,
    }
    async with database.unit() as session:
        station = Station(identity=identity, **(facts | columns))
        session.add(station)
        await session.flush()
        session.add(Link(station_id=station.id, epoch=0, online=False))
        return station.id


async def add_id_token(database: Database, uid: str, **columns: Any) -> None:
    facts: dict[str, Any] = {"status": "active", "created_at": LONG_AGO, "updated_at": LONG_AGO}
    async with database.unit() as session:
        session.add(IdToken(id=uuid7(LONG_AGO), uid=uid, key=token_key(uid), **(facts | columns)))


async def rows(database: Database, table: str, **where: Any) -> list[dict[str, Any]]:
    """The rows of a table in their natural order, as dictionaries."""
    async with database.view() as session:
        return await rows_in(session, table, **where)


async def rows_in(session: AsyncSession, table: str, **where: Any) -> list[dict[str, Any]]:
    source: Table = Base.metadata.tables[table]
    chosen = select(source).order_by(*(source.c[name] for name in ORDER.get(table, ())))
    for name, value in where.items():
        chosen = chosen.where(source.c[name] == value)
    return [dict(row._mapping) for row in await session.execute(chosen)]


def plain(value: Any) -> Any:
    """A column's value as a transcript writes it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, UUID):
        return str(value)
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


@asynccontextmanager
async def tables_of(data: Path) -> AsyncIterator[Database]:
    """The database that a server on this directory uses or has used."""
    database: SqliteDatabase | PostgresDatabase
    if (url := SETUP.settings(data).get("database_url")) is not None:
        database = PostgresDatabase(url, pool_size=4)
    else:
        database = SqliteDatabase(data / "csms.db")
    try:
        yield database
    finally:
        await database.close()
