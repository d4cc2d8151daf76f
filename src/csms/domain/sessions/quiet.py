"""Sessions whose station never says that they ended, recognised by what it says next.

A power cut, another controller or a factory reset loses a transaction; the connector is in a state that knows none, and stays so.
A boot alone ends nothing: a station may continue its transaction after one.
"""

from datetime import datetime, timedelta
from typing import Final

from csms.domain.sessions.live import BY_AVAILABLE, BY_REBOOT, StationSessions, end_quiet
from csms.domain.stations.live import StationState
from csms.kit.changes import Change
from csms.kit.clock import microseconds

_WITHOUT: Final = {"available", "reserved", "unavailable"}  # no transaction is in these states (OCPP 1.6 §4.9)
# Nor in the other two, but there are stations that say so while one still runs.
_AFTER_BOOT: Final = {"preparing", "finishing"} | _WITHOUT


def end_quiet_sessions(
    sessions: StationSessions,
    station: StationState,
    connected_at: datetime,
    patience: timedelta,
    now: datetime,
    changes: list[Change],
) -> None:
    """End the sessions whose connector has been without a transaction, with no word of them, for longer than `patience`.

    After a boot a car that is still plugged in does not hide that its transaction was forgotten. Counted from the connection
    at the earliest: what a station has queued comes first.
    """
    for session in tuple(sessions.active.values()):
        connector = station.connectors.get((session.evse, session.connector))
        rebooted = station.booted_at is not None and station.booted_at > session.touched_at
        without = _AFTER_BOOT if rebooted else _WITHOUT
        if connector is None or connector.status not in without or connector.since is None:
            continue
        if now - max(connected_at, connector.since, session.touched_at) <= patience:
            continue
        end_quiet(sessions, session, BY_REBOOT if rebooted else BY_AVAILABLE, now, microseconds(now), changes)
