"""What station frames mean for charging sessions: pure functions over a station's live sessions.

Nothing that carries energy is dropped here: what does not fit is kept with a review item beside it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import NamedTuple
from uuid import UUID

from csms.domain.authorization.rules import CONCURRENT, Authorization, KnownToken, authorize, token_key
from csms.domain.quirks.physics import Register
from csms.domain.sessions.changes import NewReading, NewReviewItem, NewSession, SessionProgress, SessionSettled
from csms.domain.sessions.rules import believed, is_before
from csms.kit.changes import Change
from csms.kit.facts import Fact, belated, detail
from csms.kit.ids import uuid7_of

ACTIVE = "active"
ENDED = "ended"
BY_STATION = "station"
BY_NEW_TRANSACTION = "new_transaction"
BY_AVAILABLE = "available"
BY_REBOOT = "reboot"
OVER_POWER = "over_power"

_REMEMBERED = 16  # ended sessions kept in memory; longer than any that could still be on their way to the database


class LiveSession:
    """A session as the link's process knows it; the fields are those of the table.

    `began_at` is the station's time, None where that cannot be right. `touched_at` is our time of the last frame that spoke
    of it, as far as we know. `register` is what the meter last came to, on this link. `reopened` since we ended it, on this link.
    """

    __slots__ = (
        "authorization", "began_at", "connector", "ended_by", "energy_wh", "evse", "expires_at", "group_id", "id", "id_token",
        "id_token_key", "meter_start_wh", "meter_stop_wh", "power_w", "reading_at", "register", "reopened", "soc_percent",
        "started_at", "state", "touched_at", "uid",
    )  # fmt: skip

    def __init__(
        self, session_id: int, uid: UUID, start: "Start", decision: Authorization, received_at: datetime
    ) -> None:
        self.id = session_id
        self.uid = uid
        self.evse = start.evse
        self.connector = start.connector
        self.id_token = start.id_token
        self.id_token_key = token_key(start.id_token)
        self.started_at = start.at
        self.began_at = believed(start.at, received_at)
        self.meter_start_wh = start.meter_wh
        self.authorization = decision.status
        self.group_id = decision.group_id
        self.expires_at = decision.expires_at
        self.state = ACTIVE
        self.ended_by: str | None = None
        self.energy_wh = 0
        self.meter_stop_wh: int | None = None
        self.power_w: float | None = None
        self.soc_percent: float | None = None
        self.reading_at: datetime | None = None
        self.register: Register | None = None
        self.touched_at = received_at
        self.reopened = False

    def is_start(self, start: "Start") -> bool:
        """Whether this session is what `start` (again) asks for, whatever message id it came with."""
        return (
            self.started_at == start.at
            and self.meter_start_wh == start.meter_wh
            and self.connector == start.connector
            and self.evse == start.evse
            and self.id_token_key == token_key(start.id_token)
        )

    def decision(self) -> Authorization:
        """What the station was told of its id token when it began."""
        return Authorization(self.authorization, self.expires_at, self.group_id)


class StationSessions:
    """The sessions of one station that frames may still speak of: the active ones, and the last ended."""

    __slots__ = ("active", "ended", "station_id")

    def __init__(self, station_id: int) -> None:
        self.station_id = station_id
        self.active: dict[int, LiveSession] = {}
        self.ended: dict[int, LiveSession] | None = None  # made when first needed: most links end none

    def find(self, session_id: int) -> LiveSession | None:
        session = self.active.get(session_id)
        if session is None and self.ended is not None:
            session = self.ended.get(session_id)
        return session

    def find_start(self, start: "Start") -> LiveSession | None:
        for session in chain(self.active.values(), (self.ended or {}).values()):
            if session.is_start(start):
                return session
        return None

    def retire(self, session: LiveSession) -> None:
        self.active.pop(session.id, None)
        if self.ended is None:
            self.ended = {}
        self.ended.pop(session.id, None)  # so that it is now the last of them
        self.ended[session.id] = session
        if len(self.ended) > _REMEMBERED:
            del self.ended[next(iter(self.ended))]


class Start(NamedTuple):
    """A station began a transaction; `at` is its own time."""

    evse: int
    connector: int
    id_token: str
    meter_wh: int
    at: datetime
    reservation_id: int | None


class Stop(NamedTuple):
    """A station ended a transaction; `reason` as it said, `id_token` if one was presented to stop."""

    transaction_id: int
    meter_wh: int
    at: datetime
    reason: str
    id_token: str | None

    def subject(self) -> str:
        """Tells one end from another on the review list: all transactions without a known id are -1 (errata 3.18)."""
        return f"{self.transaction_id} at {self.meter_wh} Wh, {self.at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


class Measured(NamedTuple):
    """What was measured at one moment: headline figures and every sample as JSON. `energy_wh` is the meter's register."""

    at: datetime
    context: str
    energy_wh: float | None
    power_w: float | None
    soc_percent: float | None
    samples: bytes


