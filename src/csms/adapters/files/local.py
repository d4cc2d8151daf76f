"""Files in a directory that only the server's own account can read."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

from csms.domain.firmware.errors import FileTooLarge
from csms.domain.firmware.ports import Kept


class LocalFiles:
    """One file an id; what is being written has `.part` behind its name until it is whole and on the disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, file_id: UUID) -> Path:
        return self._folder / file_id.hex

    async def keep(self, file_id: UUID, chunks: AsyncIterator[bytes], limit: int) -> Kept:
        part = self.path(file_id).with_suffix(".part")
        descriptor = await asyncio.to_thread(self._create, part)
        digest, size = hashlib.sha256(), 0
        try:
            async for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise FileTooLarge(f"A file has at most {limit} bytes.")
                digest.update(chunk)
                await asyncio.to_thread(_write, descriptor, chunk)
            await asyncio.to_thread(os.fsync, descriptor)
            await asyncio.to_thread(part.rename, self.path(file_id))
        finally:
            os.close(descriptor)
            part.unlink(missing_ok=True)
        return Kept(size, digest.hexdigest())

    async def remove(self, file_id: UUID) -> None:
        await asyncio.to_thread(self.path(file_id).unlink, missing_ok=True)

    def _create(self, part: Path) -> int:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def _write(descriptor: int, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        view = view[os.write(descriptor, view) :]
