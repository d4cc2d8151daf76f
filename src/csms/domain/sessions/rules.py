"""What came before what, where a station's clock may be wrong."""

from datetime import datetime, timedelta
from typing import Final

_BEHIND: Final = timedelta(days=365)  # no station is offline for longer and then delivers what it has queued
_AHEAD: Final = timedelta(days=1)  # more than any mistaken time zone


def believed(at: datetime, received_at: datetime) -> datetime | None:
    """A station's time for what we heard of at `received_at`, or None where it cannot be right: at 1970, years off."""
    return at if -_AHEAD <= received_at - at <= _BEHIND else None


def is_before(earlier_heard: datetime | None, later_heard: datetime | None) -> bool:
    """Whether what we heard of first came first: by the stations' clocks where both are believed, else by arrival."""
    return earlier_heard is None or later_heard is None or earlier_heard <= later_heard