class Started(NamedTuple):
    """The answer to a start: `repeated` when the same start had been answered before."""

    session: LiveSession
    decision: Authorization
    repeated: bool


def decide_start(
    sessions: StationSessions, start: Start, token: KnownToken | None, now: datetime, *, allow_concurrent: bool
) -> Authorization:
    """Like `authorize`, and concurrent when the token has another session running since before this start.

    A session on the same connector does not count: its stop was missed, this start ends it. Sessions of this station are
    judged by memory, which is ahead of the tables.
    """
    decision = authorize(token, now)
    if token is None or allow_concurrent or not decision.accepted:
        return decision
    key, began_at = token_key(start.id_token), believed(start.at, now)
    here = any(
        session.id_token_key == key
        and is_before(session.began_at, began_at)
        and session.authorization == decision.status
        for session in sessions.active.values()
        if (session.evse, session.connector) != (start.evse, start.connector)
    )
    elsewhere = any(use.station_id != sessions.station_id and is_before(use.began_at, began_at) for use in token.uses)
    return Authorization(CONCURRENT, *decision[1:]) if here or elsewhere else decision


def is_sole(sessions: StationSessions, start: Start, token: KnownToken | None, decision: Authorization) -> bool:
    """Whether an accepted id token has no other session, for all that we know: then no other process may think the same."""
    if token is None or token.uses or not decision.accepted:
        return False
    key = token_key(start.id_token)
    return all(session.id_token_key != key for session in sessions.active.values())


def begin(
    sessions: StationSessions,
    start: Start,
    decision: Authorization,
    session_id: int,
    now: datetime,
    frame_id: int,
    changes: list[Change],
    *,
    sole: bool = False,
) -> LiveSession:
    """Begin a session under `session_id`, also for a refused token: a station may deliver energy all the same.

    A session still open on the connector has missed its stop: it is ended with what is known of it, unless it began later
    than this one (an old start arriving late), or this one is refused (a stranger's card does not end a charge).
    """
    began_at = believed(start.at, now)
    if decision.accepted:
        for other in tuple(sessions.active.values()):
            if (other.evse, other.connector) == (start.evse, start.connector) and is_before(other.began_at, began_at):
                _end_missed(sessions, other, start, began_at or now, now, frame_id, changes)
    uid = uuid7_of(now, sessions.station_id, session_id)
    session = sessions.active[session_id] = LiveSession(session_id, uid, start, decision, now)
    changes.append(
        NewSession(session_id, uid, sessions.station_id, start.evse, start.connector, ACTIVE, start.id_token,
                   session.id_token_key, decision.group_id, decision.status, start.reservation_id, start.at, now,
                   start.meter_wh, 0, sole)
    )  # fmt: skip
    said = detail(evse=start.evse, connector=start.connector, authorization=decision.status,
                  occurred_at=belated(began_at or now, now))  # fmt: skip
    changes.append(Fact("SessionStarted", now, sessions.station_id, session_id, said))
    if not decision.accepted:
        failed = detail(cause="refused", authorization=decision.status, evse=start.evse, connector=start.connector,
                        occurred_at=belated(start.at, now))  # fmt: skip
        changes.append(Fact("StartFailed", now, sessions.station_id, session_id, failed))
    if began_at is None:
        _doubt_clock(sessions, session, start.at, now, frame_id, changes)
    return session


