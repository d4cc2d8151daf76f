"""The command line: `csms serve`, `simulate`, `demo`, `api-key`, `db`, `config`."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Any

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
def serve(data: Data = None, http: Http = None, ocpp: Ocpp = None, config: Config = None) -> None:
    """Run the system in one process until Ctrl-C or SIGTERM."""
    settings = load({"data": data, "http": http, "ocpp": ocpp}, file=config)
    logs.set_up(settings.log_level)
    loop.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    from csms.app.wiring import run_server

    async with run_server(settings) as server:
        print(f"Bluesky is running. People: {server.http_url}  stations: {server.ocpp_url}/<identity>", flush=True)
        if server.setup_url is not None:
            print(f"Create the first administrator here, once: {server.setup_url}", flush=True)
        loop.calm_collector()
        await loop.until_signal()
        print("Stopping …", flush=True)


@app.command("config")
def show_config(data: Data = None, http: Http = None, ocpp: Ocpp = None, config: Config = None) -> None:
    """Print the settings in force; secrets are masked."""
    for name, value in load({"data": data, "http": http, "ocpp": ocpp}, file=config).shown().items():
        print(f"{name} = {value}")


@api_key.command("create")
def create_key(
    name: str,
    role: Annotated[Role, typer.Option(help="What the key may do.")] = Role.VIEWER,
    data: Data = None,
    config: Config = None,
) -> None:
    """Make an API key and print it, alone; it is shown this once."""
    print(asyncio.run(_create_key(load({"data": data}, file=config), name, role)))


async def _create_key(settings: Settings, name: str, role: Role) -> str:
    from csms.adapters.db.engine import SqliteDatabase
    from csms.adapters.db.migrate import upgrade_sqlite
    from csms.domain.accounts import service as accounts
    from csms.kit.clock import SystemClock

    home = Home(settings.data)
    await asyncio.to_thread(upgrade_sqlite, home.database)
    database = SqliteDatabase(home.database)
    try:
        async with database.unit() as session:
            _, text = await accounts.create_api_key(session, name, role, SystemClock().now())
            return text
    finally:
        await database.close()


@db.command("upgrade")
def upgrade(data: Data = None, config: Config = None) -> None:
    """Bring the database to the shape this version needs (done at every start too)."""
    from csms.adapters.db.migrate import upgrade_sqlite

    home = Home(load({"data": data}, file=config).data)
    upgrade_sqlite(home.database)
    print(f"{home.database} is up to date.")


def _mount() -> None:
    from csms.app.demo import demo
    from csms.simulator.cli import simulate

    app.command()(simulate)
    app.command()(demo)


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
