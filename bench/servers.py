"""The servers under test: started on free loopback ports with a data directory of their own, stopped by their own pid."""

import http.client
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from contextlib import closing
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Self

import msgspec

from bench.process import tree
from bench.services import HOST, free_port

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
    secured: ClassVar["type[Server] | None"] = None
    """The same, with stations that connect over TLS."""
    database: ClassVar[str | None] = None
    """The kind of database that its lists are measured on, if at all."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.ocpp_port = free_port()
        self.http_port = free_port()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def urls(self) -> list[str]:
        """Where stations connect, in turn; the identity follows as the last path segment."""
        return [f"ws://{HOST}:{self.ocpp_port}/ocpp"]

    @property
    def trusted(self) -> Path | None:
        """The certificate of whom stations trust, where they connect over TLS."""
        return None

    @property
    def pids(self) -> list[int]:
        """The server's own root processes, whose memory counts; so does that of their children."""
        return [process.pid for process in self._processes.values()]

    @property
    def parts(self) -> dict[str, list[int]]:
        """Root processes of all that works for it, by what they are; the CPU time of all of them counts."""
        return {self.name: self.pids}

    def programs(self) -> dict[str, list[str]]:
        """The command line of each of its processes, by name."""
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

    def stored_bytes(self) -> int:
        """How much its database holds; only for servers that have an API."""
        raise NotImplementedError

    def start(self) -> float:
        """Start and wait until stations can connect; returns the monotonic time of that. Raises ServerError."""
        with self._log.open("ab") as log:
            for name, command in self.programs().items():
                self._processes[name] = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment()
                )
        until = time.monotonic() + START_TIMEOUT_S
        while not self.is_ready():
            for name, process in self._processes.items():
                if process.poll() is not None:
                    raise ServerError(f"{name} ended with {process.returncode} at start:\n{self._last_words()}")
            if time.monotonic() > until:
                raise ServerError(f"{self.name} was not ready within {START_TIMEOUT_S:.0f} s:\n{self._last_words()}")
            time.sleep(0.02)
        return time.monotonic()

    def environment(self) -> dict[str, str]:
        return dict(os.environ)

    def kill(self) -> float:
        """SIGKILL to all, as a crash would; returns the monotonic time of it."""
        killed_at = time.monotonic()
        for process in self._processes.values():
            process.kill()
        for process in self._processes.values():
            process.wait()
        return killed_at

    def stop(self) -> None:
        """SIGTERM, then SIGKILL for whatever is left of it."""
        running = [process for process in self._processes.values() if process.poll() is None]
        descendants = tree([process.pid for process in running])
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for descendant in descendants:
            if descendant.is_running():
                descendant.kill()

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
    database: ClassVar[str | None] = "sqlite"
    has_api = True

    def programs(self) -> dict[str, list[str]]:
        http, ocpp = f"{HOST}:{self.http_port}", f"{HOST}:{self.ocpp_port}"
        return {self.name: [*self.csms("serve"), "--http", http, "--ocpp", ocpp]}

    def csms(self, *words: str) -> list[str]:
        """A command line of ours, on this server's data."""
        return [str(Path(sys.executable).parent / "csms"), *words, "--data", str(self.directory / "data")]

    def run(self, *words: str) -> str:
        """What the command prints; raises ServerError when it fails."""
        done = subprocess.run(
            self.csms(*words), capture_output=True, text=True, timeout=60, check=False, env=self.environment()
        )
        if done.returncode != 0:
            raise ServerError(f"{' '.join(words[:2])} ended with {done.returncode}: {done.stderr.strip()}")
        return done.stdout.strip()

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

    def stop(self) -> None:
        super().stop()
        self._api.close()

    def sessions(self, **having: str) -> int:
        self._api.close()  # idle since the load began: the server may have closed it
        answer = self._send("GET", "/api/v1/sessions?" + urllib.parse.urlencode({"limit": "1", **having}))
        return msgspec.json.decode(answer, type=Total).total

    def stored_bytes(self) -> int:
        with closing(sqlite3.connect(f"file:{self.directory / 'data' / 'csms.db'}?mode=ro", uri=True)) as database:
            (pages,), (size,) = (database.execute(f"PRAGMA {what}").fetchone() for what in ("page_count", "page_size"))
        return int(pages * size)

    @cached_property
    def _api_key(self) -> str:
        return self.run("api-key", "create", "bench", "--role", "administrator")

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


class SecuredCsms(Csms):
    """Stations come over TLS, and trust the server's own authority."""

    @property
    def urls(self) -> list[str]:
        return [f"wss://{HOST}:{self.ocpp_port}/ocpp"]

    @property
    def trusted(self) -> Path | None:
        return self.directory / "data" / "pki" / "root.pem"

    def environment(self) -> dict[str, str]:
        return super().environment() | {"CSMS_OCPP_TLS": f"{HOST}:{self.ocpp_port}"}


Csms.secured = SecuredCsms


class OcppWebsockets(Server):
    name = "ocpp"
    title = "ocpp + websockets"

    def programs(self) -> dict[str, list[str]]:
        return {self.name: [sys.executable, "-m", "bench.references.ocpp_websockets", f"{HOST}:{self.ocpp_port}"]}


class Echo(Server):
    name = "echo"
    title = "bare echo"
    echoes = True

    def programs(self) -> dict[str, list[str]]:
        return {self.name: [sys.executable, "-m", "bench.references.echo", f"{HOST}:{self.ocpp_port}"]}
