"""The measurements, each on a fresh server with an empty data directory."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from bench import lists
from bench.fleet import id_token, identity
from bench.loader import Load
from bench.orders import Window
from bench.process import cpu_seconds, pss_bytes, tree
from bench.results import Arrival, Memory, Restart, ServerResult
from bench.servers import Server, ServerError

OPEN_LOOP_PER_SECOND = 2000
COMMANDS = 200
QUIET_TIMEOUT_S = 5.0
BACK_TIMEOUT_S = 180.0


class Plan(msgspec.Struct):
    """How much is measured."""

    stations: int
    warm_up_s: float
    seconds: float
    steady_s: float
    idle: list[int]
    idle_secured: list[int]
    restarts: list[int]
    rows: int = 100_000
    """Of the network whose lists are asked for."""


PLANS = {
    "quick": Plan(
        stations=500,
        warm_up_s=1,
        seconds=4,
        steady_s=3,
        idle=[1000],
        idle_secured=[1000],
        restarts=[1000],
        rows=10_000,
    ),
    "default": Plan(
        stations=500,
        warm_up_s=3,
        seconds=10,
        steady_s=8,
        idle=[1000, 5000],
        idle_secured=[1000, 3000],
        restarts=[5000, 1000],
    ),
    "full": Plan(
        stations=500,
        warm_up_s=5,
        seconds=30,
        steady_s=20,
        idle=[1000, 5000, 10_000],
        idle_secured=[1000, 3000],
        restarts=[10_000, 5000, 1000],
    ),
}

Measurement = Callable[[type[Server], Plan, Path, ServerResult], None]


def measure_charging(server_type: type[Server], plan: Plan, directory: Path, result: ServerResult) -> None:
    """Throughput, CPU and latency of stations that charge: as fast as answers come, then, afresh, at a fixed rate."""
    with _charging(server_type, plan, directory, result) as (server, load):
        empty = server.stored_bytes() if server.has_api else 0
        result.closed_loop = load.closed_loop(plan.warm_up_s, plan.seconds)
        if server.has_api and load.stopped:
            result.session_bytes = (server.stored_bytes() - empty) / load.stopped
    if result.closed_loop.per_second >= OPEN_LOOP_PER_SECOND:
        with _charging(server_type, plan, directory, result) as (_server, load):
            result.open_loop = load.open_loop(min(plan.warm_up_s, 2), plan.steady_s, OPEN_LOOP_PER_SECOND)
    result.notes += _caveats(result.closed_loop, result.open_loop)


@contextmanager
def _charging(
    server_type: type[Server], plan: Plan, directory: Path, result: ServerResult
) -> Iterator[tuple[Server, Load]]:
    """Connected stations; afterwards the server must have what they were promised."""
    with _running(server_type, directory, result, tokens=plan.stations) as (server, load):
        load.connect(plan.stations)
        yield server, load
        if server.has_api:
            _check_nothing_lost(server, load, result)


def _caveats(closed_loop: Window, open_loop: Window | None) -> Iterator[str]:
    rate = f"{OPEN_LOOP_PER_SECOND:,} messages a second"
    if open_loop is None:
        yield f"cannot answer {rate}: latency at that rate not measured"
    elif open_loop.per_second < OPEN_LOOP_PER_SECOND * 0.98:
        yield f"answered {open_loop.per_second:,.0f} of {rate}: latency is a queue's"
    if (others := max(window.other_cores for window in (closed_loop, open_loop or closed_loop))) > 0.1:
        yield f"others kept {others:.1f} cores busy meanwhile: rates and latencies are worse than they need be"


def _check_nothing_lost(server: Server, load: Load, result: ServerResult) -> None:
    """Whoever answers before it has stored is fast, and wrong: every acknowledged transaction must be there."""
    for what, acknowledged, kept in (
        ("started", load.started, server.sessions()),
        ("stopped", load.stopped, server.sessions(state="ended")),
    ):
        if acknowledged != kept:
            result.errors[f"{acknowledged:,} transactions were {what}, the server knows of {kept:,}"] = 1
    if doubtful := server.sessions(needs_review="true"):
        result.errors["sessions need review, and none should"] = doubtful


def measure_connections(server_type: type[Server], plan: Plan, directory: Path, result: ServerResult) -> None:
    """Memory of idle stations, how fast they arrive, and how fast they are back after the server was killed."""
    with _running(server_type, directory, result) as (server, load):
        _fill(server, load, plan.idle, result.memory, result.arrivals)
        for stations in plan.restarts:
            load.disconnect(stations)
            result.restarts.append(_restart(server, load))


def _fill(server: Server, load: Load, idle: list[int], memory: list[Memory], arrivals: list[Arrival]) -> None:
    """Let stations come until there are so many, and see what that costs."""
    empty = _pss_when_quiet(server)
    for stations in idle:
        before_s = cpu_seconds(tree(server.pids))
        arrived = load.connect(stations)
        pss = _pss_when_quiet(server)
        came = arrived.stations - sum(arrival.stations for arrival in arrivals)
        arrivals.append(Arrival(came, arrived.seconds, cpu_seconds(tree(server.pids)) - before_s))
        memory.append(Memory(arrived.stations, pss, (pss - empty) / arrived.stations))


def measure_tls(server_type: type[Server], plan: Plan, directory: Path, result: ServerResult) -> None:
    """Memory of idle stations over TLS, and what their connecting costs; needs a server that speaks it."""
    if server_type.secured is not None:
        with _running(server_type.secured, directory, result) as (server, load):
            _fill(server, load, plan.idle_secured, result.secured, result.secured_arrivals)


def measure_commands(server_type: type[Server], plan: Plan, directory: Path, result: ServerResult) -> None:
    """From an API call until the station has the frame, one command after another; needs a server with an API."""
    if not server_type.has_api:
        return
    with _running(server_type, directory, result) as (server, load):
        load.connect(plan.stations)
        called_at_s = []
        for number in range(1, COMMANDS + 1):
            called_at_s.append(time.monotonic())
            server.call_station(
                identity(number % plan.stations + 1), "TriggerMessage", {"requestedMessage": "Heartbeat"}
            )
        arrived_at_s = load.take_calls("TriggerMessage")
        if len(arrived_at_s) != COMMANDS:
            raise ServerError(f"{COMMANDS} commands given, {len(arrived_at_s)} arrived")
        delays_s = sorted(arrived - called for arrived, called in zip(arrived_at_s, called_at_s, strict=True))
        result.command_p95_ms = delays_s[int(COMMANDS * 0.95)] * 1e3


def measure_lists(server_type: type[Server], plan: Plan, _directory: Path, result: ServerResult) -> None:
    """Every list of the API over a large network, in this process; needs a server with a database of its own kind."""
    if server_type.database is None:
        return
    answers = lists.measure(server_type.database, plan.rows)
    result.lists = lists.summary(answers, plan.rows)


def _restart(server: Server, load: Load) -> Restart:
    load.await_restart()
    killed_at = server.kill()
    ready_at = server.start()
    back = load.await_back(BACK_TIMEOUT_S)
    return Restart(
        stations=back.stations,
        start_s=ready_at - killed_at,
        back_s=back.last_boot_at_s - killed_at,
        per_second=back.stations / (back.last_boot_at_s - min(ready_at, back.first_boot_at_s)),
        failed_attempts=back.failed_attempts,
    )


@contextmanager
def _running(
    server_type: type[Server], directory: Path, result: ServerResult, *, tokens: int = 0
) -> Iterator[tuple[Server, Load]]:
    """A server with an empty data directory and a load generator for it; errors of the load end up in the result."""
    with tempfile.TemporaryDirectory(prefix="bench-", dir=directory) as path, server_type(Path(path)) as server:
        server.start()
        server.provision([id_token(number) for number in range(1, tokens + 1)])
        with Load(server) as load:
            completed = False
            try:
                yield server, load
                completed = True
            finally:
                for text, count in load.errors.items():
                    result.errors[text] = result.errors.get(text, 0) + count
                if load.errors or not completed:
                    result.notes.append(f"its log is kept: {server.keep_log(directory)}")


def _pss_when_quiet(server: Server) -> int:
    """Memory once the server has done what connections made it do, so that no queue is measured."""
    until = time.monotonic() + QUIET_TIMEOUT_S
    spent_s = cpu_seconds(tree(server.pids))
    while time.monotonic() < until:
        time.sleep(0.3)
        before_s, spent_s = spent_s, cpu_seconds(tree(server.pids))
        if spent_s - before_s < 0.02:
            break
    return pss_bytes(tree(server.pids))


MEASUREMENTS: dict[str, Measurement] = {
    "charging": measure_charging,
    "connections": measure_connections,
    "tls": measure_tls,
    "commands": measure_commands,
    "lists": measure_lists,
}
