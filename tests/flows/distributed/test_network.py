"""The network between a gateway and the database is slow, cut, or swallows packets for a while."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from ...harness.waiting import until
from ...proxy import Proxy, proxied
from .cluster import LEASE_S, Cluster, Process
from .conftest import Load

pytestmark = pytest.mark.timeout(900)


@dataclass
class Remote:
    """A gateway that reaches the database through `network`."""

    gateway: Process
    network: Proxy

    async def ready(self) -> None:
        await until(lambda: asyncio.to_thread(self.gateway.ready), 30, "the gateway is ready")

    async def not_ready(self) -> None:
        async def out_of_service() -> bool:
            return not await asyncio.to_thread(self.gateway.ready)

        await until(out_of_service, 30, "the gateway says that it cannot work")


@pytest.fixture
async def remote(cluster: Cluster, load: Load) -> AsyncIterator[Remote]:
    gateway = cluster.gateways[0]
    async with proxied(cluster.postgres.port) as network:
        moving = cluster.database_at(gateway, network.port)
        await asyncio.to_thread(moving.__enter__)
        remote = Remote(gateway, network)
        await remote.ready()
        await load.fleet.progress(1)
        yield remote
        await asyncio.to_thread(moving.__exit__, None, None, None)


async def test_it_is_slow(remote: Remote, load: Load) -> None:
    remote.network.slow(0.03)
    await load.fleet.progress(2, 90)


async def test_it_is_cut_until_the_lease_is_over(remote: Remote, load: Load) -> None:
    remote.network.cut()
    await remote.not_ready()
    gone = "SELECT 1 FROM processes WHERE name = 'gateway1' AND $1::text[] IS NOT NULL"

    async def buried() -> bool:
        return not await load.tables.query(gone)

    await until(buried, 10 * LEASE_S, "the worker gives the gateway up")
    await load.fleet.progress(1)  # at the other gateway
    remote.network.mend()
    await remote.ready()
    await load.fleet.progress(2)


async def test_it_swallows_packets_for_a_while(remote: Remote, load: Load) -> None:
    """Commits are under way, and arrive, or their outcome does, when nobody waits for it any more."""
    for frozen_s in (0.2, LEASE_S):
        remote.network.freeze()
        await asyncio.sleep(frozen_s)
        remote.network.mend()
        await load.fleet.progress(1)


async def test_it_is_cut_again_and_again(remote: Remote, load: Load) -> None:
    """So that commits are cut in every phase."""
    for _ in range(20):
        remote.network.cut()
        await asyncio.sleep(0.05)
        remote.network.mend()
        await asyncio.sleep(0.25)
    await load.fleet.progress(1)
