"""A database that commits slowly, or not before a test says so: the recorder's own writer, kept waiting."""

import asyncio
from collections.abc import Sequence

from csms.adapters.db.recorder import GroupRecorder
from csms.kit.recording import Submission


class SlowWriter:
    """Stands between a recorder and its writer. `most_held_bytes` is the most that the recorder ever held in memory."""

    def __init__(self, recorder: GroupRecorder, pause_s: float = 0.0) -> None:
        self._recorder = recorder
        self._writer = recorder._writer
        self._pause_s = pause_s
        self._open = asyncio.Event()
        self._open.set()
        self.most_held_bytes = 0
        recorder._writer = self

    def hold(self) -> None:
        """No commit ends from now on."""
        self._open.clear()

    def release(self) -> None:
        self._open.set()

    async def write(self, batch: Sequence[Submission]) -> list[Submission]:
        await asyncio.sleep(self._pause_s)
        await self._open.wait()
        self.most_held_bytes = max(self.most_held_bytes, self._recorder.held_bytes)
        return await self._writer.write(batch)
