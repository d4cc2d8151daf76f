"""Moving what SQLite's write-ahead log holds into the database, beside the commits.

Left to itself SQLite does this inside the commit that makes the log too long: 80 MB at once, a tenth of a second and more in
which no station is answered. Here a thread of its own moves the bulk while commits go on, and the writer, which nobody can
overtake, moves the few pages that came meanwhile; then the log begins anew and never grows long.
"""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Final

from csms.adapters.db.engine import connect_raw

_EVERY_ROWS: Final = 5_000  # a row is about a page of 4 KiB in the log
_MOVE: Final = "PRAGMA wal_checkpoint(PASSIVE)"


class Checkpoints:
    """`before` and `after` are called around each commit, in the writer's thread; `moved` is set when it has a rest to move."""

    def __init__(self, path: Path, every_rows: int = _EVERY_ROWS) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="checkpoints")
        self._connection = connect_raw(path)
        self._every_rows = every_rows
        self._rows = 0
        self._moving = False
        self.moved = Event()

    def before(self, connection: sqlite3.Connection) -> None:
        if self.moved.is_set():
            self.moved.clear()
            self._moving = False
            connection.execute(_MOVE).fetchall()

    def after(self, rows: int) -> None:
        self._rows += rows
        if self._rows >= self._every_rows and not self._moving:
            self._rows, self._moving = 0, True
            self._thread.submit(self._move)

    def _move(self) -> None:
        try:
            self._connection.execute(_MOVE).fetchall()
        except sqlite3.OperationalError:
            self._moving = False  # disk trouble: the commits will say so, and SQLite tries again inside them
        else:
            self.moved.set()

    def close(self) -> None:
        self._thread.shutdown()
        self._connection.close()
