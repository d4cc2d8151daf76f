"""`python -m bench`: measure csms and its references, print tables, keep the figures in `build/bench.json`.

Measured in pieces (`--only postgres,charging`), the last result of every server is kept."""

import argparse
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from rich.console import Console

from bench.large import SETUPS
from bench.loader import LoadError
from bench.machine import commit, describe
from bench.markdown import render
from bench.measure import MEASUREMENTS, PLANS, Plan
from bench.process import raise_open_files
from bench.report import print_tables
from bench.results import Results, Run, ServerResult
from bench.servers import Server, ServerError

BUILD = Path("build")
RESULTS = BUILD / "bench.json"


def parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--quick", dest="mode", action="store_const", const="quick", help="under a minute")
    mode.add_argument("--full", dest="mode", action="store_const", const="full", help="longer, and 10,000 stations")
    mode.add_argument("--markdown", action="store_true", help="print build/bench.json as Markdown; measure nothing")
    parser.add_argument("--stations", type=_positive, help="stations that charge at once (500)")
    parser.add_argument("--seconds", type=_positive, help="how long the closed loop is measured")
    parser.add_argument(
        "--only", type=_some_of(*SETUPS, *MEASUREMENTS), default=[], help=_choices(*SETUPS, *MEASUREMENTS)
    )
    parser.set_defaults(mode="default")
    return parser.parse_args(argv)


def main(argv: list[str]) -> int:
    arguments = parse(argv)
    console = Console(width=None if sys.stdout.isatty() else 132)
    if arguments.markdown:
        return _print_markdown()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))  # so that servers are stopped
    raise_open_files()
    BUILD.mkdir(exist_ok=True)
    plan = _plan(arguments)
    run = Run(datetime.now(UTC).isoformat(timespec="seconds"), commit(), arguments.mode, plan.stations, plan.seconds)
    results = Results(describe(BUILD), _earlier())
    measurements = [name for name in MEASUREMENTS if name in arguments.only] or [*MEASUREMENTS]
    measured = []
    for setup in [name for name in SETUPS if name in arguments.only] or SETUPS:
        for server_type in SETUPS[setup]:
            measured.append(_measure(server_type, run, plan, measurements, console))
            results.put(measured[-1])
            results.save(RESULTS)
    print_tables(results, console)
    console.print(f"all figures: {RESULTS}")
    return 1 if any(server.errors for server in measured) else 0


def _earlier() -> list[ServerResult]:
    """What is known of servers that this run leaves alone."""
    try:
        return Results.load(RESULTS).servers
    except (OSError, msgspec.MsgspecError):
        return []


def _measure(
    server_type: type[Server], run: Run, plan: Plan, measurements: list[str], console: Console
) -> ServerResult:
    result = ServerResult(server_type.name, server_type.title, run)
    for measurement in measurements:
        with console.status(f"{server_type.title}: {measurement} …"):
            try:
                MEASUREMENTS[measurement](server_type, plan, BUILD, result)
            except ServerError as error:
                result.errors[f"{measurement}: {error}"] = 1
                break  # what kept it from starting will do so again
            except (LoadError, OSError) as error:
                result.errors[f"{measurement}: {error}"] = 1
    return result


def _plan(arguments: argparse.Namespace) -> Plan:
    given = {key: value for key in ("stations", "seconds") if (value := getattr(arguments, key)) is not None}
    return msgspec.structs.replace(PLANS[arguments.mode], **given)


def _print_markdown() -> int:
    try:
        results = Results.load(RESULTS)
    except (OSError, msgspec.MsgspecError) as error:
        print(f"{RESULTS} cannot be read, run the benchmark first: {error}", file=sys.stderr)
        return 1
    print(render(results))
    return 0


def _positive(text: str) -> int:
    value = int(text)
    if value <= 0:
        raise argparse.ArgumentTypeError("must be above zero")
    return value


def _choices(*names: str) -> str:
    return "comma-separated: " + ", ".join(names)


def _some_of(*names: str) -> Callable[[str], list[str]]:
    """An argparse type: a comma-separated list of these names."""

    def chosen(text: str) -> list[str]:
        words = text.split(",")
        if unknown := [word for word in words if word not in names]:
            raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}; {_choices(*names)}")
        return words

    return chosen


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
