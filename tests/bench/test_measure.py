"""Small runs of the real thing: servers and load generator are processes, nothing about speed is asserted."""

import subprocess
import sys
from pathlib import Path

import pytest
from bench.large import OnPostgres
from bench.measure import Plan, measure_charging, measure_connections, measure_tls
from bench.process import CpuMeter
from bench.results import Run, ServerResult
from bench.servers import Csms, Echo, OcppWebsockets, Server

RUN = Run("2026-01-01T00:00:00+00:00", "abc", "quick", 5, 0.3)
PLAN = Plan(stations=5, warm_up_s=0.1, seconds=0.3, steady_s=0.3, idle=[4, 8], idle_secured=[2, 6], restarts=[8, 3])


@pytest.mark.parametrize("server", [Echo, OcppWebsockets])
def test_stations_charge_at_a_reference(server: type[Server], tmp_path: Path) -> None:
    result = ServerResult(server.name, server.title, RUN)
    measure_charging(server, PLAN, tmp_path, result)

    assert result.errors == {}
    assert result.closed_loop is not None
    assert result.closed_loop.stations == 5
    assert result.closed_loop.messages > 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("server", [Echo, OcppWebsockets])
def test_stations_come_back_after_a_kill(server: type[Server], tmp_path: Path) -> None:
    result = ServerResult(server.name, server.title, RUN)
    measure_connections(server, PLAN, tmp_path, result)

    assert result.errors == {}
    assert [memory.stations for memory in result.memory] == [4, 8]
    assert [arrival.stations for arrival in result.arrivals] == [4, 4]
    assert [restart.stations for restart in result.restarts] == [8, 3]


def test_stations_come_over_tls_where_the_server_speaks_it(tmp_path: Path) -> None:
    result = ServerResult(Csms.name, Csms.title, RUN)
    measure_tls(Csms, PLAN, tmp_path, result)
    measure_tls(Echo, PLAN, tmp_path, result)

    assert result.errors == {}
    assert [memory.stations for memory in result.secured] == [2, 6]
    assert [arrival.stations for arrival in result.secured_arrivals] == [2, 4]
    assert all(arrival.cpu_s > 0 for arrival in result.secured_arrivals)
    assert not result.memory


def test_a_server_that_does_not_know_what_it_acknowledged_makes_the_run_fail(tmp_path: Path) -> None:
    class Forgetful(OcppWebsockets):
        has_api = True

        def sessions(self, **_having: str) -> int:
            return 0

        def stored_bytes(self) -> int:
            return 0

    result = ServerResult("forgetful", "forgetful", RUN)
    measure_charging(Forgetful, PLAN, tmp_path, result)

    assert any(error.endswith("transactions were started, the server knows of 0") for error in result.errors)
    assert any(error.endswith("transactions were stopped, the server knows of 0") for error in result.errors)


def test_what_postgresql_spends_counts(tmp_path: Path) -> None:
    result = ServerResult(OnPostgres.name, OnPostgres.title, RUN)
    measure_charging(OnPostgres, PLAN, tmp_path, result)

    assert result.errors == {}
    assert result.closed_loop is not None
    assert result.closed_loop.messages > 0
    assert set(result.closed_loop.parts_cpu_us) == {"csms", "PostgreSQL"}
    assert list(tmp_path.iterdir()) == []


def test_the_time_of_processes_that_are_born_and_end_while_measured_counts() -> None:
    spend = "import time\nwhile time.process_time() < 0.2: pass"
    for ends in (True, False):
        wait = "" if ends else "\nprint(flush=True)\ninput()"
        child = f"subprocess.Popen([sys.executable, '-c', {spend + wait!r}]).wait()\nprint(flush=True)\ninput()"
        command = [sys.executable, "-c", "import subprocess, sys\ninput()\n" + child]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
            assert parent.stdin is not None
            assert parent.stdout is not None
            meter = CpuMeter({"family": [parent.pid]})
            parent.stdin.write(b"\n")
            parent.stdin.flush()
            parent.stdout.readline()
            spent, _, _ = meter.read()

        assert spent["family"] >= 0.19
