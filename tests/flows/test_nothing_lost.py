"""Nothing lost: the server is killed at random moments under load, and every word it ever gave is kept.

CSMS_TEST_KILLS says how often (10 when it is not set), CSMS_TEST_SEED where chance begins.
"""

import asyncio
import os
import signal
from pathlib import Path
from random import Random

import pytest

from ..harness.load import Acknowledgements, ScriptedStation, verify
from ..harness.process import server_process
from ..harness.server import add_id_token, add_station, rows, tables_of
from ..setups import SETUP

KILLS = int(os.environ.get("CSMS_TEST_KILLS", "10"))
STATIONS = 25


@pytest.mark.timeout(120 + 20 * KILLS)
async def test_a_server_killed_again_and_again_has_kept_every_word_it_gave(tmp_path: Path) -> None:
    random = Random(os.environ.get("CSMS_TEST_SEED", "1"))
    data = tmp_path / "data"
    data.mkdir()
    async with SETUP.opened(data) as (database, _):
        for number in range(STATIONS):
            await add_station(database, f"CS-{number}")
            for connector in (1, 2):
                await add_id_token(database, f"CS-{number}-{connector}")
    answers = Acknowledgements()
    async with server_process(data) as server:
        stations = [
            ScriptedStation(server.ocpp_url, f"CS-{number}", Random(random.random()), answers.add)
            for number in range(STATIONS)
        ]
        work = [asyncio.create_task(station.run()) for station in stations]
        for _ in range(KILLS):
            await answers.more(random.randrange(1, 600))
            await server.end()
            await server.start()
        await answers.more(STATIONS)
        for station in stations:
            station.finish()
        await asyncio.gather(*work)
        assert await server.end(signal.SIGTERM) == 0, server.said
    assert all(station.reconnects > 1 for station in stations)
    async with tables_of(data) as database:
        tables = {name: await rows(database, name) for name in ("stations", "sessions", "readings", "review_items")}
    verify(stations, tables)
    assert len(tables["sessions"]) > KILLS
