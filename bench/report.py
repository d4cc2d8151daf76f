"""The figures side by side: one list of rows, for the terminal and for Markdown."""

from collections.abc import Callable
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from bench.results import Results, ServerResult

SUBJECT = "csms"
REFERENCES = ("ocpp", "echo")


class Figure(NamedTuple):
    """One thing measured: what it is called, its unit, and what DESIGN §8 asks of it (None: nothing)."""

    label: str
    unit: str
    read: Callable[[ServerResult], float | None]
    at_most: float | None = None
    at_least: float | None = None
    about_server: bool = True

    @property
    def budget(self) -> str:
        if self.at_most is not None:
            return f"≤ {number(self.at_most)} {self.unit}"
        return f"≥ {number(self.at_least)} {self.unit}" if self.at_least is not None else ""

    def is_met(self, value: float) -> bool | None:
        """Whether the budget is kept; None when there is none."""
        if self.at_most is not None:
            return value <= self.at_most
        return value >= self.at_least if self.at_least is not None else None


class Row(NamedTuple):
    figure: Figure
    values: dict[str, float]

    @property
    def mark(self) -> str:
        met = self.figure.is_met(self.values[SUBJECT]) if SUBJECT in self.values else None
        return {True: "✓", False: "✗", None: ""}[met]

    def ratio(self, reference: str) -> str:
        """How many times the subject's figure is the reference's."""
        subject, other = self.values.get(SUBJECT), self.values.get(reference)
        if not self.figure.about_server:
            return ""
        return f"{number(subject / other)}×" if subject is not None and other else ""


def figures(results: Results) -> list[Figure]:
    charging = [
        Figure("messages", "/s", _closed("per_second"), at_least=8000),
        Figure("server CPU a message", "µs", _closed("server_cpu_us"), at_most=100),
        Figure("p50", "ms", _closed("p50_ms")),
        Figure("p99", "ms", _closed("p99_ms")),
        Figure("p50 at 2,000/s", "ms", _open("p50_ms")),
        Figure("p99 at 2,000/s", "ms", _open("p99_ms"), at_most=20),
        Figure("server CPU a message at 2,000/s", "µs", _open("server_cpu_us")),
    ]
    idle = sorted({memory.stations for server in results.servers for memory in server.memory})
    connections = [Figure(f"memory a station, {n:,} idle", "KiB", _memory(n), at_most=16) for n in idle]
    connections.append(Figure("stations that connect and boot", "/s", _arrivals, at_least=700))
    for n in sorted({restart.stations for server in results.servers for restart in server.restarts}):
        at_most = 15 if n == 10_000 else None
        connections.append(Figure(f"{n:,} stations back after kill -9", "s", _restart(n, "back_s"), at_most=at_most))
        connections.append(Figure("… of which the server's start", "s", _restart(n, "start_s")))
        at_least = 700 if n >= 5000 else None  # fewer are back as soon as their pause is over: no measure of the server
        connections.append(Figure("… connects and boots since", "/s", _restart(n, "per_second"), at_least=at_least))
    commands = [Figure("command, API call to frame, p95", "ms", lambda server: server.command_p95_ms, at_most=20)]
    noise = [
        Figure("load generator CPU a message", "µs", _closed("load_cpu_us"), about_server=False),
        Figure("load generator late at 2,000/s, at most", "ms", _open("late_ms"), about_server=False),
        Figure("cores kept busy by others", "", _other_cores, about_server=False),
    ]
    return charging + connections + commands + noise


def rows(results: Results) -> list[Row]:
    """Every figure that at least one server has."""
    table = []
    for figure in figures(results):
        values = {server.name: figure.read(server) for server in results.servers}
        known = {name: value for name, value in values.items() if value is not None}
        if known:
            table.append(Row(figure, known))
    return table


def number(value: float | None) -> str:
    """Three digits that matter: 12,300 · 123 · 12.3 · 0.123; a dash for None."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def print_table(results: Results, console: Console) -> None:
    title = f"{results.stations} stations, closed loop {results.seconds:g} s · {results.machine.cpu_model}"
    table = Table(title=f"{title} × {results.machine.cpus}")
    table.add_column("figure")
    table.add_column("budget", justify="right")
    for server in results.servers:
        table.add_column(server.title, justify="right")
    references = _references(results)
    for reference in references:
        table.add_column(f"{SUBJECT} ÷ {reference}", justify="right")
    for row in rows(results):
        cells = [_cell(row, server.name) for server in results.servers]
        ratios = [row.ratio(reference) for reference in references]
        table.add_row(f"{row.figure.label}", row.figure.budget, *cells, *ratios)
    console.print(table)
    for server in results.servers:
        for note in server.notes:
            console.print(f"{server.title}: {note}", style="yellow")
        for text, count in server.errors.items():
            console.print(f"ERROR {server.title}: {count} × {text}", style="bold red", markup=False)


def _references(results: Results) -> list[str]:
    return [name for name in REFERENCES if results.find(SUBJECT) and results.find(name)]


def _cell(row: Row, name: str) -> str:
    text = f"{number(row.values.get(name))} {row.figure.unit}" if name in row.values else "–"
    if name == SUBJECT and row.mark:
        return f"[{'green' if row.mark == '✓' else 'red'}]{text} {row.mark}"
    return text


def _closed(field: str) -> Callable[[ServerResult], float | None]:
    return lambda server: getattr(server.closed_loop, field, None)


def _open(field: str) -> Callable[[ServerResult], float | None]:
    return lambda server: getattr(server.open_loop, field, None)


def _memory(stations: int) -> Callable[[ServerResult], float | None]:
    return lambda server: next((m.per_station_bytes / 1024 for m in server.memory if m.stations == stations), None)


def _restart(stations: int, field: str) -> Callable[[ServerResult], float | None]:
    return lambda server: next((getattr(r, field) for r in server.restarts if r.stations == stations), None)


def _other_cores(server: ServerResult) -> float | None:
    windows = [window for window in (server.closed_loop, server.open_loop) if window is not None]
    return max((window.other_cores for window in windows), default=None)


def _arrivals(server: ServerResult) -> float | None:
    return server.arrivals[-1].per_second if server.arrivals else None
