"""What live processing must know from the tables: id tokens presented, sessions spoken of, sessions still open.

Questions of many links are answered together, one query a kind.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, select, tuple_

from csms.domain.authorization.model import IdToken
from csms.domain.authorization.rules import ACCEPTED, Authorization, KnownToken, Use, token_key
from csms.domain.sessions.live import ACTIVE, LiveSession, Start, StationSessions
from csms.domain.sessions.model import Session
from csms.domain.sessions.rules import believed


class Question(NamedTuple):
    """What a frame needs to know before it can be decided."""

    station_id: int
    id_token: str | None = None
    transaction_id: int | None = None
    start: Start | None = None


class Found(NamedTuple):
    """The answer: the id token if it is ours, the session meant by the transaction id or begun by this very start."""

    token: KnownToken | None
    session: LiveSession | None


NOTHING = Found(None, None)


def answer(connection: Connection, questions: Sequence[Question]) -> list[Found]:
    """Answer all questions from one snapshot, in order."""
    keys = {token_key(question.id_token) for question in questions if question.id_token is not None}
    tokens = _tokens(connection, keys) if keys else {}
    by_id = _by_transaction(connection, questions)
    by_start = _by_start(connection, questions)
    return [
        Found(
            tokens.get(token_key(question.id_token)) if question.id_token is not None else None,
            by_id.get((question.station_id, question.transaction_id))
            if question.start is None
            else next(
                (known for known in by_start.get(question.station_id, ()) if known.is_start(question.start)), None
            ),
        )
        for question in questions
    ]


def used_elsewhere(question: Question, found: Found) -> list[Use]:
    """The sessions at other stations that a start's id token has running; none for a start known already."""
    start, token = question.start, found.token
    if start is None or token is None or found.session is not None:
        return []
    return [use for use in token.uses if use.station_id != question.station_id]


def recall_sessions(connection: Connection, ids: Sequence[int]) -> dict[int, StationSessions]:
    """The active sessions of stations."""
    sessions = {station_id: StationSessions(station_id) for station_id in ids}
    active = and_(Session.station_id.in_(ids), Session.state == ACTIVE)
    for station_id, live in _load(connection, active):
        sessions[station_id].active[live.id] = live
    return sessions


def _tokens(connection: Connection, keys: Iterable[str]) -> dict[str, KnownToken]:
    uses: dict[str, list[Use]] = {}
    times = (Session.started_at, Session.started_received_at)
    running = select(Session.id_token_key, Session.id, Session.station_id, *times).where(
        Session.state == ACTIVE, Session.authorization == ACCEPTED, Session.id_token_key.in_(keys)
    )
    for key, session_id, station_id, started_at, received_at in connection.execute(running):
        uses.setdefault(key, []).append(Use(session_id, station_id, believed(started_at, received_at)))
    known = select(IdToken.key, IdToken.uid, IdToken.group_id, IdToken.status, IdToken.expires_at)
    return {
        key: KnownToken(uid, group_id, status, expires_at, tuple(uses.get(key, ())))
        for key, uid, group_id, status, expires_at in connection.execute(known.where(IdToken.key.in_(keys)))
    }


def _by_transaction(connection: Connection, questions: Sequence[Question]) -> dict[tuple[int, int | None], LiveSession]:
    ids = {question.transaction_id for question in questions if question.transaction_id is not None}
    if not ids:
        return {}
    return {(station_id, live.id): live for station_id, live in _load(connection, Session.id.in_(ids))}


def _by_start(connection: Connection, questions: Sequence[Question]) -> dict[int, list[LiveSession]]:
    starts = {(question.station_id, question.start.at) for question in questions if question.start is not None}
    found: dict[int, list[LiveSession]] = {}
    if starts:
        same = tuple_(Session.station_id, Session.started_at).in_(list(starts))
        for station_id, live in _load(connection, same):
            found.setdefault(station_id, []).append(live)
    return found


def _load(connection: Connection, which: ColumnElement[bool]) -> list[tuple[int, LiveSession]]:
    rows = connection.execute(
        select(
            Session.id, Session.uid, Session.station_id, Session.evse, Session.connector, Session.id_token,
            Session.meter_start_wh, Session.started_at, Session.reservation_id, Session.authorization, Session.group_id,
            Session.state, Session.ended_by, Session.energy_wh, Session.meter_stop_wh, Session.power_w,
            Session.soc_percent, Session.reading_at, Session.started_received_at,
        ).where(which)
    )  # fmt: skip
    return [(row.station_id, live_session(row)) for row in rows]


def live_session(row: Any) -> LiveSession:
    """A session as the tables have it (any object with their columns as attributes)."""
    start = Start(row.evse, row.connector, row.id_token, row.meter_start_wh, row.started_at, row.reservation_id)
    live = LiveSession(
        row.id, row.uid, start, Authorization(row.authorization, None, row.group_id), row.started_received_at
    )
    live.state = row.state
    live.ended_by = row.ended_by
    live.energy_wh = row.energy_wh
    live.meter_stop_wh = row.meter_stop_wh
    live.power_w = row.power_w
    live.soc_percent = row.soc_percent
    live.reading_at = row.reading_at
    return live
