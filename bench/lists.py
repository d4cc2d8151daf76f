"""How long the API's lists take over a large network: `python -m bench.lists sqlite|postgres [rows] [part of a URL]`.

Fills a database and asks for every list with every sort and filter, first, middle and last page, as everybody who may look: who
sees everything, the organisation above all others, one with nine tenths of the stations, who chose one with a tenth, the host of a
location, and an organisation that has nothing yet. Prints the best of three tries in ms, the slowest list first: the wait, which is
what counts, and the CPU that the API and its database took, which tells the same on a busy machine.
"""

import asyncio
import gc
import itertools
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import httpx
import structlog

from bench.large import DATABASE
from bench.network import NOW, PLACE, Network, fill_postgres, fill_sqlite, made_up
from bench.process import cpu_seconds, tree
from bench.report import LIST_MS
from bench.results import Lists
from bench.services import PostgresServer, apart, execute
from csms.adapters.bus.memory import MemoryBus
from csms.adapters.db import migrate
from csms.adapters.db.engine import SqliteDatabase, connect_raw
from csms.adapters.db.postgres import PostgresDatabase
from csms.api.app import create_app
from csms.api.context import ApiContext
from csms.domain.accounts import service as accounts
from csms.domain.accounts.rules import Role
from csms.kit.clock import SystemClock
from csms.kit.database import Database
from csms.kit.tasks import Tasks

TRIES = 3
NOT_FOR_THEM = (403, 404)
Cpu = Callable[[], float]  # seconds so far


class Answer(NamedTuple):
    """What the best try waited for and took, in ms."""

    ms: float
    cpu_ms: float
    question: str


class Caller(NamedTuple):
    """Who asks, with which role and where, and which place was chosen of that."""

    name: str
    grant: accounts.NewGrant
    within: str | None = None


LOCATION = UUID(made_up("l", PLACE))
STATION = f"CS-{PLACE:06}"


def _administrator(organisation: str) -> accounts.NewGrant:
    return accounts.NewGrant(Role.ADMINISTRATOR, organisation_id=UUID(made_up(organisation)))


CALLERS = (
    Caller("everything", accounts.NewGrant(Role.ADMINISTRATOR)),
    Caller("organisation", _administrator("organisation")),
    Caller("north", _administrator("north")),
    Caller("chosen", accounts.NewGrant(Role.ADMINISTRATOR), f"organisation={UUID(made_up('south'))}"),
    Caller("host", accounts.NewGrant(Role.SITE_HOST, location_id=LOCATION)),
    Caller("new", _administrator("new")),
)


