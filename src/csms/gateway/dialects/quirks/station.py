"""A station's quirks as its link knows them: settled when it connects and boots, changed by operators, counted."""

from csms.domain.quirks.live import Quirks, count
from csms.domain.quirks.recall import Recalled
from csms.gateway.turn import LiveStation, Turn


def settle(live: LiveStation, vendor: str | None, model: str | None, firmware: str | None) -> None:
    """Switch on what an operator assigned to the station, or else what its maker's profile names."""
    profile = live.profiles.of(vendor, model, firmware)
    quirks = live.quirks
    if quirks is None and profile is None:
        return
    quirks = live.quirks = quirks or Quirks()
    quirks.profile = profile.name if profile is not None else None
    by_profile = profile.repairs if profile is not None else ()
    quirks.repairs = by_profile if quirks.assigned is None else quirks.assigned


def suggest(live: LiveStation, repair: str, turn: Turn) -> None:
    """Count a repair that would have helped with a call which was answered all the same."""
    quirks = live.quirks = live.quirks or Quirks()
    if repair not in quirks.repairs:
        count(quirks, (repair,), live.station.id, turn.frame_id, turn.now, turn.changes, applied=False)


def recalled(live: LiveStation, what: Recalled) -> None:
    """Give a link what the tables know of its station's quirks."""
    live.time_zone = what.time_zone
    if what.counts or what.assigned is not None:
        quirks = live.quirks = live.quirks or Quirks()
        quirks.assigned = what.assigned
        quirks.counts = quirks.counts or what.counts
    elif live.quirks is not None:
        live.quirks.assigned = None
    settle(live, what.vendor, what.model, what.firmware_version)
