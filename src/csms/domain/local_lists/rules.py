"""How a list gets from what a station holds to what it should hold: pure, without clock or database."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

DEFAULT_SEND_LENGTH: Final = 100  # entries a message, until the station has reported its SendLocalListMaxLength

Entry = Mapping[str, Any]  # uid and, where there are any, expires_at (ISO 8601, UTC) and group_id
Entries = Mapping[str, Entry]  # by the uid as it compares


class Limits(NamedTuple):
    """What the station says it can take: entries in one message, and in the whole list (None: not known)."""

    send: int = DEFAULT_SEND_LENGTH
    list: int | None = None


class Difference(NamedTuple):
    """What must be put (new or changed) and removed (by key) to get from one list to another."""

    put: dict[str, Entry]
    removed: list[str]

    @property
    def size(self) -> int:
        return len(self.put) + len(self.removed)


class Step(NamedTuple):
    """One message: full or differential, its entries (None: remove this uid), and the list as it is once accepted."""

    full: bool
    entries: list[tuple[str, Entry | None]]
    after: dict[str, Entry]


def limits(send: str | None, longest: str | None) -> Limits:
    """From the configuration keys' values; what is no number or not positive is taken as not known."""
    return Limits(_positive(send) or DEFAULT_SEND_LENGTH, _positive(longest))


def _positive(text: str | None) -> int | None:
    return int(text) if text is not None and text.strip().isdecimal() and int(text) > 0 else None


def cut(wanted: Entries, longest: int | None) -> dict[str, Entry]:
    """The wanted list as far as the station can hold it: the first in order of their keys."""
    keys = sorted(wanted)
    return {key: wanted[key] for key in (keys if longest is None else keys[:longest])}


def difference(held: Entries, wanted: Entries) -> Difference:
    put = {key: entry for key, entry in sorted(wanted.items()) if held.get(key) != entry}
    return Difference(put, sorted(held.keys() - wanted.keys()))


def next_step(held: Entries, wanted: Entries, send: int, *, full: bool) -> Step | None:
    """The next message towards `wanted`, None when there is nothing to say.

    `full` is asked for when what the station holds is not known; else a full list is sent where it takes fewer messages than the
    differences. Removals go first, so that the station's list never grows past the longest it can be.
    """
    change = difference(held, wanted)
    if not full and change.size == 0:
        return None
    if full or _messages(len(wanted), send) < _messages(change.size, send):
        first = {key: wanted[key] for key in sorted(wanted)[:send]}
        return Step(True, list(first.items()), first)
    steps = [*((key, None) for key in change.removed), *change.put.items()]
    return _differential(held, steps[:send])


def _differential(held: Entries, steps: Iterable[tuple[str, Entry | None]]) -> Step:
    after = dict(held)
    said: list[tuple[str, Entry | None]] = []
    for key, entry in steps:
        said.append((held[key]["uid"] if entry is None else key, entry))
        if entry is None:
            del after[key]
        else:
            after[key] = entry
    return Step(False, said, after)


def _messages(entries: int, send: int) -> int:
    return -(-max(entries, 1) // send)


def expected_version(version: int | None, entries: int) -> int | None:
    """What GetLocalListVersion should give: 0 for an empty list whatever its version (OCPP 1.6 §6.28, errata 3.52)."""
    return 0 if version is not None and entries == 0 else version
