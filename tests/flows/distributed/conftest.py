"""One cluster for all fault tests; each test has stations of its own."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass

import httpx
import pytest

from .cluster import Cluster
from .fleet import Fleet
from .truth import Tables

STATIONS = 12
_NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        cluster.heal()
        yield cluster
    finally:
        cluster.close()


@pytest.fixture
def cluster(running: Cluster) -> Cluster:
    """With every process alive."""
    running.heal()
    return running


@dataclass
class Load:
    """Stations that charge, and somebody who keeps asking them for their configuration."""

    fleet: Fleet
    tables: Tables


@pytest.fixture
async def load(cluster: Cluster) -> AsyncIterator[Load]:
    """Under way when the test begins; held against the tables when it is over."""
    fleet = Fleet(f"S{next(_NUMBERS)}", STATIONS, cluster.ocpp_urls)
    await _issue_cards(cluster, fleet)
    fleet.start()
    asking = asyncio.create_task(_ask(cluster, fleet))
    tables = Tables(cluster.database_url, fleet)
    await fleet.progress(1)
    yield Load(fleet, tables)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await fleet.finish()
    await tables.settled()
    await tables.check()


async def _issue_cards(cluster: Cluster, fleet: Fleet) -> None:
    cards = [{"uid": station.identity} for station in fleet.stations]
    async with httpx.AsyncClient(base_url=cluster.http_url, trust_env=False, timeout=20) as client:
        headers = {"Authorization": f"Bearer {cluster.key}"}
        answer = await client.post("/api/v1/id-tokens/import", json={"items": cards}, headers=headers)
        assert answer.status_code < 300, answer.text


async def _ask(cluster: Cluster, fleet: Fleet) -> None:
    """A command after the other, without waiting for their ends; who is offline, or an API that is away, is no matter."""
    headers = {"Authorization": f"Bearer {cluster.key}"}
    async with httpx.AsyncClient(base_url=cluster.http_url, headers=headers, trust_env=False, timeout=5) as client:
        for station in itertools.cycle(fleet.stations):
            body = {"key": ["Anything"]}
            with suppress(httpx.HTTPError):
                await client.post(f"/api/v1/stations/{station.identity}/ocpp/GetConfiguration", json=body)
            await asyncio.sleep(0.02)
