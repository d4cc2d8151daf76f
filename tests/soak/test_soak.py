"""A soak: hundreds of stations, an hour of their time, everything going wrong, and in the end two logs that agree to the Wh.

CSMS_TEST_SOAK_STATIONS (20 when it is not set; `make soak` 500), CSMS_TEST_SOAK_MINUTES of the stations' time (8; 60),
CSMS_TEST_SOAK_SPEED how much faster than ours that runs (60; 9), CSMS_TEST_SOAK_SEED where chance begins.
"""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random

import psutil
import pytest

from csms.app.replay import outcomes
from csms.simulator import Fleet, PacedClock

from ..harness.process import ServerProcess
from ..harness.server import add_id_token, add_station, rows, tables_of
from ..proxy import proxied
from ..setups import SETUP
from .agreement import agree, refused_in_vain
from .world import Pace, SoakFleet, finish, make_fleet, repair, trouble

STATIONS = int(os.environ.get("CSMS_TEST_SOAK_STATIONS", "20"))
MINUTES = float(os.environ.get("CSMS_TEST_SOAK_MINUTES", "8"))
SPEED = float(os.environ.get("CSMS_TEST_SOAK_SPEED", "60"))
SEED = int(os.environ.get("CSMS_TEST_SOAK_SEED", "1"))
LINES = 5
PACE = Pace(MINUTES, SPEED)
RESTARTS = 2 + int(PACE.real_s / 60)
DELIVERED_WITHIN_S = 180.0


@pytest.mark.timeout(300 + 2 * PACE.real_s)
async def test_what_the_stations_know_is_what_we_know(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    print(f"\nseed {SEED}: {STATIONS} stations, {MINUTES:.0f} minutes in {PACE.real_s:.0f} s")
    async with AsyncExitStack() as stack:
        server = ServerProcess(data, ping_interval_s=5)
        lines = [await stack.enter_async_context(proxied(server.ocpp_port)) for _ in range(LINES)]
        clock = PacedClock(speed=SPEED)
        soaked = [make_fleet(n, STATIONS // LINES, line, clock, PACE, SEED + n) for n, line in enumerate(lines)]
        fleets = [one.fleet for one in soaked]
        await _furnish(data, soaked)
        stack.push_async_callback(server.close)
        await server.start()
        await _live(server, soaked)
        await asyncio.gather(*(finish(fleet, DELIVERED_WITHIN_S) for fleet in fleets))
        for fleet in fleets:
            assert not fleet.violations, fleet.violations[:3]
            assert not fleet.failures, fleet.failures[:3]
        await asyncio.gather(*(fleet.stop() for fleet in fleets))
        assert await server.end(signal.SIGTERM) == 0, server.said
        assert "Traceback" not in server.said, server.said
    await _compare(data, fleets)


async def _furnish(data: Path, soaked: Sequence[SoakFleet]) -> None:
    async with SETUP.opened(data) as (database, _):
        for one in soaked:
            for station in one.fleet:
                await add_station(database, station.identity, booted=False)
            for card in one.cards:
                await add_id_token(database, card)


async def _live(server: ServerProcess, soaked: Sequence[SoakFleet]) -> None:
    """Trouble all the time; the server is killed, or ends, in the first half, so that its memory can be watched in the second."""
    random = Random(SEED)
    for one in soaked:
        await one.fleet.start()
    troubles = [asyncio.create_task(trouble(one.line, Random(random.random()), PACE)) for one in soaked]
    pause_s = PACE.real_s / 2 / (RESTARTS + 1)
    for _ in range(RESTARTS):
        await asyncio.sleep(pause_s)
        await server.end(random.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGTERM)))
        await server.start()
    await asyncio.sleep(pause_s)
    before_mib = _resident_mib(server)
    await asyncio.sleep(PACE.real_s / 2)
    after_mib = _resident_mib(server)
    for task in troubles:
        task.cancel()
    await asyncio.wait(troubles)
    assert all(task.cancelled() for task in troubles), [task for task in troubles if not task.cancelled()]
    for one in soaked:
        repair(one.line)
    print(f"{RESTARTS} restarts; the server had {before_mib:.0f} MiB after the last and has {after_mib:.0f} MiB")
    assert after_mib < 1.5 * before_mib + 32, "memory grows"


def _resident_mib(server: ServerProcess) -> float:
    return float(psutil.Process(server.pid).memory_info().rss) / 2**20


async def _compare(data: Path, fleets: Sequence[Fleet]) -> None:
    async with tables_of(data) as database:
        names = ("stations", "sessions", "readings", "review_items", "frames")
        tables = {name: await rows(database, name) for name in names}
        rebuilt = [outcome async for outcome in outcomes(database)]
    records = [record for fleet in fleets for record in fleet.journal.records()]
    told = Counter(row["authorization"] for row in tables["sessions"])
    repeated = len([row for row in tables["frames"] if row["action"] == "StartTransaction"]) - len(records)
    wh = sum(row["energy_wh"] for row in tables["sessions"])
    print(f"{len(records):,} transactions {dict(told)}, {wh:,} Wh; {len(tables['readings']):,} readings, "
          f"{len(tables['frames']):,} frames; {repeated} repeated starts, {len(tables['review_items'])} review items")  # fmt: skip
    agree(records, tables)
    assert not refused_in_vain(tables["sessions"])
    differing = [outcome for outcome in rebuilt if not outcome.agrees]
    assert not differing, f"the stored frames say otherwise of {len(differing)} stations: {differing[0]}"
