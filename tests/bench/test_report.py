"""The figures beside their budgets, in the terminal and as Markdown."""

from pathlib import Path

import pytest
from bench.markdown import render
from bench.orders import Window
from bench.report import number, print_tables, tables
from bench.results import Machine, Memory, Restart, Results, Run, ServerResult
from rich.console import Console

MACHINE = Machine(2, "A processor", 4.0, "Linux 6", "3.11.7", {"picows": "2.3.1"}, "ext4", 0.2)
RUN = Run("2026-01-01T00:00:00+00:00", "abc", "quick", 500, 10.0)


def window(per_second: float, cpu_us: float) -> Window:
    return Window(500, 10.0, 1000, per_second, cpu_us, 10.0, 0.0, 1.0, 5.0, 9.0)


def results() -> Results:
    csms = ServerResult("csms", "csms (SQLite)", RUN, closed_loop=window(10_000, 80))
    csms.memory = [Memory(1000, 30_000_000, 20_480.0)]
    csms.restarts = [Restart(10_000, 2.0, 14.0, 833.0, 3)]
    ocpp = ServerResult("ocpp", "ocpp + websockets", RUN, closed_loop=window(800, 1120), notes=["cannot keep up"])
    return Results(MACHINE, [csms, ocpp])


def test_budgets_are_marked_kept_or_missed_and_ratios_say_how_many_times() -> None:
    (compared,) = tables(results())
    table = {row.figure.label: row for row in compared.rows}

    assert (table["messages"].mark("csms"), table["messages"].ratio("csms", "ocpp")) == ("✓", "12.5×")
    assert table["server CPU a message"].mark("csms") == "✓"
    assert table["server CPU a message"].ratio("csms", "ocpp") == "0.0714×"
    assert table["memory a station, 1,000 idle"].mark("csms") == "✗"
    assert table["10,000 stations back after kill -9"].figure.budget == "≤ 15 s"
    assert table["messages"].ratio("csms", "echo") == ""
    assert "p99 at 2,000/s" not in table


def test_what_was_not_measured_is_a_dash() -> None:
    assert "| memory a station, 1,000 idle | ≤ 16 KiB | **20 KiB** ✗ | – |  |" in render(results())


@pytest.mark.parametrize(
    ("value", "text"),
    [(12345.6, "12,346"), (123.4, "123"), (16.0, "16"), (12.34, "12.3"), (0.1234, "0.123"), (None, "–")],
)
def test_numbers_keep_three_digits_that_matter(value: float | None, text: str) -> None:
    assert number(value) == text


def test_errors_are_loud_in_both() -> None:
    run = results()
    run.servers[0].errors["Authorize: Invalid"] = 3
    console = Console(record=True, width=132)
    print_tables(run, console)

    assert "ERROR csms (SQLite): 3 × Authorize: Invalid" in console.export_text()
    assert "**csms (SQLite): 3 × Authorize: Invalid**" in render(run)


def test_results_survive_the_file(tmp_path: Path) -> None:
    path = tmp_path / "build" / "bench.json"
    results().save(path)

    assert Results.load(path) == results()


def test_postgresql_has_a_table_and_a_budget_of_its_own() -> None:
    run = results()
    seen = window(7000, 150)
    seen.parts_cpu_us = {"csms": 110.0, "PostgreSQL": 40.0}
    run.put(ServerResult("postgres", "csms (PostgreSQL)", RUN, closed_loop=seen))
    text = render(run)

    assert "| server CPU a message | ≤ 160 µs | **150 µs** ✓ |" in text
    assert "| … of which PostgreSQL |  | **40 µs** |" in text
    assert "| server CPU a message | ≤ 100 µs | **80 µs** ✓ | 1,120 µs | 0.0714× |" in text


def test_a_new_result_takes_the_place_of_the_old_one_only() -> None:
    run = results()
    run.put(ServerResult("csms", "csms (SQLite)", RUN))

    assert {server.name: server.closed_loop is None for server in run.servers} == {"csms": True, "ocpp": False}
