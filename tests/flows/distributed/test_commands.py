"""Commands while gateways come and go: who is gone is known at once, long before its lease is over."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest

from ...harness.sockets import StationSocket, open_station
from ...harness.waiting import until
from .cluster import Cluster

pytestmark = pytest.mark.timeout(900)


@pytest.fixture
async def http(cluster: Cluster) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {cluster.key}"}
    async with httpx.AsyncClient(
        base_url=f"{cluster.http_url}/api/v1", headers=headers, trust_env=False, timeout=60
    ) as client:
        yield client


async def connected(cluster: Cluster, gateway: int, identity: str) -> StationSocket:
    socket = await open_station(cluster.ocpp_urls[gateway], identity)
    await socket.boot()
    return socket


async def tables(cluster: Cluster, sql: str, identity: str) -> Any:
    connection = await asyncpg.connect(cluster.database_url)
    try:
        return await connection.fetchval(sql, identity)
    finally:
        await connection.close()


_LINK = "station_id = (SELECT id FROM stations WHERE identity = $1)"


async def call(http: httpx.AsyncClient, identity: str, wait_s: int = 0) -> httpx.Response:
    return await http.post(f"/stations/{identity}/ocpp/GetConfiguration?wait={wait_s}", json={"key": ["X"]})


async def settled_on_the_bus(cluster: Cluster, http: httpx.AsyncClient) -> None:
    """The API has been on the bus for long enough to believe it: a gateway that never was is missed."""
    socket = await connected(cluster, 1, "NOWHERE")
    await socket.leave()

    async def missed() -> bool:
        await tables(cluster, f"UPDATE links SET online = true, gateway = 'never was' WHERE {_LINK}", "NOWHERE")
        return (await call(http, "NOWHERE")).status_code == 409

    await until(missed, 20, "the API believes the bus")


async def test_a_station_of_a_killed_gateway_is_offline_at_once(cluster: Cluster, http: httpx.AsyncClient) -> None:
    """The tables say online until its lease is over; nobody waits for that."""
    await settled_on_the_bus(cluster, http)
    socket = await connected(cluster, 0, "GONE-1")
    cluster.gateways[0].kill()
    answer = await call(http, "GONE-1", wait_s=30)
    assert await tables(cluster, f"SELECT online FROM links WHERE {_LINK}", "GONE-1"), "the burial came first"
    assert (answer.status_code, answer.json()["code"]) == (409, "station_offline")
    waits: dict[str, Any] = (await http.post("/stations/GONE-1/commands/clear-cache", json={})).json()
    assert (waits["state"], waits["explanation"][:23]) == ("pending", "The station is offline;")

    again = await connected(cluster, 1, "GONE-1")
    sent = await again.next_call()
    assert sent[2] == "ClearCache", "what waited is sent by the gateway that the station went to"
    await again.answer(sent, {"status": "Accepted"})
    for left in (socket, again):
        await left.leave()


async def test_without_the_bus_the_tables_decide(cluster: Cluster, http: httpx.AsyncClient) -> None:
    """The call goes out with the gateway's next look."""
    socket = await connected(cluster, 0, "QUIET-1")
    cluster.nats.stop()
    quiet = lambda: 'csms_trouble{part="bus"} 1.0' in cluster.api.metrics()  # noqa: E731
    await until(quiet, 20, "the API is cut off")
    answer = await http.post("/stations/QUIET-1/ocpp/ClearCache", json={})
    assert answer.status_code == 202
    sent = await socket.next_call()
    assert sent[2] == "ClearCache"
    await socket.answer(sent, {"status": "Accepted"})
    cluster.nats.start()
    healed = lambda: all('csms_trouble{part="bus"} 0.0' in process.metrics() for process in cluster.processes)  # noqa: E731
    await until(healed, 20, "everybody back on the bus")
    await socket.leave()
