"""Mutated frames through the gateway's own port, over many links, while bystanders charge: nobody is disturbed, nothing lost.

Half of the fuzzing stations have every repair that there is; all are asked for everything that there is, and answer wrongly, too.
Somebody knocks meanwhile with damaged upgrade requests.

CSMS_TEST_FUZZ_FRAMES says how many (4,000 when it is not set; `make fuzz` a million), CSMS_TEST_FUZZ_SEED where chance begins. What
leads to a finding is kept in build/fuzz, a line of hexadecimal a frame.
"""

import asyncio
import os
import signal
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import psutil
import pytest
from sqlalchemy import func, select

from csms.app.replay import outcomes
from csms.domain.commands.model import Command
from csms.domain.quirks.rules import REPAIRS
from csms.domain.sessions.model import Session
from csms.domain.stations.model import Frame, Station
from csms.kit.database import Database

from ..harness.load import Acknowledgements, Reading, ScriptedStation, verify
from ..harness.process import ServerProcess, server_process
from ..harness.server import add_id_token, add_station, rows, tables_of
from ..setups import SETUP
from .asked import command
from .knocks import IDENTITY, Knocks
from .links import FuzzLink
from .mutator import Mutator

FRAMES = int(os.environ.get("CSMS_TEST_FUZZ_FRAMES", "4000"))
SEED = os.environ.get("CSMS_TEST_FUZZ_SEED", "1")
LINKS = 40
BYSTANDERS = 8
COMMANDS = max(5, FRAMES // LINKS // 100)  # for each station
BREATH_S = 0.05  # between two calls of a bystander
PLACE = Path(__file__).resolve().parents[2] / "build" / "fuzz"


class Bystander(ScriptedStation):
    """Charges at a human pace, so that most of what the server does is for the others."""

    async def _deliver(self, action: str, payload: dict[str, Any], reading: Reading | None = None) -> dict[str, Any]:
        await asyncio.sleep(BREATH_S)
        return await super()._deliver(action, payload, reading)


def test_the_same_seed_gives_the_same_frames_and_most_are_wrong_in_a_way_of_their_own() -> None:
    first, again, other = (Mutator(seed) for seed in ("a", "a", "b"))
    frames = [first.frame() for _ in range(2000)]
    assert frames == [again.frame() for _ in range(2000)]
    assert frames != [other.frame() for _ in range(2000)]
    assert len(set(frames)) > 1900


@pytest.mark.timeout(3600)
async def test_no_frame_crashes_sticks_or_disturbs(tmp_path: Path) -> None:
    PLACE.mkdir(parents=True, exist_ok=True)
    data = tmp_path / "data"
    data.mkdir()
    _repair_everything(data, "Q")
    async with SETUP.opened(data) as (database, _):
        await _furnish(database)
    async with server_process(data) as server:
        answers = Acknowledgements()
        bystanders = [
            Bystander(server.ocpp_url, f"B-{number}", Random(f"{SEED}-{number}"), answers.add)
            for number in range(BYSTANDERS)
        ]
        charging = [asyncio.create_task(one.run()) for one in bystanders]
        links = [
            FuzzLink(server.ocpp_url, f"F-{number}", f"{SEED}-{number}", PLACE, "VQ"[number % 2])
            for number in range(LINKS)
        ]
        knocks = Knocks(server.ocpp_port, SEED)
        knocking = asyncio.create_task(knocks.go_on())
        began = time.monotonic()
        await asyncio.gather(*(link.run(-(-FRAMES // LINKS)) for link in links))
        took_s = time.monotonic() - began
        knocking.cancel()
        await asyncio.wait([knocking])
        await answers.more(10 * BYSTANDERS)
        _report(server, links, took_s, answers.count)
        print(f"{knocks.count:,} damaged upgrade requests, {knocks.upgraded:,} of them let in")
        for one in bystanders:
            one.finish()
        await asyncio.gather(*charging)
        assert await server.end(signal.SIGTERM) == 0, server.said
    assert knocking.cancelled(), knocking
    assert not _findings(links), server.said
    assert "Traceback" not in server.said
    assert [one.reconnects for one in bystanders] == [1] * BYSTANDERS, "a bystander was disturbed"
    async with tables_of(data) as database:
        await _check(database, links, bystanders)


def _repair_everything(data: Path, vendor: str) -> None:
    """Of this vendor's stations, and nothing of others'."""
    (data / "quirks").mkdir()
    names = ", ".join(f'"{name}"' for name in REPAIRS)
    profile = f'[[profile]]\nname = "all"\nvendor = "{vendor}"\nrepairs = [{names}]\n'
    (data / "quirks" / "all.toml").write_text(profile)


async def _furnish(database: Database) -> None:
    chance = Random(SEED)
    for number in range(LINKS):
        station_id = await add_station(database, f"F-{number}", vendor="VQ"[number % 2], model="M")
        async with database.unit() as session:
            session.add_all(command(station_id, chance) for _ in range(COMMANDS))
    await add_station(database, IDENTITY)
    for number in range(BYSTANDERS):
        await add_station(database, f"B-{number}")
        for connector in (1, 2):
            await add_id_token(database, f"B-{number}-{connector}")
    await add_id_token(database, "FRIEND")


def _findings(links: list[FuzzLink]) -> list[str]:
    return [finding for link in links for finding in link.findings]


def _report(server: ServerProcess, links: list[FuzzLink], took_s: float, bystanders: int) -> None:
    said = sum(link.said for link in links)
    answers = sum((link.answers for link in links), Counter[str]())
    resident = psutil.Process(server.pid).memory_info().rss / 2**20
    asked = sum(link.asked for link in links)
    print(f"\nseed {SEED}: {said:,} frames in {took_s:.0f} s, {said / took_s:,.0f} a second, over {LINKS} links, "
          f"{sum(link.connects for link in links)} connects; {asked:,} calls of ours answered wrongly")  # fmt: skip
    print(
        f"answers: {dict(answers.most_common())}; bystanders' calls answered: {bystanders:,}; server {resident:.0f} MiB"
    )
    print("findings:", *(_findings(links) or ["none"]), sep="\n  ")


async def _check(database: Database, links: list[FuzzLink], bystanders: list[Bystander]) -> None:
    """Bystanders' energy to the watt-hour; of the fuzzing stations every transaction promised and every frame read; no command
    stuck; and the stored frames say again all that they said when they came."""
    stations = await rows(database, "stations")
    theirs = {row["id"] for row in stations if row["identity"].startswith("B-")}
    tables = {"stations": stations}
    for name in ("sessions", "readings", "review_items"):
        tables[name] = [row for identity in theirs for row in await rows(database, name, station_id=identity)]
    tables["review_items"] = [
        row for row in tables["review_items"] if row["kind"] != "clock_wrong"
    ]  # they live in 2030
    verify([*bystanders], tables)
    async with database.view() as session:
        counted = select(Station.identity, func.count()).join(Frame, Frame.station_id == Station.id)
        stored = {row[0]: row[1] for row in await session.execute(counted.group_by(Station.identity))}
        kept = set((await session.scalars(select(Session.id))).all())
        unsettled = await session.scalar(select(func.count()).select_from(Command).where(Command.state == "sent"))
    for link in links:
        assert stored[link.identity] >= link.stored_at_least, f"{link.identity}: a frame was read and not kept"
        assert link.promised <= kept, f"{link.identity}: a transaction is lost"
    assert any(link.promised for link in links)
    assert unsettled == 0, "a command is stuck"
    differing = [outcome async for outcome in outcomes(database) if not outcome.agrees]
    assert not differing, f"the stored frames say otherwise of {len(differing)} stations: {differing[0]}"
