"""Health and metrics on a port of their own: for supervisors and Prometheus, not for the public."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import Any, Final

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from csms.adapters.db.recorder import GroupRecorder
from csms.domain.facts.service import Backlog
from csms.gateway.tally import Tally
from csms.kit.spread import Spread

# Without the bus a process goes on, more slowly, and whose clock is wrong nobody knows: no reasons to take one out of service.
_GOES_ON: Final = frozenset({"bus", "clock"})

Scope = dict[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Watched:
    """What the monitor looks at when it is asked; nothing is counted for its sake elsewhere.

    `connections` gives how many stations are connected, `crowd` how many wait for what, `troubles` why parts of the process
    cannot work, by part, `backlog` what the relay of facts last saw waiting (None where none runs), and the time now.
    """

    name: str
    roles: str
    version: str
    connections: Callable[[], int]
    crowd: Callable[[], dict[str, int]]
    tally: Tally
    recorder: GroupRecorder
    troubles: Callable[[], dict[str, str | None]]
    backlog: Callable[[], tuple[Backlog | None, datetime]]


class Figures(Collector):
    """The numbers as Prometheus wants them, read at the moment it asks."""

    def __init__(self, watched: Watched) -> None:
        self._watched = watched

    def collect(self) -> Iterator[Metric]:
        watched = self._watched
        info = GaugeMetricFamily("csms_process", "This process", labels=["name", "roles", "version"])
        info.add_metric([watched.name, watched.roles, watched.version], 1)
        yield info
        trouble = GaugeMetricFamily("csms_trouble", "Whether a part cannot work at present", labels=["part"])
        for part, reason in watched.troubles().items():
            trouble.add_metric([part], float(reason is not None))
        yield trouble
        yield GaugeMetricFamily("csms_connections", "Stations connected here", watched.connections())
        crowd = GaugeMetricFamily("csms_crowd", "Stations in line, inside a handshake, or not read", labels=["where"])
        for where, count in watched.crowd().items():
            crowd.add_metric([where], count)
        yield crowd
        yield from self._recorder()
        yield from self._tally()
        yield from self._facts()

    def _facts(self) -> Iterator[Metric]:
        backlog, now = self._watched.backlog()
        if backlog is None:
            return
        lag_s = (now - backlog.oldest_at).total_seconds() if backlog.oldest_at is not None else 0.0
        yield GaugeMetricFamily("csms_facts_lag_seconds", "Age of the oldest fact not yet relayed", max(lag_s, 0.0))
        yield GaugeMetricFamily("csms_facts_waiting", "Facts not yet relayed", backlog.waiting)
        yield GaugeMetricFamily("csms_facts_failing", "Reactions that failed and are tried again", backlog.failing)

    def _recorder(self) -> Iterator[Metric]:
        recorder = self._watched.recorder
        yield _histogram("csms_recorder_batch_size", "Submissions in a committed batch", recorder.sizes)
        yield _histogram("csms_recorder_commit_seconds", "How long a commit took", recorder.times_s)
        yield GaugeMetricFamily("csms_recorder_waiting", "Submissions that wait for the next batch", recorder.waiting)
        yield GaugeMetricFamily("csms_recorder_held_bytes", "Memory of what is not committed", recorder.held_bytes)
        yield GaugeMetricFamily("csms_recorder_lag_seconds", "How long a commit takes to come", recorder.lag_s)

    def _tally(self) -> Iterator[Metric]:
        tally = self._watched.tally
        messages = CounterMetricFamily("csms_messages", "Messages from stations", labels=["action", "outcome"])
        for (action, outcome), count in tally.messages.items():
            messages.add_metric([action, outcome], count)
        yield messages
        commands = CounterMetricFamily("csms_commands", "Commands that stations answered, or did not", labels=["state"])
        for state, count in tally.commands.items():
            commands.add_metric([state], count)
        yield commands
        yield CounterMetricFamily(
            "csms_boots_deferred", "Boots answered Pending: too many at once", tally.boots_deferred
        )
        failures = CounterMetricFamily(
            "csms_handshake_failures", "Connections that came to nothing", labels=["problem", "status"]
        )
        for (problem, status), count in tally.failures.items():
            failures.add_metric([problem, str(status or "")], count)
        yield failures


def _histogram(name: str, words: str, spread: Spread) -> HistogramMetricFamily:
    buckets = [("+Inf" if bound == inf else f"{bound:g}", reached) for bound, reached in spread.upto()]
    return HistogramMetricFamily(name, words, buckets=buckets, sum_value=spread.total)


class Monitor:
    """A small ASGI app: `/health/live`, `/health/ready`, `/metrics`."""

    def __init__(self, watched: Watched) -> None:
        self._watched = watched
        self._registry = CollectorRegistry()
        self._registry.register(Figures(watched))
        ProcessCollector(registry=self._registry)  # memory, CPU, open files

    async def __call__(self, scope: Scope, _receive: object, send: Send) -> None:
        if scope["type"] != "http":
            return
        status, kind, body = self._answer(scope["path"])
        headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _answer(self, path: str) -> tuple[int, str, bytes]:
        if path == "/metrics":
            return 200, CONTENT_TYPE_LATEST, generate_latest(self._registry)
        if path == "/health/live":
            return 200, "text/plain", b"live\n"
        if path == "/health/ready":
            troubles = self._watched.troubles()
            reasons = [f"{part}: {why}" for part, why in troubles.items() if why is not None and part not in _GOES_ON]
            return (
                (503, "text/plain", "\n".join(reasons).encode() + b"\n") if reasons else (200, "text/plain", b"ready\n")
            )
        return 404, "text/plain", b"There is /metrics, /health/live and /health/ready.\n"
