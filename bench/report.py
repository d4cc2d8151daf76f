"""The figures side by side: one list of rows, for the terminal and for Markdown."""

from collections.abc import Callable
from typing import NamedTuple

import rich.table
from rich.console import Console

from bench.results import Arrival, Results, ServerResult

LIST_MS = 200


class View(NamedTuple):
    """A table: our own servers in it, what they are compared with, and the budget of a message's CPU time, in µs."""

    title: str
    subjects: tuple[str, ...]
    references: tuple[str, ...]
    cpu_us: float


VIEWS = (
    View("SQLite, one process", ("csms",), ("ocpp", "echo"), 100),
    View("PostgreSQL, one process and many", ("postgres", "cluster"), (), 160),
)


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

    def mark(self, subject: str) -> str:
        met = self.figure.is_met(self.values[subject]) if subject in self.values else None
        return {True: "✓", False: "✗", None: ""}[met]

    def ratio(self, subject: str, reference: str) -> str:
        """How many times the subject's figure is the reference's."""
        own, other = self.values.get(subject), self.values.get(reference)
        if not self.figure.about_server:
            return ""
        return f"{number(own / other)}×" if own is not None and other else ""


class Table(NamedTuple):
    """The figures of a view's servers side by side; the first subject is held against the references."""

    view: View
    servers: list[ServerResult]
    rows: list[Row]

    @property
    def references(self) -> list[str]:
        names = [server.name for server in self.servers]
        return [name for name in self.view.references if name in names and self.view.subjects[0] in names]

    def header(self) -> list[str]:
        ratios = [f"{self.view.subjects[0]} ÷ {name}" for name in self.references]
        return ["figure", "budget", *(server.title for server in self.servers), *ratios]

    def cells(self, row: Row, cell: Callable[[str, str], str]) -> list[str]:
        """One line; `cell(text, mark)` dresses the figures of our own servers."""
        texts = [_text(row, server.name) for server in self.servers]
        dressed = [
            cell(text, row.mark(server.name)) if server.name in self.view.subjects and text != "–" else text
            for server, text in zip(self.servers, texts, strict=True)
        ]
        ratios = [row.ratio(self.view.subjects[0], name) for name in self.references]
        return [row.figure.label, row.figure.budget, *dressed, *ratios]


def _text(row: Row, name: str) -> str:
    return f"{number(row.values[name])} {row.figure.unit}".strip() if name in row.values else "–"


def tables(results: Results) -> list[Table]:
    """The views that were measured, with every figure that at least one of their servers has."""
    found = []
    for view in VIEWS:
        named = [results.find(name) for name in (*view.subjects, *view.references)]
        servers = [server for server in named if server is not None]
        if servers:
            found.append(Table(view, servers, _rows(figures(servers, view.cpu_us), servers)))
    return found


def _rows(wanted: list[Figure], servers: list[ServerResult]) -> list[Row]:
    rows = []
    for figure in wanted:
        values = {server.name: figure.read(server) for server in servers}
        known = {name: value for name, value in values.items() if value is not None}
        if known:
            rows.append(Row(figure, known))
    return rows


def figures(servers: list[ServerResult], cpu_us: float) -> list[Figure]:
    return [*_charging(servers, cpu_us), *_connections(servers), *_people(), *_noise()]


def _charging(servers: list[ServerResult], cpu_us: float) -> list[Figure]:
    windows = [server.closed_loop for server in servers if server.closed_loop is not None]
    parts = list(
        dict.fromkeys(part for window in windows if len(window.parts_cpu_us) > 1 for part in window.parts_cpu_us)
    )
    return [
        Figure("messages", "/s", _closed("per_second"), at_least=8000),
        Figure("server CPU a message", "µs", _closed("server_cpu_us"), at_most=cpu_us),
        *(Figure(f"… of which {part}", "µs", _part(part)) for part in parts),
        Figure("p50", "ms", _closed("p50_ms")),
        Figure("p99", "ms", _closed("p99_ms")),
        Figure("p50 at 2,000/s", "ms", _open("p50_ms")),
        Figure("p99 at 2,000/s", "ms", _open("p99_ms"), at_most=20),
        Figure("server CPU a message at 2,000/s", "µs", _open("server_cpu_us")),
        Figure("disk a charging session of 15 calls", "KiB", lambda server: _kib(server.session_bytes)),
    ]