def end_quiet(
    sessions: StationSessions, session: LiveSession, ended_by: str, now: datetime, frame_id: int, changes: list[Change]
) -> None:
    """End a session whose station has long said that there is none; its stop, or more readings, put it right."""
    session.ended_by = ended_by
    _end(sessions, session, session.reading_at or session.touched_at, now, reason=None, id_token=None, changes=changes)
    _review(sessions, "not_stopped", session.id, session, frame_id, now, session.energy_wh, changes,
            "Its connector has long been without a transaction and this was never stopped; ended at the last reading.")  # fmt: skip


def _end_missed(
    sessions: StationSessions,
    session: LiveSession,
    following: "Start",
    at: datetime,
    now: datetime,
    frame_id: int,
    changes: list[Change],
) -> None:
    """What the meter counted after the last reading is told, not billed: some connectors share a meter with another one."""
    session.ended_by = BY_NEW_TRANSACTION
    _end(sessions, session, session.reading_at or at, now, reason=None, id_token=None, changes=changes)
    words = "The next transaction began on this connector before this one was stopped; ended with the last reading."
    untold = following.meter_wh - session.meter_start_wh - session.energy_wh
    if untold > 0:
        words += f" The next one began at {following.meter_wh} Wh: up to {untold} Wh more were delivered."
    _review(sessions, "not_stopped", session.id, session, frame_id, now, session.energy_wh, changes, words)


def _end(
    sessions: StationSessions,
    session: LiveSession,
    at: datetime,
    now: datetime,
    *,
    reason: str | None,
    id_token: str | None,
    changes: list[Change],
) -> None:
    session.state = ENDED
    session.power_w = 0.0
    sessions.retire(session)
    assert session.ended_by is not None
    changes.append(_settled(session, at, now, reason, id_token))
    occurred_at = belated(believed(at, now) or now, now)
    said = detail(energy_wh=session.energy_wh, ended_by=session.ended_by, reason=reason, occurred_at=occurred_at)
    changes.append(Fact("SessionEnded", now, sessions.station_id, session.id, said))


def stop(
    sessions: StationSessions,
    what: Stop,
    session: LiveSession | None,
    now: datetime,
    frame_id: int,
    changes: list[Change],
) -> None:
    """End a session. A repeated stop changes nothing; an unknown transaction goes to review, answered normally.

    The real stop of a session that we had ended corrects it (OCPP 1.6 §4.8: transaction messages may come late).
    """
    if session is None:
        _review(sessions, "unknown_transaction", what.subject(), None, frame_id, now, None, changes,
                f"The end of transaction {what.transaction_id}, never begun here, at {what.meter_wh} Wh.")  # fmt: skip
        return
    if session.state == ENDED and session.ended_by == BY_STATION:
        if session.meter_stop_wh != what.meter_wh:
            _review(sessions, "conflicting_stop", what.subject(), session, frame_id, now, session.energy_wh, changes,
                    f"Stopped again at {what.meter_wh} Wh; the first stop, at {session.meter_stop_wh} Wh, counts.")  # fmt: skip
        return
    session.ended_by = BY_STATION
    session.meter_stop_wh = what.meter_wh
    delivered = what.meter_wh - session.meter_start_wh
    if delivered < 0:
        _review(sessions, "meter_backwards", session.id, session, frame_id, now, session.energy_wh, changes,
                f"The meter ended at {what.meter_wh} Wh, below its start at {session.meter_start_wh} Wh.")  # fmt: skip
    else:
        session.energy_wh = delivered
    if session.authorization != "accepted" and session.energy_wh > 0:
        _review(sessions, "refused_energy", session.id, session, frame_id, now, session.energy_wh, changes,
                f"The id token was refused ({session.authorization}), yet energy was delivered.")  # fmt: skip
    _end(sessions, session, what.at, now, reason=what.reason, id_token=what.id_token, changes=changes)
    if what.at < session.started_at or believed(what.at, now) is None:
        _doubt_clock(sessions, session, what.at, now, frame_id, changes)


