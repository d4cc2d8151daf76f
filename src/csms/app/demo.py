"""`csms demo`: a network with simulated stations and drivers, to look at and to play with."""

import asyncio
import json
import secrets
import socket
import tempfile
from contextlib import ExitStack, closing, nullcontext
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.live import Live
from rich.table import Table
from sqlalchemy import and_, func, select

from csms.app import demo_network, logs, loop
from csms.app.demo_history import DAYS, make_history
from csms.app.home import Home
from csms.app.reactions import REACTIONS
from csms.app.settings import Settings, address
from csms.app.wiring import Server, run_server
from csms.domain.sessions.model import Session
from csms.domain.stations.model import Connector, Link, Station
from csms.jobs.relay import Relay
from csms.kit.ids import station_password, uuid7
from csms.simulator import Behaviour, BelatedClock, Fleet, SettingsPage, relive

EMAIL: Final = "demo@bluesky.example"
BEHAVIOUR: Final = Behaviour(
    idle_s=20, session_s=(120, 600), linger_s=(5, 40), fault_every_s=1_800, fault_s=(30, 90), offline_every_s=1_200,
    offline_s=(20, 60), power_cut_every_s=3_600, bad_cards=("UNKNOWN-CARD", "BLOCKED-1", "EXPIRED-1"), start_spread_s=2,
)  # fmt: skip
_LINE_EVERY_S: Final = 5.0
_SETTINGS_PAGE: Final = "127.0.0.1:9080"  # of the unknown station
_CARDS_OF_STRANGER: Final = 6  # a card is in one fleet only, for it is in one place at a time
_LIGHT: Final = {True: "[green]●[/]", False: "[red]○[/]"}


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a demo must remember to go on with the same data: the people's password, and the stations' own.

    `stranger` is that of the unknown station, once somebody has adopted it and entered its password.
    """

    password: str
    stations: dict[str, str]
    stranger: str | None = None
    new: bool = False


@dataclass(slots=True)
class Demo:
    """A running demo; `behind` is the number of messages that stations had kept for us in the past.

    `told` is set once all of them are taken in.
    """

    server: Server
    fleet: Fleet
    password: str
    behind: int = 0
    told: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def past(self) -> str:
        """How far the stations are with what they kept."""
        left = sum(len(station.backlog) for station in self.fleet)
        if self.behind and not left:
            return f"{DAYS} days of history: adding up what each day brought …"
        return f"{DAYS} days of history, told by the stations: {100 * (1 - left / self.behind) if self.behind else 0:.0f} %"


def demo(
    http: Annotated[str, typer.Option(help="Where people connect, HOST:PORT.")] = "127.0.0.1:8080",
    ocpp: Annotated[str, typer.Option(help="Where the simulated stations connect, HOST:PORT.")] = "127.0.0.1:9000",
    seed: Annotated[int, typer.Option(help="The same seed gives the same drivers and cars.")] = 1,
    duration: Annotated[float | None, typer.Option(min=0, help="Stop after so many seconds.")] = None,
    data: Annotated[Path | None, typer.Option(help="Keep the data here; without, they are gone afterwards.")] = None,
) -> None:
    """Start the system with a demo network, 30 days of history and a fleet of simulated stations; Ctrl-C stops all of it."""
    logs.set_up("error")
    with tempfile.TemporaryDirectory(prefix="bluesky-demo-") if data is None else nullcontext(str(data)) as folder:
        known = recall(Path(folder))
        settings = Settings(
            data=Path(folder), http=_free(http), ocpp=_free(ocpp), admin_email=EMAIL, admin_password=known.password
        )
        loop.run(_run(settings, known, seed, duration))


def recall(folder: Path) -> Secrets:
    """The secrets of an earlier demo with this data directory, or new ones, kept there."""
    file = Home(folder).path / "demo.json"
    if file.exists():
        return Secrets(**json.loads(file.read_text()))
    stations = {
        identity: station_password() for place in demo_network.LOCATIONS for identity in demo_network.identities(place)
    }
    new = Secrets(secrets.token_urlsafe(9), stations, new=True)
    file.touch(mode=0o600)
    _remember(file, new)
    return new


def _remember(file: Path, known: Secrets) -> None:
    kept = {"password": known.password, "stations": known.stations, "stranger": known.stranger}
    file.write_text(json.dumps(kept))


def _free(wanted: str) -> str:
    """The address, or the same host with a free port when somebody else listens there."""
    host, port = address(wanted, "address")
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return f"{host}:0"
    return wanted


async def _run(settings: Settings, known: Secrets, seed: int, duration: float | None) -> None:
    console = Console()
    console.print("Starting Bluesky with a demo network …")
    async with run_server(settings) as server:
        clock = BelatedClock(server.context.clock.now() - timedelta(days=DAYS))
        specs, id_tags = demo_network.specs(known.stations), demo_network.id_tags()
        cards, others = id_tags[:-_CARDS_OF_STRANGER], id_tags[-_CARDS_OF_STRANGER:]
        fleet = Fleet(server.ocpp_url, specs, seed=seed, id_tags=cards, behaviour=BEHAVIOUR, clock=clock)
        unknown = replace(demo_network.STRANGER, password=known.stranger)
        stranger = Fleet(server.ocpp_url, [unknown], seed=seed, id_tags=others, behaviour=BEHAVIOUR)
        remember = partial(_remember_stranger, settings.data, known)
        page = SettingsPage(stranger[unknown.identity], remember)
        running = Demo(server, fleet, known.password)
        settings_page = await page.open(*address(_free(_SETTINGS_PAGE), "address"))
        if known.new:
            await demo_network.build(server.context, known.stations, known.password)
        stopped = asyncio.ensure_future(_until_stopped(duration))  # noqa: TID251 - ends with this function
        living = asyncio.ensure_future(live(running, clock, seed, DAYS if known.new else 0))  # noqa: TID251 - likewise
        adopted = asyncio.ensure_future(_live_once_adopted(stranger))  # noqa: TID251 - likewise
        await stranger.start(drivers=False)
        try:
            await _hear(console, running, living, stopped)
            if running.told.is_set():
                _greet(console, running, settings_page)
                await _show(console, running, stopped)
        finally:
            stopped.cancel()
            living.cancel()
            adopted.cancel()
            [trouble, _] = await asyncio.gather(living, adopted, return_exceptions=True)
            console.print("\nStopping: the last cars are unplugged …")
            await page.close()
            await stranger.stop(finish=True)
            await fleet.stop(finish=True)
        if isinstance(trouble, Exception):
            raise trouble
        _sum_up(console, fleet)


async def live(demo: Demo, clock: BelatedClock, seed: int, days: int) -> None:
    """The stations come online and tell of the days before; then people come to charge for ever.

    Nobody is asked in before the past is told: a session of last month would look as if it ran for 450 hours.
    """
    now = demo.server.context.clock.now()
    history = make_history(seed, demo_network.id_tags(), now, days) if days else {}
    demo.behind = await relive(clock, history, list(demo.fleet))
    clock.catch_up()
    await demo.fleet.start(drivers=False)
    await demo.fleet.all_accepted()
    for station in demo.fleet:
        await station.backlog.emptied()
    await _react_at_once(demo.server)
    demo.told.set()
    demo.fleet.let_live()


async def _react_at_once(server: Server) -> None:
    """Do what follows from the history now: beside stations the server's own relay takes its time with so many facts."""
    context = server.context
    worker = uuid7(context.clock.now())
    relay = Relay(database=context.database, clock=context.clock, reactions=REACTIONS, worker=worker)
    while await relay.relay():
        pass


