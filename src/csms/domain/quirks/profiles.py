"""Which profile a station has, by what it said of itself at its last boot."""

import tomllib
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from csms.domain.quirks.rules import REPAIRS


class Profile(NamedTuple):
    """What a maker's stations need; patterns in lower case."""

    name: str
    vendor: str
    model: str
    firmware: str
    repairs: tuple[str, ...]

    def fits(self, vendor: str, model: str, firmware: str) -> bool:
        return (
            fnmatchcase(vendor.lower(), self.vendor)
            and fnmatchcase(model.lower(), self.model)
            and fnmatchcase(firmware.lower(), self.firmware)
        )


def read(text: str) -> tuple[Profile, ...]:
    """Profiles from TOML; raises ValueError for one that names no repair of ours."""
    profiles = tuple(
        Profile(
            entry["name"],
            entry.get("vendor", "*").lower(),
            entry.get("model", "*").lower(),
            entry.get("firmware", "*").lower(),
            tuple(entry["repairs"]),
        )
        for entry in tomllib.loads(text).get("profile", ())
    )
    for profile in profiles:
        unknown = set(profile.repairs) - REPAIRS.keys()
        if unknown:
            raise ValueError(f"profile {profile.name}: no repair is named {', '.join(sorted(unknown))}")
    return profiles


@cache
def known() -> tuple[Profile, ...]:
    """The profiles that come with the program, in order."""
    folder = files("csms.domain.quirks")
    return read(folder.joinpath("profiles.toml").read_text("utf-8"))


def profile_of(vendor: str | None, model: str | None, firmware: str | None) -> Profile | None:
    said = (vendor or "", model or "", firmware or "")
    return next((profile for profile in known() if profile.fits(*said)), None)
