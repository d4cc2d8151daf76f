"""Traces, for whoever collects them: nothing here knows how, and nothing happens unless the composition root says so."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from typing import Final

Span = Callable[..., AbstractContextManager[object]]
"""`span(name, **attributes)`: a block that is timed."""

# What is being done at present, as a W3C `traceparent`: kept with a command, it links what another process does with it.
TRACE: Final[ContextVar[str | None]] = ContextVar("csms_trace", default=None)


def no_span(_name: str, **_attributes: str | int) -> AbstractContextManager[object]:
    """Nobody looks."""
    return nullcontext()


def current_trace() -> str | None:
    return TRACE.get()
