"""The file store's port."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple, Protocol
from uuid import UUID

from csms.kit.errors import Unavailable


class Kept(NamedTuple):
    """What a file came to."""

    size: int
    sha256: str


class FileStore(Protocol):
    """Keeps files under ids, readable by the server alone."""

    async def keep(self, file_id: UUID, chunks: AsyncIterator[bytes], limit: int) -> Kept:
        """Write a file, wholly or not at all; raises FileTooLarge past `limit` bytes."""
        ...

    def path(self, file_id: UUID) -> Path: ...
    async def remove(self, file_id: UUID) -> None: ...


class NoFiles:
    """For who keeps no files: everything asked of it is unavailable."""

    async def keep(self, file_id: UUID, chunks: AsyncIterator[bytes], limit: int) -> Kept:
        raise Unavailable("There is no file store.")

    def path(self, file_id: UUID) -> Path:
        raise Unavailable("There is no file store.")

    async def remove(self, file_id: UUID) -> None:
        raise Unavailable("There is no file store.")
