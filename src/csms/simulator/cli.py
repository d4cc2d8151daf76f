"""`csms simulate`: a fleet of stations from the command line."""

import asyncio
import signal
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from csms.simulator.fleet import Fleet, Snapshot, make_specs
from csms.simulator.spec import StationSpec
from csms.simulator.tls_options import read_tls

if sys.platform == "win32":
    from asyncio import run
else:
    from uvloop import run


def _file(words: str) -> Any:
    return typer.Option(exists=True, dir_okay=False, help=words)


_LINE_EVERY_S = 0.5
_PLAIN_LINE_EVERY_S = 10.0
_DEFAULT_STATIONS = 10


def simulate(
    url: Annotated[str, typer.Argument(help="Where to connect, without the identity: ws://host:port/ocpp or wss://…")],
    stations: Annotated[
        int | None, typer.Option(min=1, help="How many; default: those of the password file, else 10")
    ] = None,
    connectors: Annotated[int, typer.Option(min=1, max=50, help="Connectors a station")] = 2,
    seed: Annotated[int, typer.Option(help="The same seed gives the same drivers, cars and mishaps")] = 1,
    speed: Annotated[float, typer.Option(min=0.01, help="Simulated seconds in a real one")] = 1.0,
    id_tag: Annotated[
        list[str] | None, typer.Option(help="A card drivers use; give many. Default: invented ones")
    ] = None,
    password_file: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Identity and password, a station a line")
    ] = None,
    password: Annotated[str | None, typer.Option(help="Of every station that the password file does not name")] = None,
    prefix: Annotated[str, typer.Option(help="Identities are this and a number")] = "SIM-",
    ca: Annotated[Path | None, _file("Root certificates to trust, PEM; without, those of this machine")] = None,
    cert: Annotated[Path | None, _file("The station's certificate, PEM; its common name is the identity")] = None,
    key: Annotated[Path | None, _file("The key of --cert, PEM")] = None,
    journal: Annotated[Path | None, typer.Option(help="Append every transaction to this file as JSON lines")] = None,
    duration: Annotated[float | None, typer.Option(min=0, help="Stop after so many real seconds")] = None,
) -> None:
    """Simulate charging stations that talk OCPP 1.6J to any central system, until Ctrl-C.

    The exit code is 1 if the central system sent anything the specification does not allow.
    """
    if not url.startswith(("ws://", "wss://")):
        raise typer.BadParameter("must begin with ws:// or wss://", param_hint="URL")
    passwords = {} if password_file is None else _read_passwords(password_file)
    secured = read_tls(url, ca, cert, key)
    identities = _identities(list(passwords), stations, prefix) if secured.owner is None else [secured.owner]
    if secured.owner is not None and (stations or 1) > 1:
        raise typer.BadParameter("a certificate is of one station", param_hint="--stations")
    if password is not None:
        passwords = dict.fromkeys(identities, password) | passwords
    specs = make_specs(identities, connectors=connectors, seed=seed, passwords=passwords)
    specs = [replace(spec, **secured.options) for spec in specs]

    async def main() -> Fleet:
        fleet = Fleet(url, specs, seed=seed, id_tags=id_tag or _invented_cards(specs), speed=speed, journal=journal)
        await _run(fleet, duration)
        return fleet

    fleet = run(main())
    _summarise(fleet)
    if fleet.violations or fleet.failures:
        raise typer.Exit(1)


def _read_passwords(path: Path) -> dict[str, str]:
    """Identity and password of each line; empty lines and lines that begin with # are skipped."""
    passwords: dict[str, str] = {}
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        identity, _, password = line.strip().partition(" ")
        if not password.strip() or identity in passwords:
            raise typer.BadParameter(f"{path}, line {number}: expected a new identity and its password")
        passwords[identity] = password.strip()
    return passwords


def _identities(known: list[str], stations: int | None, prefix: str) -> list[str]:
    """Those with a password first, then invented ones up to the number asked for."""
    wanted = stations if stations is not None else len(known) or _DEFAULT_STATIONS
    invented = (f"{prefix}{number:04}" for number in range(1, wanted + len(known) + 1))
    return (known + [identity for identity in invented if identity not in known])[:wanted]


def _invented_cards(specs: list[StationSpec]) -> list[str]:
    """A card for every connector."""
    return [f"SIMCARD-{number:05}" for number in range(1, sum(len(spec.connectors) for spec in specs) + 1)]


async def _run(fleet: Fleet, duration: float | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # not made for Windows, where Ctrl-C ends it less cleanly
            loop.add_signal_handler(number, stop.set)
    if duration is not None:
        loop.call_later(duration, stop.set)
    await fleet.start()
    await _show_progress(fleet, stop)
    await fleet.stop(finish=True)


async def _show_progress(fleet: Fleet, stop: asyncio.Event) -> None:
    live = sys.stdout.isatty()
    while not stop.is_set():
        typer.echo(f"\r{_line(fleet.snapshot())}\x1b[K" if live else _line(fleet.snapshot()), nl=not live)
        try:
            await asyncio.wait_for(stop.wait(), _LINE_EVERY_S if live else _PLAIN_LINE_EVERY_S)
        except TimeoutError:
            continue
    if live:
        typer.echo()


def _line(now: Snapshot) -> str:
    parts = [
        f"{now.online}/{now.stations} online",
        f"{now.charging} charging",
        f"{now.energy_wh / 1000:.1f} kWh",
        f"{now.messages_out} sent",
        f"{now.messages_in} received",
        f"{now.queued} queued",
    ]
    if now.faulted:
        parts.append(f"{now.faulted} faulted")
    if now.violations:
        parts.append(f"{now.violations} VIOLATIONS")
    return ", ".join(parts) + (f"; cannot connect: {now.trouble}" if now.trouble is not None else "")


def _summarise(fleet: Fleet) -> None:
    now = fleet.snapshot()
    records = fleet.journal.records()
    typer.echo(
        f"{now.stations} stations, {now.transactions} transactions "
        f"({sum(record.transaction_id is not None for record in records)} acknowledged, "
        f"{sum(record.stop_acknowledged for record in records)} with their end), {now.energy_wh / 1000:.1f} kWh, "
        f"{now.messages_out} messages sent, {now.messages_in} received, {now.queued} never delivered."
    )
    if now.trouble is not None:
        typer.echo(f"At last a station could not connect: {now.trouble}", err=True)
    if fleet.violations:
        typer.echo(f"The central system violated OCPP 1.6 {len(fleet.violations)} times:", err=True)
        for violation in fleet.violations[:20]:
            typer.echo(f"  {violation.station}: {violation.code}: {violation.description}", err=True)
    if fleet.failures:
        typer.echo(f"The simulator itself failed {len(fleet.failures)} times; see above.", err=True)
