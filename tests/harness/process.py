"""The server as a process of its own, to be killed."""

import asyncio
import ctypes
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from ..setups import SETUP

START_S = 60.0
_PR_SET_PDEATHSIG = 1
_PROGRAM = "import sys, csms.app.wiring; from csms.app.cli import main; sys.stdin.readline() and main()"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class ServerProcess:
    """`csms serve` on one data directory and the same two ports, however often it is started; settings as for `serving`."""

    def __init__(self, data: Path, **given: Any) -> None:
        self.data = data
        self._http, self._ocpp = free_port(), free_port()
        chosen = SETUP.settings(data) | {"log_level": "error"} | given
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CSMS_")}
        self._environment = environment | {f"CSMS_{name.upper()}": str(value) for name, value in chosen.items()}
        self._process: asyncio.subprocess.Process | None = None
        self._said: list[str] = []
        self._reader: asyncio.Task[None] | None = None
        self._next: asyncio.Task[asyncio.subprocess.Process] | None = None

    @property
    def http_url(self) -> str:
        return f"http://127.0.0.1:{self._http}"

    @property
    def ocpp_url(self) -> str:
        return f"ws://127.0.0.1:{self._ocpp}/ocpp"

    @property
    def ocpp_port(self) -> int:
        return self._ocpp

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def start(self) -> None:
        """Start it and wait until it says that it runs. The next one is loaded meanwhile, to be there at once when needed."""
        process = self._process = await self._load_next()
        self._next = asyncio.create_task(self._load())
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        running = asyncio.Event()
        self._reader = asyncio.create_task(self._read(running))
        await asyncio.wait_for(running.wait(), START_S)
        if process.returncode is not None:
            raise RuntimeError("the server did not start:\n" + "".join(self._said[-50:]))

    async def _load_next(self) -> asyncio.subprocess.Process:
        loaded, self._next = self._next, None
        return await loaded if loaded is not None else await self._load()

    async def _load(self) -> asyncio.subprocess.Process:
        """A process that has loaded the program and waits for a word to run it."""
        addresses = ("--http", f"127.0.0.1:{self._http}", "--ocpp", f"127.0.0.1:{self._ocpp}")
        return await asyncio.create_subprocess_exec(
            sys.executable, "-c", _PROGRAM, "serve", "--data", str(self.data), *addresses,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=self._environment, preexec_fn=_die_with_parent,
        )  # fmt: skip

    async def _read(self, running: asyncio.Event) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self._said.append(line.decode(errors="replace"))
            if line.startswith(b"Bluesky is running"):
                running.set()
        await self._process.wait()
        running.set()

    async def end(self, number: int = signal.SIGKILL) -> int:
        """Send a signal and wait until it is gone; its exit code."""
        assert self._process is not None
        assert self._reader is not None
        if self._process.returncode is None:
            self._process.send_signal(number)
        code = await asyncio.wait_for(self._process.wait(), START_S)
        await self._reader
        self._process = None
        return code

    async def close(self) -> None:
        """Leave no process behind."""
        if self._process is not None:
            await self.end()
        if self._next is not None:
            unused = await self._load_next()
            unused.kill()
            await unused.communicate()

    @property
    def said(self) -> str:
        """Everything it has printed since it was first started."""
        return "".join(self._said)


@asynccontextmanager
async def server_process(data: Path, **given: Any) -> AsyncIterator[ServerProcess]:
    server = ServerProcess(data, **given)
    try:
        await server.start()
        yield server
    finally:
        await server.close()
