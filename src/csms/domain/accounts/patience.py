"""How long guessing passwords has to wait, by e-mail address and by network address."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

FORGET_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Patience:
    """`free` wrong passwords, then a pause of `first_s` seconds that doubles with each further one up to `most_s`."""

    free: int
    first_s: int = 15
    most_s: int = 900

    def wait_s(self, failures: int, last_at: datetime, now: datetime) -> int:
        """Whole seconds until the next attempt, 0 when it may be made now."""
        over = failures - self.free
        if over < 0 or now - last_at > FORGET_AFTER:
            return 0
        pause = min(self.first_s * 2 ** min(over, 20), self.most_s)
        return max(0, math.ceil((last_at + timedelta(seconds=pause) - now).total_seconds()))


FOR_EMAIL = Patience(free=5)
FOR_ADDRESS = Patience(free=30)  # people behind one router share an address


def neighbourhood(address: str) -> str:
    """What counts as one network address: an IPv4 address, or the /64 an IPv6 host can roam in."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ip_network((parsed, 64), strict=False))
    return str(parsed)
