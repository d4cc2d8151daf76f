"""The rows of a large network, as SQLite keeps them; PostgreSQL gets the same ones in its own types."""

import random
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import Uuid
from sqlalchemy.types import TypeEngine

from csms.adapters.db.tables import METADATA
from csms.kit.clock import from_microseconds, microseconds
from csms.kit.ids import uuid7_of
from csms.kit.tables import UtcTime

NOW = datetime(2030, 1, 31, 12, tzinfo=UTC)
STATUSES = ("available", "preparing", "charging", "suspended_ev", "finishing", "unavailable", "faulted")
VENDORS = ("Skylark", "Heron", "Wren")
SAID = (
    b'[2,"%d","MeterValues",{"connectorId":1,"transactionId":%d,"meterValue":[{"timestamp":"2030-01-31T12:00:00Z",'
    + (
        b'"sampledValue":[{"value":"1234567","measurand":"Energy.Active.Import.Register","unit":"Wh"},'
        b'{"value":"11040","measurand":"Power.Active.Import","unit":"W"}]}]}]'
    )
)
Rows = Iterator[tuple[Any, ...]]


def _ago(n: int) -> int:
    return microseconds(NOW - timedelta(seconds=30 * n))


def made_up(*parts: object) -> str:
    """The id of a thing, always the same."""
    return uuid7_of(NOW, *parts).hex


def owner(i: int) -> str:
    """The organisation of a location or an id token: a tenth is in the south, the rest in the north."""
    return made_up("south") if i % 10 == 5 else made_up("north")


PLACE = 5  # the number of a station, and of its location, which is in the south
BELOW = {"north": "Blue North", "south": "Blue South", "new": "Blue West"}  # the last has nothing yet


