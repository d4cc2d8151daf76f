"""Wiring: plain constructors, in the order things depend on each other, taken down in reverse."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import uvicorn

from csms.adapters.bus.memory import MemoryBus
from csms.adapters.db.engine import SqliteDatabase
from csms.adapters.db.migrate import upgrade_sqlite
from csms.adapters.db.recorder import GroupRecorder
from csms.adapters.db.sqlite_writer import SqliteWriter
from csms.api.app import create_app
from csms.api.context import ApiContext, ApiSettings
from csms.app.home import Home
from csms.app.settings import Settings, address
from csms.domain.accounts import service as accounts
from csms.gateway.dialects.v16 import DIALECT
from csms.gateway.hub import GatewaySettings, Hub
from csms.gateway.server import Gateway
from csms.gateway.turn import Policy
from csms.jobs.schedule import Schedule
from csms.kit.clock import SystemClock
from csms.kit.tasks import Tasks

GATEWAY_NAME = "main"


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: where it listens, its parts for whoever embeds it, and a one-time set-up link if it needs one."""

    http_url: str
    ocpp_url: str
    context: ApiContext
    hub: Hub
    recorder: GroupRecorder
    setup_url: str | None


@asynccontextmanager
async def run_server(settings: Settings) -> AsyncIterator[Server]:
    """Everything in one process on SQLite, until the block ends; then it stops in order and nothing handed in is lost."""
    async with AsyncExitStack() as stack:
        home = Home(settings.data)
        home.lock()
        stack.callback(home.unlock)
        await asyncio.to_thread(upgrade_sqlite, home.database)
        clock = SystemClock()
        tasks = Tasks()
        database = SqliteDatabase(home.database)
        stack.push_async_callback(database.close)
        stack.push_async_callback(tasks.stop)
        writer = SqliteWriter(database)
        stack.callback(writer.close)
        recorder = GroupRecorder(writer, tasks)
        bus = MemoryBus()
        hub = Hub(
            database=database,
            recorder=recorder,
            bus=bus,
            clock=clock,
            tasks=tasks,
            dialect=DIALECT,
            policy=_policy(settings),
            settings=GatewaySettings(
                GATEWAY_NAME,
                ping_interval_s=settings.ping_interval_s,
                unknown_stations=settings.unknown_stations,
            ),
        )
        gateway = Gateway(hub, home.station_key())
        host, port = address(settings.ocpp, "ocpp")
        ocpp_port = await gateway.start(host, port)
        stack.push_async_callback(recorder.drained)
        stack.push_async_callback(gateway.stop)
        ocpp_url = settings.ocpp_url or f"ws://{_shown(host)}:{ocpp_port}/ocpp"
        context = ApiContext(
            database, bus, clock, tasks, home.station_key(), _api_settings(settings, ocpp_url, recorder)
        )
        schedule = Schedule(database=database, bus=bus, clock=clock)
        tasks.start(schedule.run(), name="schedule")
        http_url = await _serve_http(stack, settings, context)
        setup_url = await _first_administrator(settings, context, http_url)
        yield Server(http_url, ocpp_url, context, hub, recorder, setup_url)


def _policy(settings: Settings) -> Policy:
    return Policy(settings.heartbeat_interval_s, settings.registration_retry_s, settings.allow_concurrent_sessions)


def _api_settings(settings: Settings, ocpp_url: str, recorder: GroupRecorder) -> ApiSettings:
    return ApiSettings(
        public_url=settings.public_url,
        secure_cookies=settings.secure_cookies,
        ocpp_url=ocpp_url,
        ready=lambda: recorder.trouble,
    )


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


async def _serve_http(stack: AsyncExitStack, settings: Settings, context: ApiContext) -> str:
    host, port = address(settings.http, "http")
    config = uvicorn.Config(
        create_app(context),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
    )
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    running = context.tasks.start(server.main_loop(), name="http")

    async def stop() -> None:
        server.should_exit = True
        await running
        await server.shutdown()

    stack.push_async_callback(stop)
    bound = server.servers[0].sockets[0].getsockname()[1]
    return settings.public_url or f"http://{_shown(host)}:{bound}"


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
