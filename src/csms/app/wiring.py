"""Wiring: plain constructors, in the order things depend on each other, taken down in reverse."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import structlog
import uvicorn

from csms import __version__
from csms.adapters.db.recorder import GroupRecorder
from csms.adapters.files.local import LocalFiles
from csms.api.app import create_app
from csms.api.context import ApiContext, ApiSettings
from csms.app.certificates import Pki
from csms.app.home import Home, read_key
from csms.app.monitor import Monitor, Watched
from csms.app.quirk_files import QuirkFiles
from csms.app.reactions import REACTIONS
from csms.app.settings import Settings, address
from csms.app.stores import Store, open_bus, open_store
from csms.app.traces import open_traces
from csms.domain.accounts import service as accounts
from csms.domain.firmware.ports import FileStore, NoFiles
from csms.domain.stations.processes import Identity
from csms.gateway.dialects.v16 import DIALECT
from csms.gateway.hub import GatewaySettings, Hub
from csms.gateway.proxies import Proxies
from csms.gateway.server import Gateway
from csms.gateway.turn import Policy
from csms.jobs.presence import Presence
from csms.jobs.relay import Relay
from csms.jobs.retention import Retention
from csms.jobs.schedule import Schedule, steps_of
from csms.kit.bus import Bus
from csms.kit.clock import Clock, SystemClock
from csms.kit.errors import Unavailable
from csms.kit.ids import uuid7
from csms.kit.sealing import Seal
from csms.kit.tasks import Tasks
from csms.kit.tracing import Span, no_span

if TYPE_CHECKING:
    from csms.adapters.tracing.otel import Traces

log = structlog.get_logger(__name__)

ONLY_PROCESS: Final = "main"
CALM_BESIDE_STATIONS: Final = 9.0  # a relay in a gateway's process takes at most a tenth of its time
LAST_REQUESTS_S: Final = 20  # how long a stopping API waits for requests that are under way
LAST_COMMITS_S: Final = 30.0  # how long a stopping gateway waits for a database that refuses; stations say it all again


@dataclass(frozen=True, slots=True)
class Server:
    """A running process: where it listens, its parts for whoever embeds it, and a one-time set-up link if it needs one.

    Parts of roles that it does not play stand idle. `gave_up` is set when the process must not go on.
    """

    http_url: str
    ocpp_url: str
    ocpp_tls_url: str | None
    context: ApiContext
    hub: Hub
    recorder: GroupRecorder
    setup_url: str | None
    name: str = ONLY_PROCESS
    gave_up: asyncio.Event = field(default_factory=asyncio.Event)


class Stage:
    """Why a process serves not yet, or no more: None while it does. The `relay` is there once it works."""

    words: str | None = "it is starting"
    relay: Relay | None = None


@asynccontextmanager
async def run_server(
    settings: Settings, traces: "Traces | None" = None, clock: Clock | None = None
) -> AsyncIterator[Server]:
    """The roles of the settings, until the block ends; then all stops in order and nothing handed in is lost.

    `traces` are those of whoever embeds it, instead of what the settings say; so is the `clock`.
    """
    async with AsyncExitStack() as stack:
        home, key = _open_home(stack, settings)
        files: FileStore = LocalFiles(home.files()) if "api" in settings.role_set else NoFiles()
        clock, tasks, gave_up = clock or SystemClock(), Tasks(), asyncio.Event()
        name = settings.name or (ONLY_PROCESS if settings.alone else f"{socket.gethostname()}-{os.getpid()}")
        store = await open_store(stack, settings, home, clock.now())
        traces = traces or open_traces(settings, name)
        if traces is not None:
            stack.callback(traces.close)
        stack.push_async_callback(tasks.stop)
        bus = await open_bus(stack, settings, tasks, name)
        if traces is not None:
            bus = traces.bus(bus, store.database, tasks)
        who = Identity(name, uuid7(clock.now()), settings.roles, __version__)
        presence = Presence(who, database=store.database, clock=clock, lease_s=settings.lease_s, give_up=gave_up.set)
        writer = traces.writer(store.writer) if traces is not None else store.writer
        recorder = GroupRecorder(writer, tasks, settings.recorder_backlog_mib * 2**20)
        hub = Hub(
            database=store.database,
            recorder=recorder,
            bus=bus,
            clock=clock,
            tasks=tasks,
            dialect=DIALECT,
            policy=_policy(settings),
            seal=Seal(key),
            settings=_gateway_settings(settings, name),
        )
        await _read_quirks(settings, home, hub)
        await presence.start()
        stack.push_async_callback(_leave, presence)
        tasks.start(presence.run(), name="presence")
        stage = Stage()
        await _watch(stack, settings, hub, recorder, presence, stage)
        pki = Pki(settings, home, clock)
        ocpp_url, ocpp_tls_url = await _serve_stations(stack, settings, hub, recorder, key, pki)
        api_settings = _api_settings(settings, ocpp_url, ocpp_tls_url, recorder, presence, stage)
        context = ApiContext(
            store.database, bus, clock, tasks, key, api_settings,
            files=files, authority=pki.authority, profiles=hub.profiles,
        )  # fmt: skip
        stage.relay = _work(
            settings, store, bus, clock, tasks, presence, pki, traces.span if traces is not None else no_span
        )
        http_url, setup_url = "", None
        if "api" in settings.role_set:
            http_url = await _serve_http(stack, settings, context, traces)
            setup_url = await _first_administrator(settings, context, http_url)
        stage.words = None
        try:
            yield Server(http_url, ocpp_url, ocpp_tls_url, context, hub, recorder, setup_url, name, gave_up)
        finally:
            stage.words = "it is stopping"


async def _watch(
    stack: AsyncExitStack, settings: Settings, hub: Hub, recorder: GroupRecorder, presence: Presence, stage: Stage
) -> None:
    """Serve health and metrics, if that is wanted: from before any door is open until all are closed."""
    if settings.monitor is None:
        return

    def troubles() -> dict[str, str | None]:
        process = stage.words or presence.trouble
        bus = getattr(hub.bus, "trouble", None)
        return {"recorder": recorder.trouble, "process": process, "bus": bus, "clock": presence.clocks}

    watched = Watched(
        hub.settings.name, settings.roles, __version__, lambda: len(hub.links), hub.crowd, hub.tally, recorder, troubles,
        lambda: (stage.relay.backlog if stage.relay is not None else None, hub.clock.now()),
    )  # fmt: skip
    await _serve_asgi(stack, hub.tasks, Monitor(watched), address(settings.monitor, "monitor"))


def _open_home(stack: AsyncExitStack, settings: Settings) -> tuple[Home, bytes]:
    """The data directory and the stations' key; the directory is ours alone if the database is in it."""
    home = Home(settings.data)
    if settings.database_url is None:
        home.lock()
        stack.callback(home.unlock)
    return home, read_key(settings.station_key_file) if settings.station_key_file else home.station_key()


