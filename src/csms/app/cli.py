"""The command line: `csms serve`, `simulate`, `demo`, `doctor`, `replay`, `api-key`, `db`, `config`."""

import asyncio
import errno
import sys
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from csms.app import logs, loop
from csms.app.home import Home
from csms.app.settings import Settings, load
from csms.domain.accounts.rules import Role
from csms.kit.errors import Problem

app = typer.Typer(
    name="csms", help="Bluesky, a charging station management system.", no_args_is_help=True, add_completion=False,
    pretty_exceptions_enable=False,
)  # fmt: skip
api_key = typer.Typer(help="Keys for scripts that use the API.", no_args_is_help=True)
db = typer.Typer(help="The database.", no_args_is_help=True)
app.add_typer(api_key, name="api-key")
app.add_typer(db, name="db")

Data = Annotated[Path | None, typer.Option(help="Directory of the database and the keys.")]
Http = Annotated[str | None, typer.Option(help="Where people and scripts connect, HOST:PORT.")]
Ocpp = Annotated[str | None, typer.Option(help="Where charging stations connect, HOST:PORT.")]
Config = Annotated[Path | None, typer.Option(help="A TOML file with settings (default: csms.toml, if there is one).")]


@app.command()
def serve(
    data: Data = None,
    http: Http = None,
    ocpp: Ocpp = None,
    role: Annotated[
        list[str] | None, typer.Option(help="gateway, api or jobs; may be repeated (default: all).")
    ] = None,
    config: Config = None,
) -> None:
    """Run the system, or some roles of it, until Ctrl-C or SIGTERM."""
    loop.hold_collector()
    roles = ",".join(role) if role else None
    settings = load({"data": data, "http": http, "ocpp": ocpp, "roles": roles}, file=config)
    logs.set_up(settings.log_level)
    loop.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    from csms.app.wiring import run_server

    async with run_server(settings) as server:
        places = (("People", server.http_url), ("Stations", f"{server.ocpp_url}/<identity>"))
        shown = [f"{who}: {url}" for role, (who, url) in zip(("api", "gateway"), places, strict=True)
                 if role in settings.role_set]  # fmt: skip
        print("  ".join(["Bluesky is running.", *shown]), flush=True)
        if server.setup_url is not None:
            print(f"Create the first administrator here, once: {server.setup_url}", flush=True)
        loop.calm_collector()
        await loop.until_signal(server.gave_up)
        print("Stopping …", flush=True)
    if server.gave_up.is_set():
        raise typer.Exit(1)


@app.command("config")
def show_config(data: Data = None, http: Http = None, ocpp: Ocpp = None, config: Config = None) -> None:
    """Print the settings in force; secrets are masked."""
    for name, value in load({"data": data, "http": http, "ocpp": ocpp}, file=config).shown().items():
        print(f"{name} = {value}")


@api_key.command("create")
def create_key(
    name: str,
    role: Annotated[Role, typer.Option(help="What the key may do.")] = Role.VIEWER,
    organisation: Annotated[UUID | None, typer.Option(help="Only in this organisation and those below it.")] = None,
    location: Annotated[UUID | None, typer.Option(help="Only at this location.")] = None,
    data: Data = None,
    config: Config = None,
) -> None:
    """Make an API key and print it, alone; it is shown this once."""
    print(asyncio.run(_create_key(load({"data": data}, file=config), name, (role, organisation, location))))


async def _create_key(settings: Settings, name: str, grant: tuple[Role, UUID | None, UUID | None]) -> str:
    from contextlib import AsyncExitStack

    from csms.app.stores import open_store
    from csms.domain.accounts import service as accounts
    from csms.kit.clock import SystemClock

    now = SystemClock().now()
    async with AsyncExitStack() as stack:
        store = await open_store(stack, settings, Home(settings.data), now)
        async with store.database.unit() as session:
            _, text = await accounts.create_api_key(session, name, [accounts.NewGrant(*grant)], now)
            return text


@db.command("upgrade")
def upgrade(data: Data = None, config: Config = None) -> None:
    """Bring the database to the shape this version needs; a system of one process does it at every start."""
    from csms.app import stores

    print(f"{asyncio.run(stores.upgrade(load({'data': data}, file=config)))} is up to date.")


@db.command("prune")
def prune(data: Data = None, config: Config = None) -> None:
    """Remove what is older than frames_days, readings_days, facts_days and audit_days, now; the jobs do it every hour."""
    for table, count in asyncio.run(_prune(load({"data": data}, file=config))).items():
        print(f"{table}: {count} removed")


async def _prune(settings: Settings) -> dict[str, int]:
    from csms.app.stores import kept_in
    from csms.jobs.retention import Retention
    from csms.kit.clock import SystemClock

    async with kept_in(settings) as shelves:
        return await Retention(shelves, SystemClock(), settings.keep_days).due()


def _mount() -> None:
    from csms.app.backup import backup, restore
    from csms.app.demo import demo
    from csms.app.doctor import doctor
    from csms.app.moving import copy
    from csms.app.replay import replay
    from csms.simulator.cli import simulate

    app.command()(simulate)
    app.command()(demo)
    app.command()(doctor)
    app.command()(replay)
    app.command()(backup)
    app.command()(restore)
    db.command()(copy)


def main(arguments: list[str] | None = None) -> Any:
    """The `csms` command: exit code 2 for what the caller can mend, with one plain sentence."""
    _mount()
    try:
        app(arguments)
    except Problem as problem:
        print(f"csms: {problem.detail}", file=sys.stderr)
        for name, value in problem.facts.items():
            print(f"  {name}: {value}", file=sys.stderr)
        sys.exit(2)
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES):
            raise
        print(f"csms: cannot listen: {error.strerror}", file=sys.stderr)
        sys.exit(2)
