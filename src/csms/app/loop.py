"""Running the event loop: uvloop, a calm garbage collector, enough file descriptors, and a clean end on signals."""

import asyncio
import gc
import resource
import signal
import sys
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

import uvloop

T = TypeVar("T")

SWITCH_S = 0.0002  # how long a busy loop keeps a thread waiting that comes back from the database: every commit, every question


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end on uvloop."""
    _raise_file_limit()
    sys.setswitchinterval(SWITCH_S)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def hold_collector() -> None:
    """While starting: nearly all that is made stays, and to look through it again and again takes a fifth of the start."""
    gc.disable()


def calm_collector() -> None:
    """After start: what lives now lives long; most objects die by their reference count, so look for
    garbage seldom, but not so seldom that stations wait for it.
    """
    gc.collect()
    gc.freeze()
    gc.enable()
    gc.set_threshold(4_000, 50, 100)


async def until_signal(or_until: asyncio.Event | None = None) -> None:
    """Wait for SIGINT or SIGTERM, or until somebody sets the event."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    reasons = [loop.create_task(event.wait()) for event in (stopped, or_until) if event is not None]
    try:
        await asyncio.wait(reasons, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for reason in reasons:
            reason.cancel()


def _raise_file_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
