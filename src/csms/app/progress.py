"""How far long work is, on the terminal's error stream."""

import sys
import time
from collections.abc import Callable
from typing import Final, TextIO

_QUIET_S: Final = 1.0  # what is over within a second needs no bar
_BAR_S: Final = 0.1
_LINE_S: Final = 5.0
_WIDTH: Final = 30


class Progress:
    """Called with what is being done, how much of it is done, and how much there is, in the same unit.

    A bar on a terminal, a line every few seconds elsewhere; nothing for what takes less than a second.
    """

    def __init__(self, unit: str, out: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._unit = unit
        self._out = out or sys.stderr
        self._clock = clock
        self._doing = ""
        self._began = self._shown = clock()
        self._open = False

    def __call__(self, doing: str, done: int, total: int) -> None:
        now = self._clock()
        if doing != self._doing:
            self.end()
            self._doing, self._began, self._shown = doing, now, now - _LINE_S
        pause = _BAR_S if self._out.isatty() else _LINE_S
        if now - self._began < _QUIET_S or now - self._shown < pause:
            return
        self._shown = now
        self._show(done, max(total, done, 1), now - self._began)

    def _show(self, done: int, total: int, took_s: float) -> None:
        share = done / total
        left_s = took_s / share - took_s if share else 0.0
        said = f"{done:,} of {total:,} {self._unit}, {left_s:.0f} s left"
        if self._out.isatty():
            bar = "█" * round(share * _WIDTH)
            print(f"\r{self._doing} {bar:░<{_WIDTH}} {share:4.0%} {said}\x1b[K", end="", file=self._out, flush=True)
            self._open = True
        else:
            print(f"{self._doing}: {share:.0%}, {said}", file=self._out, flush=True)

    def end(self) -> None:
        if self._open:
            print(file=self._out, flush=True)
            self._open = False
