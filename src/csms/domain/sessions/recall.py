"""What live processing must know from the tables: id tokens presented, sessions spoken of, sessions still open.

Questions of many links are answered together, one query a kind.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, and_, literal_column, select

from csms.domain.authorization.model import IdToken
from csms.domain.authorization.rules import ACCEPTED, Authorization, KnownToken, Use, token_key
from csms.domain.sessions.live import ACTIVE, LiveSession, Start, StationSessions
from csms.domain.sessions.model import Session
from csms.domain.sessions.rules import believed
from csms.kit.lookups import Lookup


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

_IS_ACTIVE: Final = Session.state == literal_column(f"'{ACTIVE}'")  # not a parameter, which no partial index answers
_SESSIONS: Final = select(
    Session.id, Session.uid, Session.station_id, Session.evse, Session.connector, Session.id_token,
    Session.meter_start_wh, Session.started_at, Session.reservation_id, Session.authorization, Session.group_id,
    Session.state, Session.ended_by, Session.energy_wh, Session.meter_stop_wh, Session.power_w,
    Session.soc_percent, Session.reading_at, Session.started_received_at,
)  # fmt: skip
_BY_ID: Final = Lookup(_SESSIONS, Session.id)
_ACTIVE: Final = Lookup(_SESSIONS.where(_IS_ACTIVE), Session.station_id)
_BY_START: Final = Lookup(_SESSIONS, Session.station_id, Session.started_at)
_TOKENS: Final = Lookup(
    select(
        IdToken.key, IdToken.uid, IdToken.group_id, IdToken.status, IdToken.expires_at,
        Session.id.label("session_id"), Session.station_id, Session.started_at, Session.started_received_at,
    ).outerjoin_from(
        IdToken, Session, and_(Session.id_token_key == IdToken.key, _IS_ACTIVE, Session.authorization == ACCEPTED)
    ),
    IdToken.key,
)  # fmt: skip


def answer(connection: Connection, questions: Sequence[Question]) -> list[Found]:
    """Answer all questions from one snapshot, in order."""
    keys = {token_key(question.id_token) for question in questions if question.id_token is not None}
    tokens = _tokens(connection, [*keys])
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
    for row in _ACTIVE.rows(connection, ids):
        sessions[row.station_id].active[row.id] = live_session(row)
    return sessions


def _tokens(connection: Connection, keys: Sequence[str]) -> dict[str, KnownToken]:
    known: dict[str, Any] = {}
    uses: dict[str, list[Use]] = {}
    for row in _TOKENS.rows(connection, keys):
        known[row.key] = row
        if row.session_id is not None:
            use = Use(row.session_id, row.station_id, believed(row.started_at, row.started_received_at))
            uses.setdefault(row.key, []).append(use)
    return {
        key: KnownToken(row.uid, row.group_id, row.status, row.expires_at, tuple(uses.get(key, ())))
        for key, row in known.items()
    }


def _by_transaction(connection: Connection, questions: Sequence[Question]) -> dict[tuple[int, int | None], LiveSession]:
    ids = {question.transaction_id for question in questions if question.transaction_id is not None}
    return {(row.station_id, row.id): live_session(row) for row in _BY_ID.rows(connection, [*ids])}


def _by_start(connection: Connection, questions: Sequence[Question]) -> dict[int, list[LiveSession]]:
    starts = {(question.station_id, question.start.at) for question in questions if question.start is not None}
    found: dict[int, list[LiveSession]] = {}
    for row in _BY_START.rows(connection, [*starts]):
        found.setdefault(row.station_id, []).append(live_session(row))
    return found


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
