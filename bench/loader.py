"""The bench's end of the load generator process."""

import select
import subprocess
import sys
from typing import Self, TypeVar

import msgspec

from bench.orders import (
    AwaitBack,
    AwaitRestart,
    Back,
    Calls,
    ClosedLoop,
    Connect,
    Connected,
    Disconnect,
    Done,
    OpenLoop,
    Order,
    Reply,
    TakeCalls,
    Window,
)
from bench.servers import Server

ORDER_TIMEOUT_S = 300.0

T = TypeVar("T")


class LoadError(Exception):
    """The load generator ended or does not answer."""


class Load:
    """A load generator for one server; a context manager that ends it."""

    def __init__(self, server: Server) -> None:
        command = [sys.executable, "-m", "bench.load", *server.urls, *(["--echo"] if server.echoes else [])]
        if server.trusted is not None:
            command += ["--ca", str(server.trusted)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self._server = server
        self.errors: dict[str, int] = {}
        self.started = self.stopped = 0

    def connect(self, stations: int) -> Connected:
        return self._order(Connect(stations), Connected)

    def disconnect(self, stations: int) -> None:
        self._order(Disconnect(stations), Done)

    def closed_loop(self, warm_up_s: float, seconds: float) -> Window:
        return self._order(ClosedLoop(warm_up_s, seconds, self._server.parts), Window)

    def open_loop(self, warm_up_s: float, seconds: float, per_second: int) -> Window:
        return self._order(OpenLoop(warm_up_s, seconds, per_second, self._server.parts), Window)

    def await_restart(self) -> None:
        self._order(AwaitRestart(), Done)

    def await_back(self, timeout_s: float) -> Back:
        return self._order(AwaitBack(timeout_s), Back)

    def take_calls(self, action: str) -> list[float]:
        """When calls of this action arrived from the server since the last time, by the monotonic clock."""
        return self._order(TakeCalls(action), Calls).arrived_at_s

    def _order(self, order: Order, result: type[T]) -> T:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(msgspec.json.encode(order) + b"\n")
        readable, _, _ = select.select([self._process.stdout], [], [], ORDER_TIMEOUT_S)
        line = self._process.stdout.readline() if readable else b""
        if not line:
            raise LoadError(f"the load generator did not obey: {order}")
        reply = msgspec.json.decode(line, type=Reply)
        self.errors, self.started, self.stopped = reply.errors, reply.started, reply.stopped
        return msgspec.json.decode(reply.result, type=result)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
