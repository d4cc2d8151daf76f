"""How long the API's lists take over a large network: `python tools/measure_lists.py [rows] [part of a URL]`.

Fills an embedded database (100,000 stations, sessions, id tokens, commands, facts; thrice as many frames) and asks for every
list with every sort and filter, first and last page. Prints the best of three tries in ms, of CPU and of waiting, worst
first: CPU is what counts, since others may be at work on the machine.
"""

import asyncio
import gc
import itertools
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import structlog

from csms.adapters.bus.memory import MemoryBus
from csms.adapters.db.engine import SqliteDatabase, connect_raw
from csms.adapters.db.migrate import upgrade_sqlite
from csms.api.app import create_app
from csms.api.context import ApiContext
from csms.domain.accounts import service as accounts
from csms.domain.accounts.rules import Role
from csms.kit.clock import SystemClock, microseconds
from csms.kit.ids import uuid7_of
from csms.kit.tasks import Tasks

BUDGET_MS = 200
TRIES = 3
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


def _uuid(*parts: object) -> str:
    return uuid7_of(NOW, *parts).hex


class Network:
    """The rows of a large network, always the same ones."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.locations = max(1, rows // 100)
        self.dice = random.Random(1)

    def tables(self) -> Iterator[tuple[str, str, Rows]]:
        """Table, columns and rows."""
        n, t = self.rows, microseconds(NOW)
        home = _uuid("organisation")
        yield "organisations", "id,name,created_at,updated_at", iter([(home, "Blue Charging", t, t)])
        yield (
            "locations",
            "id,organisation_id,name,city,country,time_zone,created_at,updated_at",
            (
                (_uuid("l", i), home, f"Place {i * 7919 % n}", f"City {i % 97}", "DE", "UTC", t, t)
                for i in range(self.locations)
            ),
        )
        yield (
            "stations",
            "id,identity,location_id,name,registration,credential_kind,vendor,model,serial_number,firmware_version,booted_at,"
            "created_at,updated_at",
            (
                (i, f"CS-{i:06}", _uuid("l", i % self.locations), f"Station {i * 7919 % n}",
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
                (i, _uuid("s", i), i * 7919 % n // 2 + 1, 1, 1, "active" if i % 50 == 0 else "ended", f"CARD{i % 5000}",
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
            "id,uid,key,group_id,status,expires_at,label,created_at,updated_at",
            (
                (_uuid("t", i), f"CARD{i}", f"card{i}", f"FLEET{i % 100}", "blocked" if i % 100 == 0 else "active",
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


def fill(connection: sqlite3.Connection, network: Network) -> None:
    for table, columns, rows in network.tables():
        marks = ",".join("?" * (columns.count(",") + 1))
        connection.execute("BEGIN")
        connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)
        connection.execute("COMMIT")
    connection.execute("PRAGMA optimize=0x10002")


def questions(network: Network) -> Iterator[str]:
    """Every list, with every sort, first and last page, and every filter with its likely companions."""
    n = network.rows
    location = UUID(_uuid("l", 5))
    lists: dict[str, tuple[str, tuple[str, ...]]] = {
        "stations": (
            "identity name location registration online seen_at connected_at booted_at vendor model serial_number "
            "firmware_version created_at updated_at",
            ("search=77", "search=nowhere", f"location_id={location}", "status=faulted", "status=charging", "online=true",
             "online=false", "registration=pending", "status=charging&online=false&search=heron"),
        ),
        "sessions": (
            "started_at ended_at energy_wh power_w soc_percent state authorization id_token stop_reason transaction_id station",
            ("station=CS-000005", f"location_id={location}", "state=active", "state=ended", "id_token=CARD77",
             "authorization=invalid", "authorization=accepted", "from=2030-01-20T00:00:00Z&to=2030-01-21T00:00:00Z",
             "needs_review=true", "needs_review=false", f"location_id={location}&state=active&needs_review=false"),
        ),
        "id-tokens": (
            "uid label group_id status expires_at created_at updated_at",
            ("search=77", "search=nobody", "status=blocked", "group_id=FLEET7", "expired=true", "expired=false"),
        ),
        "commands": (
            "id created_at settled_at station verb action state requested_by",
            ("station=CS-000005", "state=rejected", "state=pending", "verb=reset",
             "from=2030-01-20T00:00:00Z&to=2030-01-21T00:00:00Z"),
        ),
        "facts": (
            "id at kind",
            ("kind=ConnectorFaulted", "kind=SessionStarted", "station=CS-000005",
             "from=2030-01-20T00:00:00Z&to=2030-01-21T00:00:00Z"),
        ),
        "review": ("at kind energy_wh state resolved_at", ("state=open", "kind=refused_energy", "station=CS-000005")),
        "locations": ("name city postal_code country time_zone created_at updated_at", ("search=77", "country=DE")),
        "inbox": ("seen_at first_seen_at identity attempts address", ("search=77",)),
    }  # fmt: skip
    for name, (sorts, filters) in lists.items():
        for sort, turn, offset in itertools.product(sorts.split(), ("", "-"), (0, n - 60)):
            yield f"{name}?sort={turn}{sort}&offset={offset}"
        for wish in filters:
            yield f"{name}?{wish}"
            yield f"{name}?{wish}&sort={sorts.split()[-1]}"
        yield f"{name}?limit=500"
    for wish in lists["sessions"][1]:
        yield f"sessions/summary?{wish}"
    yield "sessions/summary"
    for wish in ("", "action=Heartbeat", "action=Nothing", "text=nowhere", "outcome=error", "direction=out"):
        yield f"frames?{wish}"
        yield f"stations/CS-000005/frames?{wish}"
    uid = UUID(_uuid("s", 5))
    yield from (f"sessions/{uid}", f"sessions/{uid}/readings", f"sessions/{uid}/frames", "overview")


async def ask(client: httpx.AsyncClient, question: str) -> tuple[float, float, str]:
    """The best of some tries: ms of CPU, ms of waiting, the question."""
    took = []
    for _ in range(TRIES):
        began, spent = time.perf_counter(), time.process_time()
        answer = await client.get(f"/api/v1/{question}")
        took.append(((time.process_time() - spent) * 1000, (time.perf_counter() - began) * 1000))
        if answer.status_code != 200:
            raise SystemExit(f"{question}: {answer.status_code} {answer.text}")
    return *min(took), question


async def measure(path: Path, network: Network, wanted: str) -> list[tuple[float, float, str]]:
    database = SqliteDatabase(path)
    context = ApiContext(database, MemoryBus(), SystemClock(), Tasks(), b"k" * 32)
    async with database.unit() as session:
        _, key = await accounts.create_api_key(session, "measure", Role.VIEWER, context.clock.now())
    transport = httpx.ASGITransport(create_app(context))
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://measure", headers=headers) as client:
        await client.get("/api/v1/me")
        gc.collect()
        gc.freeze()  # as the server does when it has started
        results = [await ask(client, question) for question in questions(network) if wanted in question]
    await database.close()
    return sorted(results, reverse=True)


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    network = Network(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.sqlite3"
        upgrade_sqlite(path)
        connection = connect_raw(path)
        connection.execute("PRAGMA synchronous=OFF")
        fill(connection, network)
        connection.close()
        results = asyncio.run(measure(path, network, sys.argv[2] if len(sys.argv) > 2 else ""))
    for cpu, waited, question in results:
        print(f"{cpu:8.1f} {waited:8.1f}  {'!' if cpu > BUDGET_MS else ' '}  {question}")
    over = sum(cpu > BUDGET_MS for cpu, _, _ in results)
    print(f"{len(results)} lists, {over} over {BUDGET_MS} ms")


if __name__ == "__main__":
    main()
