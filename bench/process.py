"""What the operating system says about a process and its children: CPU time, memory, and how busy the machine is."""

import os
import resource
from contextlib import suppress
from pathlib import Path

import psutil


def raise_open_files() -> int:
    """Allow as many open files as the hard limit does; child processes inherit it. Returns the limit."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def tree(pids: list[int]) -> list[psutil.Process]:
    """The processes and all their living descendants."""
    found: dict[int, psutil.Process] = {}
    for pid in pids:
        root = psutil.Process(pid)
        for process in (root, *root.children(recursive=True)):
            found[process.pid] = process
    return list(found.values())


def cpu_seconds(processes: list[psutil.Process]) -> float:
    """User and system time so far, of children that have ended too."""
    total = 0.0
    for process in processes:
        with suppress(psutil.NoSuchProcess):  # it ended just now: its parent has its time
            times = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def machine_busy_seconds() -> float:
    """CPU time the whole machine has spent on anything but waiting, or has been denied by its host."""
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system + times.irq + times.softirq + times.steal)


def pss_bytes(processes: list[psutil.Process]) -> int:
    """Proportional set size: private memory plus a fair share of what is shared."""
    return sum(_pss_bytes(process.pid) for process in processes)


def _pss_bytes(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise OSError(f"no Pss in smaps_rollup of process {pid}")


class CpuMeter:
    """CPU seconds spent between construction and `read`, by the parts of the server, by this process and by others.

    `parts` are root processes by name; their descendants count too, whether they were born or ended meanwhile.
    """

    def __init__(self, parts: dict[str, list[int]]) -> None:
        self._parts = parts
        self._start = self._now()

    def read(self) -> tuple[dict[str, float], float, float]:
        """Seconds of (the server's parts, this process, everything else on the machine)."""
        (parts, own, busy), (parts_then, own_then, busy_then) = self._now(), self._start
        spent = {name: parts[name] - parts_then[name] for name in parts}
        return spent, own - own_then, max(0.0, busy - busy_then - sum(spent.values()) - (own - own_then))

    def _now(self) -> tuple[dict[str, float], float, float]:
        own = os.times()
        parts = {name: cpu_seconds(tree(pids)) for name, pids in self._parts.items()}
        return parts, own.user + own.system, machine_busy_seconds()
