"""Proxies in front of the stations' ports: whose word is taken for where a connection comes from, and what they say.

Two ways are understood: the PROXY protocol (versions 1 and 2) before the first byte, for proxies that pass TLS on as it is, and
`X-Forwarded-For` with `X-Forwarded-Proto` in the upgrade request, for those that end TLS themselves.
"""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final, NamedTuple

_V1: Final = b"PROXY "
_V1_LIMIT: Final = 107  # the longest line that version 1 allows
_V2: Final = b"\r\n\r\n\x00\r\nQUIT\n"
_V2_HEAD: Final = 16
_V2_LOCAL, _V2_PROXY = 0x20, 0x21
_V2_TCP4, _V2_TCP6 = 0x11, 0x21


class Preface(NamedTuple):
    """What the PROXY protocol says: where the connection comes from, if it does, and how many bytes that took."""

    host: str | None
    port: int
    length: int


class BadPreface(Exception):  # noqa: N818 - it is what was said
    """It begins like the PROXY protocol, but is not."""


class Proxies:
    """The networks of the proxies that are trusted."""

    def __init__(self, networks: Sequence[IPv4Network | IPv6Network] = ()) -> None:
        self._networks = networks

    @classmethod
    def of(cls, text: str) -> "Proxies":
        """Of addresses and networks, with commas; raises ValueError."""
        return cls([ip_network(part.strip()) for part in text.split(",") if part.strip()])

    def trust(self, host: str) -> bool:
        if not self._networks:
            return False
        try:
            address = ip_address(host)
        except ValueError:
            return False
        address = getattr(address, "ipv4_mapped", None) or address
        return any(address in network for network in self._networks)

    def origin(self, forwarded_for: str) -> str | None:
        """Where a request comes from, that a trusted proxy passed on: the last address that is no proxy of ours.

        If all of them are in the proxies' networks, the first: somebody beside the proxies, like their host itself.
        """
        host = None
        for part in reversed(forwarded_for.split(",")):
            host = part.strip().strip("[]")
            try:
                ip_address(host)
            except ValueError:
                return None
            if not self.trust(host):
                break
        return host


def preface(said: bytes) -> Preface | None:
    """The preface of a trusted proxy's connection; None while more must come. Raises BadPreface.

    A connection that begins otherwise has an empty one: a proxy may also speak for itself, to see whether we are there.
    """
    if said.startswith(_V2[: len(said)]):
        return _version_2(said) if len(said) >= _V2_HEAD else None
    if said.startswith(_V1[: len(said)]):
        return _version_1(said)
    return Preface(None, 0, 0)


def _version_1(said: bytes) -> Preface | None:
    line, end, _ = said.partition(b"\r\n")
    if not end:
        if len(said) > _V1_LIMIT:
            raise BadPreface
        return None
    match line.decode("latin-1").split(" "):
        case ["PROXY", "UNKNOWN", *_]:
            return Preface(None, 0, len(line) + 2)
        case ["PROXY", "TCP4" | "TCP6", host, _, port, _] if port.isdigit():
            return Preface(_address(host), int(port), len(line) + 2)
    raise BadPreface


def _version_2(said: bytes) -> Preface | None:
    command, family, length = said[12], said[13], _V2_HEAD + int.from_bytes(said[14:16])
    if len(said) < length:
        return None
    body = said[_V2_HEAD:length]
    if command == _V2_LOCAL:
        return Preface(None, 0, length)
    size = {_V2_TCP4: 4, _V2_TCP6: 16}.get(family)
    if command != _V2_PROXY or size is None or len(body) < 2 * size + 4:
        raise BadPreface
    return Preface(str(ip_address(body[:size])), int.from_bytes(body[2 * size : 2 * size + 2]), length)


def _address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        raise BadPreface from None
