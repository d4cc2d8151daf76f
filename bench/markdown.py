"""The section of docs/benchmarks.md that holds the figures of a run."""

from bench.report import Table, tables
from bench.results import Machine, Results, ServerResult

HOW_TO_READ = """\
**How to read this.** A message is one call of a station that has been answered. The benchmark mix is one charging session
of 15 calls a station: Heartbeat, StatusNotification, Authorize, StartTransaction, StatusNotification, MeterValues ×2,
Heartbeat, MeterValues ×2, StatusNotification, StopTransaction, StatusNotification, MeterValues, Heartbeat; a MeterValues
carries 8 sampled values. In the *closed loop* every station sends its next call as soon as it has the answer to the last
one, so p50 and p99 there are what a saturated server takes. *At 2,000/s*, on a fresh server, calls leave at that rate
whatever the answers do; a call that is due while its station still waits for an answer counts the wait as latency.

- *Server CPU* is user and system time of the server's processes, all threads and children, from the operating system; with
  PostgreSQL and NATS, theirs too: every backend, writer and worker process, born or ended meanwhile.
- *Memory a station* is the growth of the proportional set size (PSS) since the server had no connection, divided by the
  connected, booted, idle stations. The more stations, the less it matters what memory the server had free before. Of our own
  processes only: PostgreSQL's memory is what its settings give it. *Over TLS*: version 1.3, with the server's own certificate
  and none of the station's.
- *Server CPU a station that connects and boots*: handshakes, look-ups, the boot's commit, for the last stations that came.
- *Back after kill -9*: the server is killed and started again with the same data; the figure runs from the kill until the
  last station is connected and booted. Stations try again after 0.25–0.5 s at first, after 1–2 s at most, so that
  the last of them are idle for up to two seconds after the server is there: with 1,000 stations that is most of the time.
- *Command*: from the start of `POST …/stations/{identity}/ocpp/TriggerMessage` until the station has the frame, with all
  charging stations connected and idle.
- *Lists*: every list of the API with every sort and filter, first and last page, over 100,000 stations, sessions, id tokens,
  commands and facts and 300,000 frames; the best of three tries each (`python -m bench.lists` prints them all).
- *PostgreSQL* runs on the same machine with its defaults but `shared_buffers` 256 MB: `fsync` and `synchronous_commit` are on.
- *csms* stores every frame with what it changes before it answers; when the load is over, the sessions it has are counted
  and compared with what the stations were told. *ocpp + websockets* validates but stores nothing and
  accepts any id token; *bare echo* does nothing at all and is the limit of a Python process on the same WebSocket library.

**What to keep in mind.** Load generator and server share the machine's cores, so messages a second is what is left
beside the generator; server CPU a message hardly depends on that and is the better figure to compare. *Cores kept busy
by others* says how quiet the machine was: above 0.1 the latencies and rates are too pessimistic, and so are they where
the load generator itself was late by more than a few milliseconds. Stations are on the same machine, without TLS but
where it says so, and without a network's latency. A group commit takes as long as the disk needs, so the closed loop
also measures the disk (fdatasync, above). CPU time is counted in ticks of 10 ms. Figures of one run vary by some ten
percent, on a virtual machine with busy neighbours by more: compare within a run, not between runs."""


def render(results: Results) -> str:
    """The whole section; ends without a newline."""
    sections = [block for table in tables(results) for block in _section(table)]
    return "\n\n".join([_machine(results.machine), *sections, HOW_TO_READ])


def _section(table: Table) -> list[str]:
    errors = [f"- **{s.title}: {n} × {text}**" for s in table.servers for text, n in s.errors.items()]
    notes = [f"- {s.title}: {note}." for s in table.servers for note in s.notes]
    said = ["\n".join(errors + notes)] if errors or notes else []
    return [f"## {table.view.title}", "\n".join(dict.fromkeys(map(_run, table.servers))), _grid(table), *said]


def _run(server: ServerResult) -> str:
    run = server.run
    return (
        f"{server.title}: {run.measured_at}, commit `{run.commit}`, {run.stations} stations charging, closed loop "
        f"{run.seconds:g} s{'' if run.mode == 'default' else ' (--' + run.mode + ')'}.  "
    )


def _machine(machine: Machine) -> str:
    packages = ", ".join(f"{name} {version}" for name, version in machine.packages.items() if name != "csms")
    return (
        f"{machine.cpus} × {machine.cpu_model}, {machine.memory_gib:g} GiB, {machine.system}, {machine.filesystem} "
        f"(fdatasync {machine.fdatasync_ms:g} ms), Python {machine.python}, {packages}."
    )


def _grid(table: Table) -> str:
    header = table.header()
    lines = [header, ["---", *["---:"] * (len(header) - 1)]]
    lines += [table.cells(row, lambda text, mark: f"**{text}** {mark}".strip()) for row in table.rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