def _connections(servers: list[ServerResult]) -> list[Figure]:
    idle = sorted({memory.stations for server in servers for memory in server.memory})
    connections = [Figure(f"memory a station, {n:,} idle", "KiB", _memory(n), at_most=16) for n in idle]
    secured = sorted({memory.stations for server in servers for memory in server.secured})
    connections += [Figure(f"memory a station over TLS, {n:,} idle", "KiB", _secured(n), at_most=40) for n in secured]
    connections.append(Figure("stations that connect and boot", "/s", _arrivals, at_least=700))
    connections.append(Figure("server CPU a station that does", "ms", lambda server: _cpu_ms(server.arrivals)))
    connections.append(Figure("… over TLS", "ms", lambda server: _cpu_ms(server.secured_arrivals)))
    for n in sorted({restart.stations for server in servers for restart in server.restarts}):
        at_most = 15 if n == 10_000 else None
        connections.append(Figure(f"{n:,} stations back after kill -9", "s", _restart(n, "back_s"), at_most=at_most))
        connections.append(Figure("… of which the server's start", "s", _restart(n, "start_s")))
        at_least = 700 if n >= 5000 else None  # fewer are back as soon as their pause is over: no measure of the server
        connections.append(Figure("… connects and boots since", "/s", _restart(n, "per_second"), at_least=at_least))
    return connections


def _people() -> list[Figure]:
    return [
        Figure("command, API call to frame, p95", "ms", lambda server: server.command_p95_ms, at_most=20),
        Figure("slowest list", "ms", lambda server: server.lists.worst_ms if server.lists else None, at_most=LIST_MS),
        Figure("lists over that", "", lambda server: float(server.lists.over) if server.lists else None),
    ]


def _noise() -> list[Figure]:
    return [
        Figure("load generator CPU a message", "µs", _closed("load_cpu_us"), about_server=False),
        Figure("load generator late at 2,000/s, at most", "ms", _open("late_ms"), about_server=False),
        Figure("cores kept busy by others", "", _other_cores, about_server=False),
    ]


def number(value: float | None) -> str:
    """Three digits that matter: 12,300 · 123 · 12.3 · 0.123; a dash for None."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def print_tables(results: Results, console: Console) -> None:
    for table in tables(results):
        grid = rich.table.Table(title=table.view.title)
        for number_of_column, title in enumerate(table.header()):
            grid.add_column(title, justify="left" if number_of_column == 0 else "right")
        for row in table.rows:
            grid.add_row(*table.cells(row, _coloured))
        console.print(grid)
    for server in results.servers:
        for note in server.notes:
            console.print(f"{server.title}: {note}", style="yellow")
        for text, count in server.errors.items():
            console.print(f"ERROR {server.title}: {count} × {text}", style="bold red", markup=False)


def _coloured(text: str, mark: str) -> str:
    return f"[{'green' if mark == '✓' else 'red'}]{text} {mark}" if mark else text


def _closed(field: str) -> Callable[[ServerResult], float | None]:
    return lambda server: getattr(server.closed_loop, field, None)


def _kib(size: float | None) -> float | None:
    return None if size is None else size / 1024


def _part(name: str) -> Callable[[ServerResult], float | None]:
    return lambda server: server.closed_loop.parts_cpu_us.get(name) if server.closed_loop else None


def _open(field: str) -> Callable[[ServerResult], float | None]:
    return lambda server: getattr(server.open_loop, field, None)


def _memory(stations: int) -> Callable[[ServerResult], float | None]:
    return lambda server: next((m.per_station_bytes / 1024 for m in server.memory if m.stations == stations), None)


def _secured(stations: int) -> Callable[[ServerResult], float | None]:
    return lambda server: next((m.per_station_bytes / 1024 for m in server.secured if m.stations == stations), None)


def _cpu_ms(arrivals: list[Arrival]) -> float | None:
    """Of the last of them: the first are also what a server does for the first time."""
    return arrivals[-1].cpu_s / arrivals[-1].stations * 1e3 if arrivals and arrivals[-1].cpu_s else None


def _restart(stations: int, field: str) -> Callable[[ServerResult], float | None]:
    return lambda server: next((getattr(r, field) for r in server.restarts if r.stations == stations), None)


def _other_cores(server: ServerResult) -> float | None:
    windows = [window for window in (server.closed_loop, server.open_loop) if window is not None]
    return max((window.other_cores for window in windows), default=None)


def _arrivals(server: ServerResult) -> float | None:
    return server.arrivals[-1].per_second if server.arrivals else None
