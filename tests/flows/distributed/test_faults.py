"""Things that break under load. Afterwards (the fixture `load`) every promise to a station is in the tables, once."""

import asyncio
import signal

import pytest

from ...harness.waiting import until
from .cluster import LEASE_S, Cluster
from .conftest import Load

pytestmark = pytest.mark.timeout(900)


async def test_nothing_breaks(cluster: Cluster, load: Load) -> None:
    await load.fleet.progress(3)
    states = {
        row["state"] for row in await load.tables.query("SELECT state FROM commands WHERE $1::text[] IS NOT NULL")
    }
    assert "accepted" in states
    counted = [gateway.metrics() for gateway in cluster.gateways]
    assert all('csms_messages_total{action="StopTransaction",outcome="result"}' in text for text in counted)


async def test_a_gateway_is_killed(cluster: Cluster, load: Load) -> None:
    cluster.gateways[0].kill()
    await load.fleet.progress(2)
    cluster.heal()
    await load.fleet.progress(1)


async def test_all_gateways_are_killed(cluster: Cluster, load: Load) -> None:
    for gateway in cluster.gateways:
        gateway.kill()
    await asyncio.to_thread(cluster.heal)
    await load.fleet.progress(2)


async def test_the_api_and_the_worker_are_killed(cluster: Cluster, load: Load) -> None:
    cluster.api.kill()
    cluster.worker.kill()
    await load.fleet.progress(2)
    await asyncio.to_thread(cluster.heal)
    await load.fleet.progress(1)


async def test_workers_are_killed_again_and_again(cluster: Cluster, load: Load) -> None:
    """While they relay facts side by side; the fixture then finds each fact reacted to once."""
    cluster.second_worker.start()
    await asyncio.to_thread(cluster.second_worker.wait)
    for worker in (cluster.worker, cluster.second_worker) * 2:
        worker.kill()
        worker.start()
        await load.fleet.progress(1)
        await asyncio.to_thread(worker.wait)
    cluster.second_worker.kill()
    told = lambda: "csms_facts_lag_seconds" in cluster.worker.metrics()  # noqa: E731
    await until(lambda: asyncio.to_thread(told), 20, "the worker tells how far behind it is")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["fast", "crash"])
async def test_the_database_is_stopped_and_started(cluster: Cluster, load: Load, how: signal.Signals) -> None:
    await asyncio.to_thread(cluster.postgres.stop, how)
    before = sum(len(station.stopped) for station in load.fleet.stations)
    await asyncio.sleep(1)
    assert sum(len(station.stopped) for station in load.fleet.stations) == before, "acknowledged without a database"
    cluster.postgres.start()  # in this thread: the server ends with the thread that started it
    await load.fleet.progress(2)


async def test_the_bus_is_stopped_and_started(cluster: Cluster, load: Load) -> None:
    await asyncio.to_thread(cluster.nats.stop, signal.SIGKILL)
    await load.fleet.progress(2)
    cluster.nats.start()
    healed = lambda: all('csms_trouble{part="bus"} 0.0' in process.metrics() for process in cluster.processes)  # noqa: E731
    await until(lambda: asyncio.to_thread(healed), 20, "everybody back on the bus")
    await load.fleet.progress(1)


async def test_a_gateway_freezes_until_its_lease_is_over_and_wakes_up(cluster: Cluster, load: Load) -> None:
    frozen = cluster.gateways[0]
    frozen.signal(signal.SIGSTOP)
    gone = "SELECT 1 FROM processes WHERE name = 'gateway1' AND $1::text[] IS NOT NULL"

    async def buried() -> bool:
        return not await load.tables.query(gone)

    await until(buried, 10 * LEASE_S, "the worker gives the gateway up")
    held = "SELECT 1 FROM links WHERE online AND gateway = 'gateway1' AND $1::text[] IS NOT NULL"
    assert await load.tables.query(held) == []
    frozen.signal(signal.SIGCONT)
    await load.fleet.progress(2)

    async def back() -> bool:
        return bool(await load.tables.query(gone))

    await until(back, 10 * LEASE_S, "the gateway reports again")


async def test_a_gateway_says_farewell(cluster: Cluster, load: Load) -> None:
    stopping = asyncio.create_task(asyncio.to_thread(cluster.gateways[0].stop))
    await until(lambda: asyncio.to_thread(lambda: not cluster.gateways[0].ready()), 5, "no longer ready")
    assert not stopping.done(), "it says so while it takes its leave"
    assert await stopping == 0
    held = "SELECT 1 FROM links WHERE online AND gateway = 'gateway1' AND $1::text[] IS NOT NULL"
    assert await load.tables.query(held) == []
    await load.fleet.progress(2)