def questions(network: Network) -> Iterator[str]:
    """Every list, with every sort, first and last page, and every filter with its likely companions."""
    n = network.rows
    location = LOCATION
    lists: dict[str, tuple[str, tuple[str, ...]]] = {
        "stations": (
            "identity name location registration online seen_at connected_at booted_at vendor model serial_number "
            "firmware_version created_at updated_at",
            ("search=77", "search=nowhere", f"location_id={location}", "status=faulted", "status=charging", "online=true",
             "online=false", "registration=pending", "status=charging&online=false&search=heron"),
        ),
        "sessions": (
            "started_at ended_at energy_wh power_w soc_percent state authorization id_token stop_reason transaction_id station",
            (f"station={STATION}", f"location_id={location}", "state=active", "state=ended", "id_token=CARD77",
             "authorization=invalid", "authorization=accepted", "from=2030-01-20T00:00:00Z&to=2030-01-21T00:00:00Z",
             "needs_review=true", "needs_review=false", f"location_id={location}&state=active&needs_review=false"),
        ),
        "id-tokens": (
            "uid label group_id status expires_at created_at updated_at",
            ("search=77", "search=nobody", "status=blocked", "group_id=FLEET7", "expired=true", "expired=false"),
        ),
        "commands": (
            "id created_at settled_at station verb action state requested_by",
            (f"station={STATION}", "state=rejected", "state=pending", "verb=reset",
             "from=2030-01-20T00:00:00Z&to=2030-01-21T00:00:00Z"),
        ),
        "facts": (
            "id at kind",
            ("kind=ConnectorFaulted", "kind=SessionStarted", f"station={STATION}",
             "from=2030-01-20T00:00:00Z&to=2030-01-21T00:00:00Z"),
        ),
        "review": ("at kind energy_wh state resolved_at", ("state=open", "kind=refused_energy", f"station={STATION}")),
        "locations": ("name city postal_code country time_zone created_at updated_at", ("search=77", "country=DE")),
        "inbox": ("seen_at first_seen_at identity attempts address", ("search=77",)),
    }  # fmt: skip
    for name, (sorts, filters) in lists.items():
        for sort, turn, offset in itertools.product(sorts.split(), ("", "-"), (0, n // 2, n - 60)):
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
        yield f"stations/{STATION}/frames?{wish}"
    uid = UUID(made_up("s", network.session_at_place()))
    yield from (f"sessions/{uid}", f"sessions/{uid}/readings", f"sessions/{uid}/frames", "overview")


async def ask(client: httpx.AsyncClient, question: str, cpu: Cpu) -> tuple[float, float] | None:
    """The shortest wait and the least CPU of some tries in ms; None when this caller may not ask, or not about that station."""
    waits, costs = [], []
    for _ in range(TRIES):
        began, spent = time.perf_counter(), cpu()
        answer = await client.get(f"/api/v1/{question}")
        waits.append((time.perf_counter() - began) * 1000)
        costs.append((cpu() - spent) * 1000)
        if answer.status_code in NOT_FOR_THEM:
            return None
        if answer.status_code != 200:
            raise OSError(f"{question}: {answer.status_code} {answer.text}")
    return min(waits), min(costs)


async def ask_all(database: Database, network: Network, wanted: str, cpu: Cpu) -> list[Answer]:
    context = ApiContext(database, MemoryBus(), SystemClock(), Tasks(), b"k" * 32)
    transport = httpx.ASGITransport(create_app(context))
    answers = [
        answer for caller in CALLERS for answer in await ask_as(caller, context, transport, network, wanted, cpu)
    ]
    return sorted(answers, reverse=True)


async def ask_as(
    caller: Caller, context: ApiContext, transport: httpx.ASGITransport, network: Network, wanted: str, cpu: Cpu
) -> list[Answer]:
    async with context.database.unit() as session:
        _, key = await accounts.create_api_key(session, caller.name, [caller.grant], context.clock.now())
    headers = {"Authorization": f"Bearer {key}"} | ({"Bluesky-Within": caller.within} if caller.within else {})
    async with httpx.AsyncClient(transport=transport, base_url="http://measure", headers=headers) as client:
        await client.get("/api/v1/me")
        gc.collect()
        gc.freeze()  # as the server does when it has started
        asked = [f"{caller.name}: {question}" for question in questions(network)]
        took = [(await ask(client, one.partition(" ")[2], cpu), one) for one in asked if wanted in one]
    return [Answer(*best, one) for best, one in took if best is not None]


async def _on_sqlite(folder: Path, network: Network, wanted: str) -> list[Answer]:
    path = folder / "large.sqlite3"
    await asyncio.to_thread(migrate.upgrade_sqlite, path)
    connection = connect_raw(path)
    connection.execute("PRAGMA synchronous=OFF")
    fill_sqlite(connection, network)
    connection.close()
    database = SqliteDatabase(path)
    try:
        return await ask_all(database, network, wanted, time.process_time)
    finally:
        await database.close()


async def _on_postgres(url: str, server_pid: int, network: Network, wanted: str) -> list[Answer]:
    def cpu() -> float:
        return time.process_time() + cpu_seconds(tree([server_pid]))

    database = PostgresDatabase(url)
    try:
        await migrate.upgrade_postgres(database, NOW)
        await fill_postgres(url, network)
        return await ask_all(database, network, wanted, cpu)
    finally:
        await database.close()


def measure(database: str, rows: int, wanted: str = "") -> list[Answer]:
    """Fill a database of this kind ("sqlite" or "postgres") and ask; the slowest answer first."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    network = Network(rows)
    with ExitStack() as stack:
        if database == "sqlite":
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-"))
            return asyncio.run(_on_sqlite(Path(folder), network, wanted))
        server = PostgresServer(durable=True)
        stack.callback(server.remove)
        server.start()
        apart(execute(server.url(), f"CREATE DATABASE {DATABASE}"))
        return asyncio.run(_on_postgres(server.url(DATABASE), server.pid, network, wanted))


def summary(answers: list[Answer], rows: int) -> Lists:
    worst = answers[0]
    return Lists(rows, len(answers), sum(answer.ms > LIST_MS for answer in answers), worst.ms, worst.question)


def main(database: str, rows: str = "100000", wanted: str = "") -> None:
    answers = measure(database, int(rows), wanted)
    if not answers:
        sys.exit(f"No list has {wanted} in its URL.")
    for ms, cpu_ms, question in answers:
        print(f"{ms:8.1f} {cpu_ms:8.1f}  {'!' if ms > LIST_MS else ' '}  {question}")
    found = summary(answers, int(rows))
    busy = sum(answer.cpu_ms > LIST_MS for answer in answers)
    print(f"{found.asked} lists, {found.over} waited more than {LIST_MS} ms for, {busy} with more than that of CPU")


if __name__ == "__main__":
    main(*sys.argv[1:])
