"""What the bench tells the load generator, and what it hears back: one line of JSON each."""

import msgspec


class Connect(msgspec.Struct, tag="connect"):
    """Open connections and boot until this many stations are there, `at_once` of them at a time."""

    stations: int
    at_once: int = 100


class Connected(msgspec.Struct):
    stations: int
    seconds: float


class Disconnect(msgspec.Struct, tag="disconnect"):
    """Close connections until this many stations are left."""

    stations: int


class ClosedLoop(msgspec.Struct, tag="closed_loop"):
    """Every station sends its next call as soon as it has the answer; measured after the warm-up."""

    warm_up_s: float
    seconds: float
    parts: dict[str, list[int]]


class OpenLoop(msgspec.Struct, tag="open_loop"):
    """Calls leave at a fixed rate, whether or not earlier ones have been answered."""

    warm_up_s: float
    seconds: float
    per_second: int
    parts: dict[str, list[int]]


class Window(msgspec.Struct):
    """What was seen between the end of the warm-up and the end of the measurement."""

    stations: int
    seconds: float
    messages: int
    per_second: float
    server_cpu_us: float
    """CPU of all that works for the server, for one answered call, in µs."""
    load_cpu_us: float
    other_cores: float
    """How many cores were busy with anything else, or taken by the host of a virtual machine."""
    p50_ms: float
    p99_ms: float
    max_ms: float
    late_ms: float = 0.0
    """Open loop: the longest time the generator itself was behind its timetable."""
    parts_cpu_us: dict[str, float] = {}
    """`server_cpu_us` by what spent it."""


class AwaitRestart(msgspec.Struct, tag="await_restart"):
    """From now on a lost connection is no error: the station tries again until it is booted."""


class AwaitBack(msgspec.Struct, tag="await_back"):
    """Wait until every station is connected and booted again."""

    timeout_s: float


class Back(msgspec.Struct):
    """Times are those of the machine's monotonic clock."""

    stations: int
    first_boot_at_s: float
    last_boot_at_s: float
    failed_attempts: int


class TakeCalls(msgspec.Struct, tag="take_calls"):
    """Report the calls of this action that the server has made since the last such order."""

    action: str


class Calls(msgspec.Struct):
    """When calls from the server arrived, by the machine's monotonic clock."""

    arrived_at_s: list[float]


class Done(msgspec.Struct):
    pass


Order = Connect | Disconnect | ClosedLoop | OpenLoop | AwaitRestart | AwaitBack | TakeCalls


class Reply(msgspec.Struct):
    """The answer to an order, and what the stations have seen so far."""

    result: msgspec.Raw
    errors: dict[str, int]
    """With how often they were seen."""
    started: int
    """Transactions that were accepted, each with an id of its own."""
    stopped: int
    """Transactions whose stop was acknowledged."""
