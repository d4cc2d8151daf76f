"""The operator's own quirk profiles: `*.toml` in a directory, read anew when a file changes, comes or goes."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog

from csms.domain.quirks.profiles import Profiles

log = structlog.get_logger(__name__)

LOOK_S: Final = 2.0


class QuirkFiles:
    """Keeps `profiles` as the files have it. A directory that does not exist holds none."""

    def __init__(self, folder: Path, profiles: Profiles) -> None:
        self._folder = folder
        self._stamps: dict[Path, tuple[int, int]] | None = None
        self.profiles = profiles

    def look(self) -> bool:
        """Read the files if any changed; whether other profiles are in force now."""
        stamps = dict(_stamp(path) for path in sorted(self._folder.glob("*.toml")))
        if stamps == self._stamps:
            return False
        self._stamps = stamps
        texts: dict[str, str] = {}
        unreadable: dict[str, str] = {}
        for path in stamps:
            try:
                texts[path.name] = path.read_text("utf-8")
            except UnicodeDecodeError:
                unreadable[path.name] = "It is no UTF-8 text."
            except OSError as error:
                unreadable[path.name] = f"It cannot be read: {error.strerror}."
        changed = self.profiles.renew(texts, unreadable)
        for file, trouble in self.profiles.troubles.items():
            log.error("a quirk profile cannot be used", file=file, reason=trouble)
        return changed

    async def run(self, changed: Callable[[], None]) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            if await asyncio.to_thread(self.look):
                log.info("the quirk profiles were read anew", count=len(self.profiles.items()))
                changed()


def _stamp(path: Path) -> tuple[Path, tuple[int, int]]:
    try:
        found = path.stat()
    except OSError:
        return path, (0, 0)
    return path, (found.st_mtime_ns, found.st_size)
