"""Small runs of the real thing: servers and load generator are processes, nothing about speed is asserted."""

from pathlib import Path

import pytest
from bench.measure import Plan, measure_charging, measure_connections
from bench.results import ServerResult
from bench.servers import Echo, OcppWebsockets, Server

PLAN = Plan(stations=5, warm_up_s=0.1, seconds=0.3, steady_s=0.3, idle=[4, 8], restarts=[8, 3])


@pytest.mark.parametrize("server", [Echo, OcppWebsockets])
def test_stations_charge_at_a_reference(server: type[Server], tmp_path: Path) -> None:
    result = ServerResult(server.name, server.title)
    measure_charging(server, PLAN, tmp_path, result)

    assert result.errors == {}
    assert result.closed_loop is not None
    assert result.closed_loop.stations == 5
    assert result.closed_loop.messages > 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("server", [Echo, OcppWebsockets])
def test_stations_come_back_after_a_kill(server: type[Server], tmp_path: Path) -> None:
    result = ServerResult(server.name, server.title)
    measure_connections(server, PLAN, tmp_path, result)

    assert result.errors == {}
    assert [memory.stations for memory in result.memory] == [4, 8]
    assert [arrival.stations for arrival in result.arrivals] == [4, 4]
    assert [restart.stations for restart in result.restarts] == [8, 3]


def test_a_server_that_does_not_know_what_it_acknowledged_makes_the_run_fail(tmp_path: Path) -> None:
    class Forgetful(OcppWebsockets):
        has_api = True

        def sessions(self, **_having: str) -> int:
            return 0

    result = ServerResult("forgetful", "forgetful")
    measure_charging(Forgetful, PLAN, tmp_path, result)

    assert any(error.endswith("transactions were started, the server knows of 0") for error in result.errors)
    assert any(error.endswith("transactions were stopped, the server knows of 0") for error in result.errors)
