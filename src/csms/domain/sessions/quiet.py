"""Sessions whose station never says that they ended, recognised by what it says next.

A power cut, another controller or a factory reset loses a transaction; the connector is available, and stays so. A boot alone
ends nothing: a station may continue its transaction after one.
"""

from datetime import datetime, timedelta

from csms.domain.sessions.live import BY_AVAILABLE, BY_REBOOT, StationSessions, end_quiet
from csms.domain.stations.live import AVAILABLE, StationState
from csms.kit.changes import Change
from csms.kit.clock import microseconds


def end_quiet_sessions(
    sessions: StationSessions,
    station: StationState,
    connected_at: datetime,
    patience: timedelta,
    now: datetime,
    changes: list[Change],
) -> None:
    """End the sessions whose connector is available, with no word of them, for longer than `patience`.

    Counted from the connection at the earliest: what a station has queued comes first.
    """
    for session in tuple(sessions.active.values()):
        connector = station.connectors.get((session.evse, session.connector))
        if connector is None or connector.status != AVAILABLE or connector.since is None:
            continue
        if now - max(connected_at, connector.since, session.touched_at) <= patience:
            continue
        rebooted = station.booted_at is not None and station.booted_at > session.touched_at
        end_quiet(sessions, session, BY_REBOOT if rebooted else BY_AVAILABLE, now, microseconds(now), changes)
