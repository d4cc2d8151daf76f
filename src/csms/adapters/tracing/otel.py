"""OpenTelemetry: spans of requests, commands, commits and jobs. It stands around what it watches, which knows nothing of it."""

import os
from collections.abc import Awaitable, Callable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import structlog
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.trace import SpanKind, Status, StatusCode, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from sqlalchemy import select

from csms.adapters.db.recorder import Writer
from csms.domain.commands.model import Command
from csms.domain.stations.model import Station
from csms.kit.bus import Bus, Listener
from csms.kit.clock import microseconds
from csms.kit.database import Database
from csms.kit.errors import Unavailable
from csms.kit.recording import Submission
from csms.kit.tasks import Tasks
from csms.kit.tracing import TRACE

log = structlog.get_logger(__name__)

SETTLED: Final = "settled."
_WELL: Final = frozenset({"accepted", "rejected"})  # the station answered
_PROPAGATOR: Final = TraceContextTextMapPropagator()

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]


class Traces:
    """Makes spans and hands them to `processor`; sampling is what the standard `OTEL_TRACES_SAMPLER` says."""

    def __init__(self, processor: SpanProcessor, *, process: str, roles: str, version: str) -> None:
        said = {"service.instance.id": process, "service.version": version, "csms.roles": roles}
        if "OTEL_SERVICE_NAME" not in os.environ:
            said["service.name"] = "csms"
        self._provider = TracerProvider(resource=Resource.create(said), shutdown_on_exit=False)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("csms", version)

    def close(self) -> None:
        """Send what is still here."""
        self._provider.shutdown()

    @contextmanager
    def span(self, name: str, **attributes: str | int) -> Iterator[None]:
        with self._tracer.start_as_current_span(name, attributes=attributes):
            yield

    def app(self, app: AsgiApp) -> AsgiApp:
        """Around the HTTP API: a span a request, which goes on with the caller's `traceparent`."""

        async def traced(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            given = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            with self._tracer.start_as_current_span(
                scope["method"], context=_PROPAGATOR.extract(given), kind=SpanKind.SERVER, set_status_on_exception=True
            ) as span:

                async def send_on(message: MutableMapping[str, Any]) -> None:
                    if message["type"] == "http.response.start":
                        span.set_attribute("http.response.status_code", message["status"])
                        if message["status"] >= 500:
                            span.set_status(Status(StatusCode.ERROR))
                    await send(message)

                token = TRACE.set(_traceparent())
                try:
                    await app(scope, receive, send_on)
                finally:
                    TRACE.reset(token)
                    route = _route(scope)
                    if route is not None:
                        span.update_name(f"{scope['method']} {route}")
                        span.set_attribute("http.route", route)

        return traced

    def writer(self, writer: Writer) -> Writer:
        """Around the recorder's hand: a span a batch."""
        return _TracedWriter(writer, self)

    def bus(self, bus: Bus, database: Database, tasks: Tasks) -> Bus:
        """Around the bus: when this process says that a command is settled, tell its whole story."""

        async def tell(command_id: UUID) -> None:
            try:
                async with database.view() as session:
                    found = (
                        await session.execute(
                            select(Command, Station.identity)
                            .join(Station, Station.id == Command.station_id)
                            .where(Command.id == command_id)
                        )
                    ).first()
            except Unavailable as trouble:
                log.debug("a command's trace is lost", reason=trouble.detail)
                return
            if found is not None:
                self.command(*found)

        return _TracedBus(bus, lambda command_id: tasks.start(tell(command_id), name="trace"))

    def command(self, command: Command, identity: str) -> None:
        """The spans of a settled command, as its row has them: how long it waited, and how long the station took."""
        context = _PROPAGATOR.extract({"traceparent": command.trace}) if command.trace else Context()
        ended = command.settled_at or command.created_at
        name = command.action or command.verb
        attributes: dict[str, str | int] = {
            "csms.command": str(command.id), "csms.station": identity, "csms.state": command.state, "csms.verb": command.verb,
        }  # fmt: skip
        if command.frame_id is not None:
            attributes["csms.frame"] = command.frame_id
        whole = self._tracer.start_span(
            f"command {name}", context, start_time=_nanoseconds(command.created_at), attributes=attributes
        )
        if command.state not in _WELL:
            whole.set_status(Status(StatusCode.ERROR, command.error_description or command.state))
        within = set_span_in_context(whole, context)
        self._part("wait for the station's link", within, command.created_at, command.sent_at or ended)
        if command.sent_at is not None:
            self._part("station answers", within, command.sent_at, ended, SpanKind.CLIENT)
        whole.end(_nanoseconds(ended))

    def _part(
        self, name: str, within: Context, began: datetime, ended: datetime, kind: SpanKind = SpanKind.INTERNAL
    ) -> None:
        self._tracer.start_span(name, within, kind, start_time=_nanoseconds(began)).end(_nanoseconds(ended))


class _TracedWriter:
    def __init__(self, writer: Writer, traces: Traces) -> None:
        self._writer = writer
        self._traces = traces

    async def write(self, batch: Sequence[Submission]) -> list[Submission]:
        with self._traces.span("commit", **{"csms.submissions": len(batch)}):
            return await self._writer.write(batch)


class _TracedBus:
    def __init__(self, bus: Bus, settled: Callable[[UUID], object]) -> None:
        self._bus = bus
        self._settled = settled

    @property
    def trouble(self) -> str | None:
        return getattr(self._bus, "trouble", None)

    @property
    def slow_poll_s(self) -> float | None:
        return self._bus.slow_poll_s

    def ring(self, subject: str) -> None:
        self._bus.ring(subject)
        if subject.startswith(SETTLED):
            self._settled(UUID(subject.removeprefix(SETTLED)))

    def subscribe(self, subject: str, listener: Listener) -> Callable[[], None]:
        return self._bus.subscribe(subject, listener)

    def be_there(self, name: str) -> Callable[[], None]:
        return self._bus.be_there(name)

    async def is_there(self, name: str) -> bool | None:
        return await self._bus.is_there(name)


def to_collector(endpoint: str) -> SpanProcessor:
    """Sends spans in the background by OTLP over HTTP; raises ImportError without `csms[otel]`."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - an extra
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    return BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces"))


def _route(scope: Scope) -> str | None:
    """The template of the path, so that there are few names, and no ids in them; a route knows only its own part."""
    template = getattr(scope.get("route"), "path_format", None)
    if template is None:
        return None
    own = template.format_map(scope["path_params"])
    prefix: str = scope["path"].removesuffix(own) if scope["path"].endswith(own) else ""
    return f"{prefix}{template}"


def _traceparent() -> str | None:
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return carrier.get("traceparent")


def _nanoseconds(at: datetime) -> int:
    return microseconds(at) * 1000
