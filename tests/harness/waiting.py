"""Waiting for a condition, never for a time."""

import asyncio
from collections.abc import Callable
from inspect import isawaitable
from typing import Any


async def until(condition: Callable[[], Any], within_s: float = 15.0, what: str = "the condition") -> Any:
    """What the condition (a function or a coroutine function) gives as soon as it is true; fails when it is not in time."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within_s
    while True:
        found = condition()
        value = await found if isawaitable(found) else found
        if value:
            return value
        if loop.time() > deadline:
            raise AssertionError(f"{what} did not come true within {within_s} s")
        await asyncio.sleep(0.01)