async def _leave(presence: Presence) -> None:
    try:
        await presence.stop()
    except Unavailable as trouble:
        log.warning("the process could not sign off; its lease will end", reason=trouble.detail)


async def _serve_stations(
    stack: AsyncExitStack, settings: Settings, hub: Hub, recorder: GroupRecorder, key: bytes, pki: Pki
) -> tuple[str, str | None]:
    """Open the stations' doors, if that is our role; gives the URLs that stations connect to, plain and over TLS."""
    host, port = address(settings.ocpp, "ocpp")
    tls_host, tls_port = address(settings.ocpp_tls, "ocpp_tls") if settings.ocpp_tls is not None else ("", 0)
    if "gateway" in settings.role_set:
        tls = await pki.station_tls() if settings.ocpp_tls is not None else None
        proxies = Proxies.of(settings.trusted_proxies)
        gateway = Gateway(hub, key, tls.for_gateway if tls is not None else None, settings.cpo_name, proxies)
        await gateway.start()
        shared = settings.ocpp_tls == settings.ocpp and port > 0
        port = await gateway.listen(host, port, secured=shared)
        if shared:
            tls_port = port
        elif tls is not None:
            tls_port = await gateway.listen(tls_host, tls_port, plain=False, secured=True)
        if tls is not None:
            hub.tasks.start(tls.run(), name="tls")
            hub.tasks.start(tls.watch_lists(gateway.revocations.lists_changed), name="revocation lists")
        stack.callback(hub.end)
        stack.push_async_callback(_last_commits, recorder)
        stack.push_async_callback(gateway.stop, 0.0 if settings.alone else settings.drain_s)
    tls_url = settings.ocpp_tls_url or (f"wss://{_shown(tls_host)}:{tls_port}/ocpp" if settings.ocpp_tls else None)
    return settings.ocpp_url or f"ws://{_shown(host)}:{port}/ocpp", tls_url


async def _read_quirks(settings: Settings, home: Home, hub: Hub) -> None:
    """The operator's quirk profiles, now and whenever they change."""
    files = QuirkFiles(settings.quirks or home.path / "quirks", hub.profiles)
    await asyncio.to_thread(files.look)
    hub.tasks.start(files.run(hub.profiles_changed), name="quirk profiles")


async def _last_commits(recorder: GroupRecorder) -> None:
    try:
        await asyncio.wait_for(recorder.drained(), LAST_COMMITS_S)
    except TimeoutError:
        log.error("stopping although the database refuses; unanswered stations will say it again", why=recorder.trouble)