async def _live_once_adopted(stranger: Fleet) -> None:
    """Nobody charges at a station that is not ours yet."""
    await stranger.all_accepted()
    stranger.let_live()


def _remember_stranger(folder: Path, known: Secrets, password: str) -> None:
    _remember(Home(folder).path / "demo.json", replace(known, stranger=password))


async def _until_stopped(duration: float | None) -> None:
    try:
        await asyncio.wait_for(loop.until_signal(), duration)
    except TimeoutError:
        return


def _greet(console: Console, demo: Demo, page: str) -> None:
    url = demo.server.http_url
    for name, text in (
        ("Look around", f"[bold]{url}[/]   API reference: {url}/docs"),
        ("Sign in as", f"[bold]{EMAIL}[/]   password: [bold]{demo.password}[/]"),
        ("Stations", f"{demo.server.ocpp_url}/<identity>   12 of them, simulated, in Hamburg and Shenzhen"),
        (
            "Adopt",
            f"{demo_network.STRANGER.identity} from the inbox, and enter its password at the station itself: {page}",
        ),
    ):
        console.print(f"{name:12}  {text}", soft_wrap=True, highlight=False)
    console.print("Ctrl-C stops everything.\n")


async def _hear(console: Console, demo: Demo, living: "asyncio.Future[None]", stopped: "asyncio.Future[None]") -> None:
    """How far the stations are with what they have to tell, until they are done."""
    told = asyncio.ensure_future(demo.told.wait())  # noqa: TID251 - ends with this function
    any_of: list[asyncio.Future[Any]] = [told, living, stopped]
    with console.status(demo.past) if console.is_terminal else nullcontext() as line:
        while not any(one.done() for one in any_of):
            if line is not None:
                line.update(demo.past)
            else:
                console.print(demo.past)
            pause_s = 0.5 if line is not None else _LINE_EVERY_S
            await asyncio.wait(any_of, timeout=pause_s, return_when=asyncio.FIRST_COMPLETED)
    told.cancel()


