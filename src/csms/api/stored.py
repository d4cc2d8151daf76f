"""Files of the file store on their way out."""

import asyncio
from pathlib import Path
from uuid import UUID

from csms.api.context import ApiContext
from csms.domain.firmware.errors import FileNotFound


async def on_disk(context: ApiContext, file_id: UUID) -> Path:
    """Where a file lies; raises FileNotFound when it is there no more."""
    path = context.files.path(file_id)
    if not await asyncio.to_thread(path.is_file):
        raise FileNotFound("The file is not in the file store any more.")
    return path