class Network:
    """The rows of a large network, always the same ones."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.locations = max(1, rows // 100)
        self.dice = random.Random(1)

    def session_at_place(self) -> int:
        """The number of a session at `PLACE`."""
        stations = enumerate((i * 7919 % self.rows // 2 + 1 for i in range(1, self.rows + 1)), 1)
        return next(i for i, station in stations if station % self.locations == PLACE % self.locations)

    def tables(self) -> Iterator[tuple[str, str, Rows]]:
        """Table, columns and rows."""
        n, t = self.rows, microseconds(NOW)
        home = made_up("organisation")
        yield (
            "organisations",
            "id,parent_id,name,created_at,updated_at",
            iter(
                [
                    (home, None, "Blue Charging", t, t),
                    *((made_up(key), home, name, t, t) for key, name in BELOW.items()),
                ]
            ),
        )
        yield (
            "locations",
            "id,organisation_id,name,city,country,time_zone,created_at,updated_at",
            (
                (made_up("l", i), owner(i), f"Place {i * 7919 % n}", f"City {i % 97}", "DE", "UTC", t, t)
                for i in range(self.locations)
            ),
        )
        yield (
            "stations",
            "id,identity,location_id,name,registration,credential_kind,vendor,model,serial_number,firmware_version,booted_at,"
            "created_at,updated_at",
            (
                (i, f"CS-{i:06}", made_up("l", i % self.locations), f"Station {i * 7919 % n}",
                 "pending" if i % 1000 == 0 else "accepted", "generated", VENDORS[i % 3], f"M{i % 11}", f"SN{i * 31 % n:08}",
                 f"1.{i % 9}", _ago(i), t, t)
                for i in range(1, n + 1)
            ),
        )  # fmt: skip
        yield (
            "links",
            "station_id,epoch,online,address,connected_at,seen_at",
            ((i, 1, i % 20 != 0, "198.51.100.9", _ago(i), _ago(i * 7919 % n)) for i in range(1, n + 1)),
        )
        yield "evses", "station_id,number", ((i, e) for i in range(1, n + 1) for e in (1, 2))
        yield (
            "connectors",
            "station_id,evse,number,status,status_at,received_at",
            (
                (i, e, 1, "faulted" if i % 500 == 0 else self.dice.choice(STATUSES[:6]), t, t)
                for i in range(1, n + 1)
                for e in (1, 2)
            ),
        )
        yield from self._charging()
        yield from self._history()

    def _charging(self) -> Iterator[tuple[str, str, Rows]]:
        n = self.rows
        yield (
            "sessions",
            "id,uid,station_id,evse,connector,state,id_token,id_token_key,authorization,started_at,started_received_at,"
            "meter_start_wh,energy_wh,power_w,ended_at,ended_received_at,stop_reason,ended_by",
            (
                (i, made_up("s", i), i * 7919 % n // 2 + 1, 1, 1, "active" if i % 50 == 0 else "ended", f"CARD{i % 5000}",
                 f"card{i % 5000}", "invalid" if i % 200 == 0 else "accepted", _ago(n - i), _ago(n - i), 0, i * 31 % 70_000,
                 None, _ago(n - i), _ago(n - i), "local", "station")
                for i in range(1, n + 1)
            ),
        )  # fmt: skip
        yield (
            "review_items",
            "station_id,kind,subject,session_id,frame_id,at,detail,state",
            (
                (i * 7919 % n // 2 + 1, "refused_energy", str(i), i, 1, _ago(i), "Look at this.",
                 "open" if i % 400 == 0 else "resolved")
                for i in range(200, n + 1, 200)
            ),
        )  # fmt: skip
        yield (
            "readings",
            "frame_id,number,station_id,evse,session_id,at,context,energy_wh,samples",
            ((1, 0, 1, 1, i % 1000 + 1, _ago(i), "Sample.Periodic", 1.0 * i, b"[]") for i in range(n)),
        )
        yield (
            "id_tokens",
            "id,organisation_id,uid,key,group_id,status,expires_at,label,created_at,updated_at",
            (
                (made_up("t", i), owner(i), f"CARD{i}", f"card{i}", f"FLEET{i % 100}", "blocked" if i % 100 == 0 else "active",
                 _ago(i) if i % 10 == 0 else None, f"Driver {i * 7919 % n}", _ago(i), _ago(i))
                for i in range(n)
            ),
        )  # fmt: skip

    def _history(self) -> Iterator[tuple[str, str, Rows]]:
        n, t = self.rows, microseconds(NOW)
        yield (
            "commands",
            "id,station_id,verb,action,payload,state,requested_by,created_at,expires_at,timeout_s,settled_at",
            (
                (UUID(int=i + (7 << 76)).hex, i % 1000 + 1, "reset", "reset", '{"kind":"soft"}',
                 "rejected" if i % 300 == 0 else "accepted", f"Anna <a{i % 7}@blue.example>", _ago(n - i), t, 30, _ago(n - i))
                for i in range(n)
            ),
        )  # fmt: skip
        yield (
            "facts",
            "kind,at,station_id,session_id,detail",
            (
                ("ConnectorFaulted" if i % 700 == 0 else "SessionStarted", _ago(n - i), i % 1000 + 1, i, "{}")
                for i in range(n)
            ),
        )
        yield (
            "frames",
            "station_id,id,direction,action,message_id,call,answer,answered_at,outcome,session_id",
            (
                (i % 1000 + 1, t - i * 1000, "in", "Heartbeat" if i % 9000 == 0 else "MeterValues", str(i),
                 SAID % (i, i), b'[3,"1",{}]', t - i * 1000 + 900, "error" if i % 5000 == 0 else "result", i % n)
                for i in range(3 * n)
            ),
        )  # fmt: skip
        yield (
            "unknown_stations",
            "identity,first_seen_at,seen_at,attempts,address,path,subprotocols",
            ((f"NEW{i}", t, _ago(i), i, "198.51.100.9", "/ocpp/", "ocpp1.6") for i in range(n // 10)),
        )


def fill_sqlite(connection: sqlite3.Connection, network: Network) -> None:
    for table, columns, rows in network.tables():
        marks = ",".join("?" * (columns.count(",") + 1))
        connection.execute("BEGIN")
        connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)
        connection.execute("COMMIT")
    connection.execute("PRAGMA optimize=0x10002")


async def fill_postgres(url: str, network: Network) -> None:
    connection = await asyncpg.connect(url)
    for table, listed, rows in network.tables():
        columns = listed.split(",")
        into = [_into(METADATA.tables[table].c[column].type) for column in columns]
        records = ([turn(value) for turn, value in zip(into, row, strict=True)] for row in rows)
        await connection.copy_records_to_table(table, records=records, columns=columns)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


def _into(kind: TypeEngine[Any]) -> Callable[[Any], Any]:
    """What makes a value as SQLite keeps it one that PostgreSQL's driver takes."""
    if isinstance(kind, UtcTime):
        return lambda value: value if value is None else from_microseconds(value)
    if isinstance(kind, Uuid):
        return lambda value: value if value is None else UUID(value)
    return lambda value: value