async def _show(console: Console, demo: Demo, stopped: "asyncio.Future[None]") -> None:
    """Live progress until stopped: a table in a terminal, a line every few seconds elsewhere."""
    with ExitStack() as stack:
        live = stack.enter_context(Live(console=console, auto_refresh=False)) if console.is_terminal else None
        while not stopped.done():
            rows, summary = await _read(demo)
            if live is not None:
                live.update(_table(rows, summary), refresh=True)
            else:
                console.print(summary, soft_wrap=True)
            await asyncio.wait([stopped], timeout=1.0 if live is not None else _LINE_EVERY_S)


async def _read(demo: Demo) -> tuple[list[tuple[str, ...]], str]:
    """What the system knows, straight from its tables: a row a connector, and the whole in one sentence."""
    running = and_(
        Session.station_id == Connector.station_id, Session.evse == Connector.evse, Session.state == "active"
    )
    connectors = (
        select(Station.identity, Link.online, Connector.evse, Connector.status, Session.energy_wh, Session.power_w,
               Session.soc_percent, Session.id_token)
        .join(Connector, Connector.station_id == Station.id)
        .join(Link, Link.station_id == Station.id)
        .outerjoin(Session, running)
        .where(Connector.evse > 0)
        .order_by(Station.identity, Connector.evse)
    )  # fmt: skip
    totals = select(func.count(), func.coalesce(func.sum(Session.energy_wh), 0)).select_from(Session)
    async with demo.server.context.database.view() as session:
        found = (await session.execute(connectors)).all()
        sessions, energy_wh = (await session.execute(totals)).one()
    online = len({row.identity for row in found if row.online})
    charging = sum(row.energy_wh is not None for row in found)
    kw = sum(row.power_w or 0 for row in found) / 1000
    summary = (
        f"{online}/{len(demo.fleet)} stations online, {charging} charging at {kw:.1f} kW, "
        f"{sessions} sessions, {energy_wh / 1000:.2f} kWh, {demo.server.recorder.recorded} frames recorded"
    )
    return [_cells(row) for row in found], summary


def _cells(row: Any) -> tuple[str, ...]:
    if row.energy_wh is None:
        return row.identity, _LIGHT[bool(row.online)], str(row.evse), row.status, "", "", "", ""
    power = f"{(row.power_w or 0) / 1000:.1f} kW"
    soc = f"{row.soc_percent:.0f} %" if row.soc_percent is not None else ""
    status = f"[cyan]{row.status}[/]"
    return (
        row.identity, _LIGHT[bool(row.online)], str(row.evse), status, row.id_token, power,
        f"{row.energy_wh / 1000:.2f} kWh", soc,
    )  # fmt: skip


def _table(rows: list[tuple[str, ...]], summary: str) -> Table:
    table = Table(box=None, pad_edge=False, title_justify="left", title=summary, title_style="bold")
    for name in ("station", "", "evse", "status", "id token", "power", "energy", "SoC"):
        table.add_column(name, justify="right" if name in ("power", "energy", "SoC") else "left")
    for row in rows:
        table.add_row(*row)
    return table


def _sum_up(console: Console, fleet: Fleet) -> None:
    now = fleet.snapshot()
    console.print(
        f"The stations themselves counted {now.transactions} charging sessions and {now.energy_wh / 1000:.2f} kWh since the "
        f"start, and sent {now.messages_out} messages.",
        soft_wrap=True,
    )
    if now.violations or now.failures:
        console.print(f"[red]{now.violations} violations of OCPP, {now.failures} failures of the simulator.[/]")
        raise typer.Exit(1)