def _doubt_clock(
    sessions: StationSessions, session: LiveSession, at: datetime, now: datetime, frame_id: int, changes: list[Change]
) -> None:
    """Mark a session whose times cannot be right; ours stand beside them."""
    station, here = (f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%S}" for when in (at, now))
    _review(sessions, "clock_wrong", session.id, session, frame_id, now, session.energy_wh, changes,
            f"The station's clock said {station} when it was {here} here (UTC).")  # fmt: skip


def doubt_energy(
    sessions: StationSessions, session: LiveSession, now: datetime, frame_id: int, changes: list[Change], words: str
) -> None:
    """Mark a session of which more was told than can be."""
    _review(sessions, OVER_POWER, session.id, session, frame_id, now, session.energy_wh, changes, words)


def measure(
    sessions: StationSessions,
    evse: int,
    transaction_id: int | None,
    session: LiveSession | None,
    measured: Sequence[Measured],
    now: datetime,
    frame_id: int,
    changes: list[Change],
) -> None:
    """Keep readings, with their session if there is one; one for an unknown transaction also asks for review."""
    session_id = session.id if session is not None else None
    for number, reading in enumerate(measured):
        changes.append(NewReading(frame_id, number, sessions.station_id, evse, session_id, *reading))
        if session is not None and session.ended_by != BY_STATION:
            _progress(session, reading)
    if session is None and transaction_id is not None:
        _review(sessions, "unknown_transaction", transaction_id, None, frame_id, now, None, changes,
                f"Readings for transaction {transaction_id}, which was never begun here.")  # fmt: skip
    elif session is not None and session.state == ACTIVE and measured:
        session.touched_at = now
        changes.append(
            _settled(session)
            if session.reopened
            else SessionProgress(
                session.energy_wh, session.power_w, session.soc_percent, session.reading_at, session.id
            )
        )
    elif session is not None and session.ended_by != BY_STATION and measured:
        _correct(sessions, session, now, changes)


def _correct(sessions: StationSessions, session: LiveSession, now: datetime, changes: list[Change]) -> None:
    """Readings of a session that we had ended ourselves: it goes on, or, when another one has its connector, it had more."""
    place = (session.evse, session.connector)
    if session.ended_by == BY_NEW_TRANSACTION or place in {(s.evse, s.connector) for s in sessions.active.values()}:
        session.power_w = 0.0
        sessions.retire(session)
        changes.append(_settled(session, session.reading_at, now))
        return
    session.state, session.ended_by, session.touched_at, session.reopened = ACTIVE, None, now, True
    if sessions.ended is not None:
        sessions.ended.pop(session.id, None)
    sessions.active[session.id] = session
    changes.append(_settled(session))
    changes.append(Fact("SessionReopened", now, sessions.station_id, session.id, detail(energy_wh=session.energy_wh)))


def _settled(
    session: LiveSession,
    at: datetime | None = None,
    now: datetime | None = None,
    reason: str | None = None,
    id_token: str | None = None,
) -> SessionSettled:
    return SessionSettled(
        session.state, session.energy_wh, session.power_w, session.soc_percent, session.reading_at, session.meter_stop_wh,
        at, now, session.ended_by, reason, id_token, False, session.id,
    )  # fmt: skip


def _progress(session: LiveSession, reading: Measured) -> None:
    """Energy only grows; power and state of charge are those of the newest reading."""
    if reading.energy_wh is not None:
        delivered = int(reading.energy_wh) - session.meter_start_wh
        session.energy_wh = max(session.energy_wh, delivered)
    if session.reading_at is None or reading.at >= session.reading_at:
        session.reading_at = reading.at
        if reading.power_w is not None:
            session.power_w = reading.power_w
        if reading.soc_percent is not None:
            session.soc_percent = reading.soc_percent


def _review(
    sessions: StationSessions,
    kind: str,
    subject: int | str,
    session: LiveSession | None,
    frame_id: int,
    now: datetime,
    energy_wh: float | None,
    changes: list[Change],
    words: str,
) -> None:
    session_id = session.id if session is not None else None
    changes.append(
        NewReviewItem(sessions.station_id, kind, str(subject), session_id, frame_id, now, energy_wh, words, "open")
    )
