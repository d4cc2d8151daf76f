"""Traces: what a collector is told about requests, commands, commits and jobs; nothing when nobody asked."""

import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from csms.adapters.tracing.otel import Traces
from csms.app.settings import BadSetting, load
from csms.app.traces import open_traces
from csms.app.wiring import Server, run_server
from csms.domain.accounts import service as accounts
from csms.domain.accounts.rules import Role

from ...harness.server import add_station, settings
from ...harness.sockets import StationSocket, open_station
from ...harness.waiting import until

CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Collector:
    """What a server has told so far."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self.traces = Traces(SimpleSpanProcessor(self._exporter), process="main", roles="all", version="1")

    async def spans(self, name: str) -> list[ReadableSpan]:
        """Those of this name, as soon as there are some."""
        found: list[ReadableSpan] = await until(
            lambda: [span for span in self._exporter.get_finished_spans() if span.name == name], what=name
        )
        return found


@asynccontextmanager
async def traced(data: Path, collector: Collector) -> AsyncIterator[tuple[Server, httpx.AsyncClient, StationSocket]]:
    async with run_server(settings(data), collector.traces) as server:
        station_id = await add_station(server.context.database, "A")
        assert station_id
        async with server.context.database.unit() as session:
            _, key = await accounts.create_api_key(
                session, "tests", [accounts.NewGrant(Role.ADMINISTRATOR)], server.context.clock.now()
            )
        headers = {"Authorization": f"Bearer {key}"}
        station = await open_station(server.ocpp_url, "A")
        async with httpx.AsyncClient(base_url=server.http_url, headers=headers, trust_env=False) as client:
            yield server, client, station
        await station.leave()


async def test_a_command_is_followed_from_its_request_to_the_station_s_answer(tmp_path: Path) -> None:
    collector = Collector()
    async with traced(tmp_path / "data", collector) as (_, client, station):
        placed = await client.post("/api/v1/stations/A/ocpp/GetConfiguration", json={}, headers={"traceparent": CALLER})
        assert placed.status_code == 202, placed.text
        call = await station.calls.get()
        await station.answer(call, {"unknownKey": []})
        (command,) = await collector.spans("command GetConfiguration")
        (answer,) = await collector.spans("station answers")
        (waited,) = await collector.spans("wait for the station's link")
    (request,) = await collector.spans("POST /api/v1/stations/{identity}/ocpp/{action}")

    assert request.parent is not None
    assert f"{request.parent.span_id:x}" == CALLER.split("-")[2]
    assert request.attributes is not None
    assert request.attributes["http.response.status_code"] == 202
    assert command.parent is not None
    assert command.context is not None
    assert command.parent.span_id == request.context.span_id
    assert {f"{span.context.trace_id:032x}" for span in (request, command, answer, waited)} == {CALLER.split("-")[1]}
    assert {span.parent.span_id for span in (answer, waited) if span.parent is not None} == {command.context.span_id}
    assert command.attributes is not None
    assert (command.attributes["csms.station"], command.attributes["csms.state"]) == ("A", "accepted")
    assert command.attributes["csms.command"] == call[1]
    assert waited.end_time == answer.start_time


async def test_commits_and_jobs_are_seen(tmp_path: Path) -> None:
    collector = Collector()
    async with traced(tmp_path / "data", collector) as (_, _client, station):
        await station.call("Heartbeat", {})
        commits = await collector.spans("commit")
        await collector.spans("schedule")
    assert all(span.attributes is not None and span.attributes["csms.submissions"] for span in commits)
    assert commits[0].resource.attributes["service.name"] == "csms"


def test_nobody_who_does_not_trace_pays_for_it() -> None:
    ours = "('opentelemetry.sdk', 'csms.adapters.tracing')"  # the bare API comes with FastAPI
    look = f"import sys, csms.app.wiring; print([name for name in sys.modules if name.startswith({ours})])"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_standard_variable_switches_it_on_and_ours_wins() -> None:
    standard = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}
    assert load(environment={}).otel_endpoint is None
    assert load(environment=standard).otel_endpoint == "http://collector:4318"
    assert load(environment=standard | {"CSMS_OTEL_ENDPOINT": "http://other:4318"}).otel_endpoint == "http://other:4318"


def test_without_the_exporter_the_setting_is_refused_in_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(BadSetting, match=r"csms\[otel\]"):
        open_traces(load(environment={"CSMS_OTEL_ENDPOINT": "http://collector:4318"}), "main")
