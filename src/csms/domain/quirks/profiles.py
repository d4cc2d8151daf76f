"""Which profile a station has, by what it said of itself at its last boot: the operator's own profiles first, then ours."""

import tomllib
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Any, Final, NamedTuple

from csms.domain.quirks.errors import BadProfile
from csms.domain.quirks.rules import REPAIRS

_PATTERNS: Final = ("vendor", "model", "firmware")
_FIELDS: Final = ("name", *_PATTERNS, "repairs")


class Profile(NamedTuple):
    """What a maker's stations need; patterns in lower case. `file` is None for those that come with the program."""

    name: str
    vendor: str
    model: str
    firmware: str
    repairs: tuple[str, ...]
    file: str | None = None

    def fits(self, vendor: str, model: str, firmware: str) -> bool:
        return (
            fnmatchcase(vendor.lower(), self.vendor)
            and fnmatchcase(model.lower(), self.model)
            and fnmatchcase(firmware.lower(), self.firmware)
        )


def read(text: str, file: str | None = None) -> tuple[Profile, ...]:
    """Profiles from TOML; raises BadProfile, which says what is wrong."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadProfile(f"It is no TOML: {error}.") from error
    entries = document.get("profile")
    if not isinstance(entries, list) or not entries or document.keys() != {"profile"}:
        raise BadProfile("It must hold [[profile]] tables and nothing else.")
    profiles = tuple(_profile(number, entry, file) for number, entry in enumerate(entries, start=1))
    names = [profile.name for profile in profiles]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadProfile(f"Two profiles have the same name: {', '.join(twice)}.")
    return profiles


def _profile(number: int, entry: Any, file: str | None) -> Profile:
    name = entry.get("name") if isinstance(entry, dict) else None
    if not isinstance(name, str) or not name.strip():
        raise BadProfile(f"Profile {number} has no name.")
    strange = sorted(entry.keys() - set(_FIELDS))
    if strange:
        raise BadProfile(f"Profile {name}: {', '.join(strange)} is no field; there are {', '.join(_FIELDS)}.")
    patterns = {field: entry.get(field, "*") for field in _PATTERNS}
    for field, pattern in patterns.items():
        if not isinstance(pattern, str) or not pattern.strip():
            raise BadProfile(f"Profile {name}: {field} must be text with shell wildcards.")
    if not any(field in entry for field in _PATTERNS):
        raise BadProfile(f"Profile {name}: say which stations it is for: {', '.join(_PATTERNS)}, or several of them.")
    repairs = entry.get("repairs")
    if not isinstance(repairs, list) or not all(isinstance(repair, str) for repair in repairs):
        raise BadProfile(f"Profile {name}: repairs must be a list of names.")
    unknown = sorted(set(repairs) - REPAIRS.keys())
    if unknown:
        raise BadProfile(f"Profile {name}: no repair is named {', '.join(unknown)}; there are {', '.join(REPAIRS)}.")
    vendor, model, firmware = (patterns[field].lower() for field in _PATTERNS)
    return Profile(name, vendor, model, firmware, tuple(dict.fromkeys(repairs)), file)


@cache
def known() -> tuple[Profile, ...]:
    """The profiles that come with the program, in order."""
    folder = files("csms.domain.quirks")
    return read(folder.joinpath("profiles.toml").read_text("utf-8"))


class Profiles:
    """The profiles in force in this process: the first that fits counts.

    `troubles` says by file what is wrong with it; what it held before it was spoilt counts on.
    """

    __slots__ = ("_own", "troubles")

    def __init__(self) -> None:
        self._own: dict[str, tuple[Profile, ...]] = {}
        self.troubles: dict[str, str] = {}

    def items(self) -> tuple[Profile, ...]:
        return (*(profile for profiles in self._own.values() for profile in profiles), *known())

    def of(self, vendor: str | None, model: str | None, firmware: str | None) -> Profile | None:
        said = (vendor or "", model or "", firmware or "")
        return next((profile for profile in self.items() if profile.fits(*said)), None)

    def renew(self, texts: Mapping[str, str], unreadable: Mapping[str, str]) -> bool:
        """Take the operator's files, by name; whether other profiles are in force now."""
        own: dict[str, tuple[Profile, ...]] = {}
        troubles = dict(unreadable)
        for file in sorted({*texts, *unreadable}):
            try:
                own[file] = read(texts[file], file) if file in texts else self._own.get(file, ())
            except BadProfile as error:
                troubles[file] = error.detail
                own[file] = self._own.get(file, ())
        changed = own != self._own
        self._own, self.troubles = own, troubles
        return changed
