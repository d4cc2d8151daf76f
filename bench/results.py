"""What a run of the benchmark found, as it is kept in `build/bench.json`."""

from pathlib import Path

import msgspec

from bench.orders import Window


class Memory(msgspec.Struct):
    """Memory of the server with this many idle, booted stations."""

    stations: int
    pss_bytes: int
    per_station_bytes: float
    """The growth since there was none, divided by the stations."""


class Arrival(msgspec.Struct):
    """Stations connecting and booting for the first time, a hundred at once."""

    stations: int
    seconds: float
    cpu_s: float = 0.0
    """The server's, for all of them."""

    @property
    def per_second(self) -> float:
        return self.stations / self.seconds


class Restart(msgspec.Struct):
    """The server is killed and started again with the same data, and all stations return by themselves."""

    stations: int
    start_s: float
    """From the kill until the server was ready."""
    back_s: float
    """From the kill until the last station was booted."""
    per_second: float
    """Stations connected and booted a second, once the server was ready."""
    failed_attempts: int


class Lists(msgspec.Struct):
    """How long the API's lists take over a large network; the best of some tries each."""

    rows: int
    """Of stations, sessions, id tokens, commands and facts each; thrice as many frames."""
    asked: int
    over: int
    """How many took longer than the budget."""
    worst_ms: float
    worst: str


class Run(msgspec.Struct):
    """When a server was measured, and how."""

    measured_at: str
    commit: str
    mode: str
    stations: int
    seconds: float


class ServerResult(msgspec.Struct):
    name: str
    title: str
    run: Run
    closed_loop: Window | None = None
    open_loop: Window | None = None
    memory: list[Memory] = []
    arrivals: list[Arrival] = []
    secured: list[Memory] = []
    """The same over TLS, with whatever certificate the server makes for itself."""
    secured_arrivals: list[Arrival] = []
    restarts: list[Restart] = []
    session_bytes: float | None = None
    """What a charging session of the mix takes in the database, with its frames and its share of the indexes."""
    command_p95_ms: float | None = None
    lists: Lists | None = None
    notes: list[str] = []
    errors: dict[str, int] = {}


class Machine(msgspec.Struct):
    cpus: int
    cpu_model: str
    memory_gib: float
    system: str
    python: str
    packages: dict[str, str]
    filesystem: str
    """Where the data directories were."""
    fdatasync_ms: float
    """Median time to make 4 KiB durable there."""


class Results(msgspec.Struct):
    """The last result of every server: a run may measure some of them, and leaves the others as they are."""

    machine: Machine
    servers: list[ServerResult] = []

    def find(self, name: str) -> ServerResult | None:
        return next((server for server in self.servers if server.name == name), None)

    def put(self, result: ServerResult) -> None:
        self.servers = [server for server in self.servers if server.name != result.name] + [result]

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n")

    @classmethod
    def load(cls, path: Path) -> "Results":
        """Raises OSError, or msgspec.MsgspecError when the file is of another version of the benchmark."""
        return msgspec.json.decode(path.read_bytes(), type=cls)