def _work(
    settings: Settings,
    store: Store,
    bus: Bus,
    clock: Clock,
    tasks: Tasks,
    presence: Presence,
    pki: Pki,
    span: Span,
) -> Relay | None:
    """Background work, if that is our role; gives the relay of facts."""
    if "jobs" not in settings.role_set:
        return None
    schedule = Schedule(steps_of(store.database, bus, clock, presence, pki.authority), span)
    tasks.start(schedule.run(), name="schedule")
    tasks.start(Retention(store.shelves, clock, settings.keep_days).run(), name="retention")
    relay = Relay(
        database=store.database,
        clock=clock,
        reactions=REACTIONS,
        worker=presence.who.instance,
        calm=CALM_BESIDE_STATIONS if "gateway" in settings.role_set else 0.0,
        span=span,
    )
    tasks.start(relay.run(), name="relay")
    tasks.start(relay.watch(), name="relay watch")
    return relay


def _policy(settings: Settings) -> Policy:
    concurrent = settings.allow_concurrent_sessions
    heartbeat_s, retry_s = settings.heartbeat_interval_s, settings.registration_retry_s
    return Policy(
        heartbeat_s,
        retry_s,
        concurrent,
        settings.quiet_session_s,
        cpo_name=settings.cpo_name,
        without_database=settings.authorize_without_database,
    )


def _gateway_settings(settings: Settings, name: str) -> GatewaySettings:
    return GatewaySettings(
        name,
        ping_interval_s=settings.ping_interval_s,
        unknown_stations=settings.unknown_stations,
        handshakes_at_once=settings.handshakes_at_once,
        tls_handshakes_at_once=settings.tls_handshakes_at_once,
        handshakes_waiting=settings.handshakes_waiting,
        handshakes_per_s=settings.handshakes_per_s,
        boots_per_s=settings.boots_per_s,
        busy_after_s=settings.busy_after_s,
    )


def _api_settings(
    settings: Settings,
    ocpp_url: str,
    ocpp_tls_url: str | None,
    recorder: GroupRecorder,
    presence: Presence,
    stage: Stage,
) -> ApiSettings:
    return ApiSettings(
        public_url=settings.public_url,
        secure_cookies=settings.secure_cookies,
        ocpp_url=ocpp_url,
        ocpp_tls_url=ocpp_tls_url,
        map_tile_url=settings.map_tile_url,
        ready=lambda: stage.words or recorder.trouble or presence.trouble,
    )


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


async def _serve_http(stack: AsyncExitStack, settings: Settings, context: ApiContext, traces: "Traces | None") -> str:
    app = create_app(context)
    served = traces.app(app) if traces is not None else app
    host, port = address(settings.http, "http")

    def leave() -> None:
        context.leaving.set()
        app.state.live.stop()

    bound = await _serve_asgi(stack, context.tasks, served, (host, port), leave, proxies=settings.proxies)
    return settings.public_url or f"http://{_shown(host)}:{bound}"


async def _serve_asgi(
    stack: AsyncExitStack,
    tasks: Tasks,
    app: Any,
    at: tuple[str, int],
    before_stop: Callable[[], None] = lambda: None,
    *,
    proxies: Sequence[str] = (),
) -> int:
    """Serve until the stack unwinds; gives the port. The `proxies` are believed where a request comes from.

    Raises OSError when nobody can listen there; left to itself uvicorn would end the process.
    """
    config = uvicorn.Config(
        app, host=at[0], port=at[1], log_config=None, access_log=False, lifespan="off", server_header=False,
        timeout_graceful_shutdown=LAST_REQUESTS_S, proxy_headers=bool(proxies), forwarded_allow_ips=list(proxies),
    )  # fmt: skip
    family = socket.AF_INET6 if ":" in at[0] else socket.AF_INET
    listening = socket.create_server(at, family=family, backlog=config.backlog)
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup([listening])
    running = tasks.start(server.main_loop(), name="http")

    async def stop() -> None:
        server.should_exit = True
        before_stop()
        await running
        await server.shutdown([listening])

    stack.push_async_callback(stop)
    bound: int = server.servers[0].sockets[0].getsockname()[1]
    return bound


async def _first_administrator(settings: Settings, context: ApiContext, http_url: str) -> str | None:
    """Create the first administrator from the settings; without, give a one-time link for the first person."""
    if settings.admin_email is not None and settings.admin_password is not None:
        await accounts.ensure_first_administrator(
            context.database,
            context.passwords,
            context.clock,
            email=settings.admin_email,
            password=settings.admin_password,
        )
    async with context.database.unit() as session:
        if not await accounts.needs_setup(session):
            return None
        token = await accounts.new_setup_link(session, context.clock.now())
    return f"{http_url}/setup?token={token}"
