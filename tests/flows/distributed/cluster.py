"""Several processes of the system over one PostgreSQL and one NATS, to be killed, frozen and cut off."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.services import HOST, NatsServer, PostgresServer, apart, execute, free_port

START_TIMEOUT_S = 180.0
LEASE_S = 3.0


@dataclass
class Process:
    """One `csms serve` with its roles; `overrides` changes what the cluster gives all of them."""

    name: str
    roles: tuple[str, ...]
    folder: Path
    environment: dict[str, str]
    port: int = field(default_factory=free_port)
    monitor: int = field(default_factory=free_port)
    _running: "subprocess.Popen[bytes] | None" = None

    @property
    def alive(self) -> bool:
        return self._running is not None and self._running.poll() is None

    def start(self) -> None:
        at = f"{HOST}:{self.port}"
        roles = [part for role in self.roles for part in ("--role", role)]
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("CSMS_")},
            **self.environment,
            "CSMS_NAME": self.name,
            "CSMS_MONITOR": f"{HOST}:{self.monitor}",
        }
        program = Path(sys.executable).parent / "csms"
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self._running = subprocess.Popen(
                [program, "serve", "--data", self.folder / "data", "--ocpp", at, "--http", at, *roles],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment,
            )  # fmt: skip

    def wait(self) -> None:
        until = time.monotonic() + START_TIMEOUT_S
        while not self.ready():
            if not self.alive or time.monotonic() > until:
                raise RuntimeError(f"{self.name} did not start:\n{self.log()[-3000:]}")
            time.sleep(0.05)

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{HOST}:{self.monitor}/health/ready", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def metrics(self) -> str:
        with urllib.request.urlopen(f"http://{HOST}:{self.monitor}/metrics", timeout=5) as answer:
            text: str = answer.read().decode()
            return text

    def signal(self, number: int) -> None:
        assert self._running is not None
        self._running.send_signal(number)

    def kill(self) -> None:
        if self._running is not None:
            self._running.kill()
            self._running.wait()

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        self.signal(signal.SIGTERM)
        assert self._running is not None
        return self._running.wait(START_TIMEOUT_S)

    def log(self) -> str:
        return (self.folder / f"{self.name}.log").read_text(errors="replace")


class Cluster:
    """Two gateways, one API, one worker; and a second worker, for who starts it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.postgres = PostgresServer()
        self.nats = NatsServer()
        self.postgres.start()
        self.nats.start()
        apart(execute(self.postgres.url(), "CREATE DATABASE csms_cluster"))
        self.database_url = self.postgres.url("csms_cluster")
        environment = {
            "CSMS_DATABASE_URL": self.database_url,
            "CSMS_BUS_URL": self.nats.url,
            "CSMS_UNKNOWN_STATIONS": "accept",
            "CSMS_ADMIN_EMAIL": "ana@example.org",
            "CSMS_ADMIN_PASSWORD": "three random words",
            "CSMS_LEASE_S": str(LEASE_S),
            "CSMS_PING_INTERVAL_S": "2",
            "CSMS_DRAIN_S": "1",
        }
        self._csms("db", "upgrade", environment=environment)
        self.gateways = [Process(f"gateway{n}", ("gateway",), folder, dict(environment)) for n in (1, 2)]
        self.api = Process("api", ("api",), folder, dict(environment))
        self.worker = Process("worker", ("jobs",), folder, dict(environment))
        self.second_worker = Process("worker2", ("jobs",), folder, dict(environment))
        self.key = self._csms("api-key", "create", "tests", "--role", "administrator", environment=environment)

    @contextmanager
    def database_at(self, process: Process, port: int) -> Iterator[None]:
        """For a while, restart the process to reach the database at another port."""
        process.stop()
        process.environment["CSMS_DATABASE_URL"] = self.database_url.replace(f":{self.postgres.port}/", f":{port}/")
        process.start()
        try:
            yield
        finally:
            process.kill()
            process.environment["CSMS_DATABASE_URL"] = self.database_url
            self.heal()

    @property
    def processes(self) -> list[Process]:
        return [*self.gateways, self.api, self.worker]

    @property
    def ocpp_urls(self) -> list[str]:
        return [f"ws://{HOST}:{gateway.port}/ocpp" for gateway in self.gateways]

    @property
    def http_url(self) -> str:
        return f"http://{HOST}:{self.api.port}"

    def _csms(self, *arguments: str, environment: dict[str, str]) -> str:
        program = Path(sys.executable).parent / "csms"
        done = subprocess.run(
            [program, *arguments, "--data", self.folder / "data"],
            env={**os.environ, **environment}, capture_output=True, text=True, check=True, timeout=START_TIMEOUT_S,
        )  # fmt: skip
        return done.stdout.strip()

    def heal(self) -> None:
        """Everything runs."""
        down = [process for process in self.processes if not process.alive]
        for process in down:
            process.start()
        for process in self.processes:
            process.wait()

    def close(self) -> None:
        for process in (*self.processes, self.second_worker):
            process.kill()
        self.nats.stop(signal.SIGKILL)
        self.postgres.remove()
