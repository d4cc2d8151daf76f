"""What a location's and a station's own words may be: pure checks that give back the value as it is kept."""

import re
from functools import cache
from zoneinfo import available_timezones

from csms.domain.stations.errors import (
    InvalidCoordinates,
    InvalidCountry,
    InvalidIdentity,
    InvalidText,
    InvalidTimeZone,
)

# OCPP-J 1.6 §3.1.1 leaves the identity free; 48 is CiString48 of OCPP 2.0.1. A colon would end the user name of HTTP basic
# authentication (RFC 7617 §2), and "." and ".." do not survive in a URL.
_IDENTITY = re.compile(r"(?!\.{1,2}\Z)(?! )[ -.0-9;-~]{1,48}(?<! )", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")

# ISO 3166-1 alpha-2: the second letters that follow a first one.
_SECOND_LETTERS = {
    "A": "DEFGILMOQRSTUWXZ",
    "B": "ABDEFGHIJLMNOQRSTVWYZ",
    "C": "ACDFGHIKLMNORUVWXYZ",
    "D": "EJKMOZ",
    "E": "CEGHRST",
    "F": "IJKMOR",
    "G": "ABDEFGHILMNPQRSTUWY",
    "H": "KMNRTU",
    "I": "DELMNOQRST",
    "J": "EMOP",
    "K": "EGHIMNPRWYZ",
    "L": "ABCIKRSTUVY",
    "M": "ACDEFGHKLMNOPQRSTUVWXYZ",
    "N": "ACEFGILOPRUZ",
    "O": "M",
    "P": "AEFGHKLMNRSTWY",
    "Q": "A",
    "R": "EOSUW",
    "S": "ABCDEGHIJKLMNORSTVXYZ",
    "T": "CDFGHJKLMNORTVWZ",
    "U": "AGMSYZ",
    "V": "ACEGINU",
    "W": "FS",
    "Y": "ET",
    "Z": "AMW",
}
_COUNTRIES = frozenset(first + second for first, seconds in _SECOND_LETTERS.items() for second in seconds)


def check_identity(identity: str) -> str:
    if _IDENTITY.fullmatch(identity) is None:
        raise InvalidIdentity(field="identity")
    return identity


def check_text(text: str, field: str) -> str:
    """Without control characters (tab and line ends are none) and without space around it."""
    if _CONTROL.search(text) is not None:
        raise InvalidText(field=field)
    return text.strip()


def check_time_zone(name: str) -> str:
    if name not in _time_zones():
        raise InvalidTimeZone(field="time_zone")
    return name


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(name for name in available_timezones() if name not in ("localtime", "Factory"))


def check_country(code: str) -> str:
    if not code.isascii() or code.upper() not in _COUNTRIES:  # "ß".upper() is South Sudan
        raise InvalidCountry(field="country")
    return code.upper()


def check_coordinates(latitude: float | None, longitude: float | None) -> None:
    """WGS 84 degrees; NaN is none."""
    if latitude is None and longitude is None:
        return
    if latitude is None or longitude is None or not (abs(latitude) <= 90 and abs(longitude) <= 180):
        raise InvalidCoordinates(field="latitude")
