"""What a station remembers about id tags: the local list the central system sends, and a cache of what it said."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import msgspec
from msgspec import UNSET

from csms.ocpp import v16

_CACHE_LIMIT = 500

UpdateStatus = Literal["Accepted", "Failed", "VersionMismatch"]


def in_force(info: v16.IdTagInfo, now: datetime) -> v16.IdTagInfo:
    """The decision as it stands today: what has passed its expiry date is Expired (§3.5.1)."""
    if info.status == "Accepted" and info.expiry_date is not UNSET and info.expiry_date <= now:
        return msgspec.structs.replace(info, status="Expired")
    return info


class LocalList:
    """The Local Authorization List (§3.5.2); tags are compared without regard to case."""

    __slots__ = ("_entries", "version")

    def __init__(self) -> None:
        self.version = 0
        self._entries: dict[str, v16.IdTagInfo] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, id_tag: str, now: datetime) -> v16.IdTagInfo | None:
        info = self._entries.get(id_tag.lower())
        return None if info is None else in_force(info, now)

    def update(self, request: v16.SendLocalList, *, longest: int, longest_update: int) -> UpdateStatus:
        """Apply an update wholly or not at all; the answer is an UpdateStatus (§5.15)."""
        data = [] if request.local_authorization_list is UNSET else request.local_authorization_list
        full = request.update_type == "Full"
        if not full and request.list_version <= self.version:
            return "VersionMismatch"
        if request.list_version <= 0 or len(data) > longest_update or _repeats(item.id_tag for item in data):
            return "Failed"
        entries = {} if full else dict(self._entries)
        for item in data:
            if item.id_tag_info is not UNSET:
                entries[item.id_tag.lower()] = item.id_tag_info
            elif full:
                return "Failed"
            else:
                entries.pop(item.id_tag.lower(), None)
        if len(entries) > longest:
            return "Failed"
        self._entries = entries
        self.version = request.list_version
        return "Accepted"


class Cache:
    """The Authorization Cache (§3.5.1): the latest decision about each tag that came with any answer."""

    __slots__ = ("_entries",)

    def __init__(self) -> None:
        self._entries: dict[str, v16.IdTagInfo] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, id_tag: str, now: datetime) -> v16.IdTagInfo | None:
        info = self._entries.get(id_tag.lower())
        return None if info is None else in_force(info, now)

    def remember(self, id_tag: str, info: v16.IdTagInfo) -> None:
        """Note a decision; a full cache forgets a refused tag first, then the oldest."""
        self._entries.pop(id_tag.lower(), None)
        if len(self._entries) >= _CACHE_LIMIT:
            refused = (tag for tag, known in self._entries.items() if known.status != "Accepted")
            del self._entries[next(refused, next(iter(self._entries)))]
        self._entries[id_tag.lower()] = info

    def clear(self) -> None:
        self._entries.clear()


def _repeats(tags: Iterable[str]) -> bool:
    lowered = [tag.lower() for tag in tags]
    return len(set(lowered)) < len(lowered)
