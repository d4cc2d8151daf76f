"""What frames do to sessions, where their changes meet in one commit."""

from datetime import UTC, datetime, timedelta

from csms.domain.authorization.rules import ACCEPTED, Authorization
from csms.domain.sessions.live import (
    BY_AVAILABLE,
    LiveSession,
    Measured,
    Start,
    StationSessions,
    begin,
    end_quiet,
    measure,
)
from csms.kit.changes import Change

from ...harness.memory import MemoryTables

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


def reading(minute: int, energy_wh: float) -> Measured:
    return Measured(NOON + timedelta(minutes=minute), "Sample.Periodic", energy_wh, 7000.0, 50.0 + minute, b"[]")


def test_a_session_reopened_and_measured_again_in_one_commit_keeps_all_its_energy() -> None:
    """The kinds of changes are written one after the other, whatever order they came in."""
    tables, sessions, changes = MemoryTables(), StationSessions(1), list[Change]()
    session = begin(sessions, Start(1, 1, "FRIEND", 1000, NOON, None), Authorization(ACCEPTED), 7, NOON, 1, changes)
    end_quiet(sessions, session, BY_AVAILABLE, NOON + timedelta(minutes=30), 2, changes)
    tables.apply(changes)
    together: list[Change] = []
    for minute, register in ((40, 1500), (41, 1600), (42, 1900)):
        when = NOON + timedelta(minutes=minute)
        measure(sessions, 1, 7, session, [reading(minute, register)], when, minute, together)
    tables.apply(together)
    [row] = tables.rows("sessions")
    assert (row["state"], row["energy_wh"], row["soc_percent"]) == ("active", 900, 92.0)
    assert row["reading_at"] == NOON + timedelta(minutes=42)


def test_late_readings_of_what_we_ended_are_remembered_before_they_are_committed() -> None:
    """The next frame may come before their commit, and must not be judged by the row of before."""
    sessions, changes = StationSessions(1), list[Change]()
    first = begin(sessions, Start(1, 1, "FRIEND", 0, NOON, None), Authorization(ACCEPTED), 7, NOON, 1, changes)
    later = Start(1, 1, "OTHER", 500, NOON + timedelta(hours=1), None)
    begin(sessions, later, Authorization(ACCEPTED), 8, later.at, 2, changes)
    recalled = LiveSession(7, first.uid, Start(1, 1, "FRIEND", 0, NOON, None), Authorization(ACCEPTED), NOON)
    recalled.state, recalled.ended_by = first.state, first.ended_by
    sessions.ended = None  # a new link, whose memory begins with the active ones
    measure(sessions, 1, 7, recalled, [reading(50, 450)], later.at + timedelta(seconds=1), 3, changes)
    known = sessions.find(7)
    assert known is not None
    assert (known.state, known.energy_wh) == ("ended", 450)
