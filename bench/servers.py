"""The servers under test: started on free loopback ports with a data directory of their own, stopped by their own pid."""

import http.client
import os
import random
import shutil
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Self

import msgspec

from bench.process import tree

HOST = "127.0.0.1"
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 15.0


class ServerError(Exception):
    """A server under test did not start, or refused to be set up; the message holds what it printed."""


class Server:
    """One server under test; a context manager that stops it."""

    name: ClassVar[str]
    title: ClassVar[str]
    echoes: ClassVar[bool] = False
    has_api: ClassVar[bool] = False

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.ocpp_port = free_port()
        self.http_port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where stations connect; the identity follows as the last path segment."""
        return f"ws://{HOST}:{self.ocpp_port}/ocpp"

    @property
    def pids(self) -> list[int]:
        """The server's root processes; their children count too."""
        assert self._process is not None
        return [self._process.pid]

    def arguments(self) -> list[str]:
        raise NotImplementedError

    def is_ready(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex((HOST, self.ocpp_port)) == 0

    def provision(self, id_tokens: list[str]) -> None:
        """Make the id tokens known; servers that accept any have nothing to do."""

    def call_station(self, identity: str, action: str, payload: object) -> None:
        """Have the station called through the API, and wait for its answer; only for servers that have one."""
        raise NotImplementedError

    def sessions(self, **having: str) -> int:
        """How many sessions the server has that match a filter; only for servers that have an API."""
        raise NotImplementedError

    def start(self) -> float:
        """Start and wait until stations can connect; returns the monotonic time of that. Raises ServerError."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self.arguments(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment()
            )
        until = time.monotonic() + START_TIMEOUT_S
        while not self.is_ready():
            if self._process.poll() is not None:
                raise ServerError(f"{self.name} ended with {self._process.returncode} at start:\n{self._last_words()}")
            if time.monotonic() > until:
                raise ServerError(f"{self.name} was not ready within {START_TIMEOUT_S:.0f} s:\n{self._last_words()}")
            time.sleep(0.02)
        return time.monotonic()

    def environment(self) -> dict[str, str]:
        return dict(os.environ)

    def kill(self) -> float:
        """SIGKILL, as a crash would; returns the monotonic time of it."""
        assert self._process is not None
        killed_at = time.monotonic()
        self._process.kill()
        self._process.wait()
        return killed_at

    def stop(self) -> None:
        """SIGTERM, then SIGKILL for whatever is left of it."""
        if self._process is None or self._process.poll() is not None:
            return
        processes = tree(self.pids)
        self._process.terminate()
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for process in processes:
            if process.is_running():
                process.kill()

    def keep_log(self, directory: Path) -> Path:
        """Copy what the server printed to where it outlives the data directory."""
        return Path(shutil.copy(self._log, directory))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def _log(self) -> Path:
        return self.directory / f"{self.name}.log"

    def _last_words(self) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-20:])


class Total(msgspec.Struct):
    """What every page of a list says about the whole of it."""

    total: int


class Csms(Server):
    name = "csms"
    title = "csms (SQLite)"
    has_api = True

    def arguments(self) -> list[str]:
        http, ocpp = f"{HOST}:{self.http_port}", f"{HOST}:{self.ocpp_port}"
        return [self._executable, "serve", "--data", str(self._data), "--http", http, "--ocpp", ocpp]

    def environment(self) -> dict[str, str]:
        return super().environment() | {"CSMS_UNKNOWN_STATIONS": "accept"}

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{HOST}:{self.http_port}/health/ready", timeout=5) as response:
                return bool(response.status == 200)
        except OSError:
            return False

    def provision(self, id_tokens: list[str]) -> None:
        for first in range(0, len(id_tokens), 500):
            self._send(
                "POST", "/api/v1/id-tokens/import", {"items": [{"uid": uid} for uid in id_tokens[first : first + 500]]}
            )

    def call_station(self, identity: str, action: str, payload: object) -> None:
        self._send("POST", f"/api/v1/stations/{identity}/ocpp/{action}?wait=30", payload)

    def sessions(self, **having: str) -> int:
        self._api.close()  # idle since the load began: the server may have closed it
        answer = self._send("GET", "/api/v1/sessions?" + urllib.parse.urlencode({"limit": "1", **having}))
        return msgspec.json.decode(answer, type=Total).total

    @property
    def _executable(self) -> str:
        return str(Path(sys.executable).parent / "csms")

    @property
    def _data(self) -> Path:
        return self.directory / "data"

    @cached_property
    def _api_key(self) -> str:
        command = [self._executable, "api-key", "create", "bench", "--role", "administrator", "--data", str(self._data)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        if done.returncode != 0:
            raise ServerError(f"{' '.join(command[1:3])} ended with {done.returncode}: {done.stderr.strip()}")
        return done.stdout.strip()

    @cached_property
    def _api(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(HOST, self.http_port, timeout=60)

    def _send(self, method: str, path: str, payload: object = None) -> bytes:
        body = None if payload is None else msgspec.json.encode(payload)
        headers = {"Authorization": f"Bearer {self._api_key}", "Content-Type": "application/json"}
        self._api.request(method, path, body, headers)
        response = self._api.getresponse()
        answer = response.read()
        if response.status >= 300:
            raise ServerError(f"{method} {path}: {response.status} {answer.decode(errors='replace')[:500]}")
        return answer


class OcppWebsockets(Server):
    name = "ocpp"
    title = "ocpp + websockets"

    def arguments(self) -> list[str]:
        return [sys.executable, "-m", "bench.references.ocpp_websockets", f"{HOST}:{self.ocpp_port}"]


class Echo(Server):
    name = "echo"
    title = "bare echo"
    echoes = True

    def arguments(self) -> list[str]:
        return [sys.executable, "-m", "bench.references.echo", f"{HOST}:{self.ocpp_port}"]


SERVERS: dict[str, type[Server]] = {server.name: server for server in (Csms, OcppWebsockets, Echo)}


def free_port() -> int:
    """A port below the range the kernel takes for outgoing connections: thousands of clients that try again while the
    server is down would sooner or later be given its port, and then connect to themselves."""
    lowest_outgoing = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    ports = range(max(1024, lowest_outgoing - 12_000), lowest_outgoing)
    for port in random.sample(ports, len(ports)):
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise ServerError("no free port")
