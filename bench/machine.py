"""Facts about the machine and the programs, without which a figure says little."""

import importlib.metadata
import os
import platform
import sqlite3
import statistics
import subprocess
import tempfile
from pathlib import Path
from time import perf_counter

import psutil

from bench.results import Machine

PACKAGES = ("csms", "picows", "uvloop", "msgspec", "sqlalchemy", "ocpp", "websockets")


def describe(directory: Path) -> Machine:
    """The facts of this machine; `directory` is where data directories are made."""
    packages = {name: importlib.metadata.version(name) for name in PACKAGES}
    return Machine(
        cpus=len(os.sched_getaffinity(0)),
        cpu_model=_cpu_model(),
        memory_gib=round(psutil.virtual_memory().total / 2**30, 1),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        packages=packages | {"sqlite": sqlite3.sqlite_version},
        filesystem=_filesystem(directory),
        fdatasync_ms=round(_fdatasync_ms(directory), 3),
    )


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def commit() -> str:
    command = ["git", "describe", "--always", "--dirty", "--abbrev=10"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def _filesystem(directory: Path) -> str:
    resolved = directory.resolve()
    mounts = [p for p in psutil.disk_partitions(all=True) if resolved.is_relative_to(p.mountpoint)]
    return max(mounts, key=lambda p: len(p.mountpoint)).fstype if mounts else "unknown"


def _fdatasync_ms(directory: Path) -> float:
    times_s = []
    with tempfile.TemporaryFile(dir=directory) as file:
        for _ in range(20):
            file.write(bytes(4096))
            file.flush()
            start = perf_counter()
            os.fdatasync(file.fileno())
            times_s.append(perf_counter() - start)
    return statistics.median(times_s) * 1e3
