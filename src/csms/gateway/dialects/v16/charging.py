"""Core profile, charging: authorize, start, meter values, stop (OCPP 1.6 §4.1, §4.7, §4.8, §4.10)."""

from typing import Final

from csms.domain.authorization.changes import NewRefusal
from csms.domain.authorization.rules import ACCEPTED, INVALID, Authorization, authorize, token_key
from csms.domain.quirks.rules import METER_STOP_IS_ENERGY, TRANSACTION_ID
from csms.domain.reservations import live as reservations
from csms.domain.sessions import live as sessions
from csms.domain.sessions.recall import Question
from csms.domain.stations.live import announce
from csms.gateway.dialects.quirks.doubts import doubt_absurd, doubt_clock, doubt_readings, doubt_registers
from csms.gateway.dialects.quirks.meaning import beyond_reason
from csms.gateway.dialects.quirks.station import suggest
from csms.gateway.dialects.v16.readings import measured
from csms.gateway.dialects.v16.words import STOP_REASON, bounded, evse_of, given, id_tag_info
from csms.gateway.turn import ACCEPT, Handler, LiveStation, Turn
from csms.kit.facts import Fact, detail
from csms.ocpp import v16


def ask_authorize(live: LiveStation, request: v16.Authorize) -> Question:
    return Question(live.station.id, id_token=request.id_tag)


def authorize_(live: LiveStation, request: v16.Authorize, turn: Turn) -> v16.AuthorizeResponse:
    """§4.1; ConcurrentTx is for StartTransaction alone (§7.2), so that a driver can come back to stop."""
    decision = authorize(turn.found.token, turn.now)
    if not decision.accepted:
        presented = request.id_tag
        turn.changes.append(
            NewRefusal(turn.now, live.station.id, presented, token_key(presented), decision.status, turn.frame_id)
        )
    return v16.AuthorizeResponse(id_tag_info=id_tag_info(decision))


def authorize_unseen(live: LiveStation, request: v16.Authorize, turn: Turn) -> v16.AuthorizeResponse:
    """The database does not answer: the operator's policy does, and it is not hidden that nobody looked."""
    decision = Authorization(ACCEPTED if turn.policy.without_database == ACCEPT else INVALID)
    said = detail(id_token=request.id_tag, authorization=decision.status)
    turn.changes.append(Fact("IdTokenDecidedWithoutDatabase", turn.now, live.station.id, None, said))
    return v16.AuthorizeResponse(id_tag_info=id_tag_info(decision))


_RESERVATIONS: Final = 2**31  # every reservation id of ours is below; what is beyond names none and keeps no energy out


def _start_of(request: v16.StartTransaction) -> sessions.Start:
    evse, connector = evse_of(request.connector_id)
    said = given(request.reservation_id)
    reservation_id = said if said is not None and 0 <= said < _RESERVATIONS else None
    return sessions.Start(
        evse, connector, request.id_tag, request.meter_start, bounded(request.timestamp), reservation_id
    )


def ask_start(live: LiveStation, request: v16.StartTransaction) -> Question:
    return Question(live.station.id, id_token=request.id_tag, start=_start_of(request))


def start_transaction(live: LiveStation, request: v16.StartTransaction, turn: Turn) -> v16.StartTransactionResponse:
    """§4.8; the same start again gets the same transaction id: its first answer was lost (errata 3.17)."""
    start = _start_of(request)
    session = live.sessions.find_start(start) or turn.found.session
    if session is None:
        doubt_clock(live, start.at, turn)
        announce(live.station, start.evse, start.connector, turn.changes)
        token, allow_concurrent = turn.found.token, turn.policy.allow_concurrent
        decision = sessions.decide_start(live.sessions, start, token, turn.now, allow_concurrent=allow_concurrent)
        transaction_id = turn.new_transaction_id()
        session = sessions.begin(
            live.sessions, start, decision, transaction_id, turn.now, turn.frame_id, turn.changes,
            sole=not allow_concurrent and sessions.is_sole(live.sessions, start, token, decision),
        )  # fmt: skip
        if start.reservation_id is not None:
            reservations.used(live.station.id, start.reservation_id, session.id, turn.now, turn.changes)
    turn.session_id = session.id
    return v16.StartTransactionResponse(transaction_id=session.id, id_tag_info=id_tag_info(session.decision()))


_METER_VALUES_TAKEN = v16.MeterValuesResponse()


def _unremembered(live: LiveStation, transaction_id: int | None) -> int | None:
    """A transaction id that only the tables can tell of; -1 and 0 never name one (errata 3.18)."""
    if transaction_id is None or transaction_id <= 0 or live.sessions.find(transaction_id) is not None:
        return None
    return transaction_id


def ask_meter_values(live: LiveStation, request: v16.MeterValues) -> Question | None:
    transaction_id = _unremembered(live, given(request.transaction_id))
    return None if transaction_id is None else Question(live.station.id, transaction_id=transaction_id)


def meter_values(live: LiveStation, request: v16.MeterValues, turn: Turn) -> v16.MeterValuesResponse:
    transaction_id = given(request.transaction_id)
    session = None if transaction_id is None else live.sessions.find(transaction_id) or turn.found.session
    turn.session_id = session.id if session is not None else None
    if transaction_id == 0:
        suggest(live, TRANSACTION_ID, turn)
    evse, _ = evse_of(request.connector_id)
    readings = [measured(value) for value in request.meter_value]
    if readings:
        doubt_clock(live, readings[-1].at, turn)
    if (
        session is not None
        and readings
        and not doubt_readings(live, session, request.meter_value, readings, turn)
        and any(beyond_reason(session.meter_start_wh, reading.energy_wh) for reading in readings)
    ):
        doubt_absurd(live, session, turn)
    sessions.measure(live.sessions, evse, transaction_id, session, readings, turn.now, turn.frame_id, turn.changes)
    return _METER_VALUES_TAKEN


_STOP_TAKEN = v16.StopTransactionResponse()


def ask_stop(live: LiveStation, request: v16.StopTransaction) -> Question | None:
    transaction_id = _unremembered(live, request.transaction_id)
    id_token = given(request.id_tag)
    if transaction_id is None and id_token is None:
        return None
    return Question(live.station.id, id_token=id_token, transaction_id=transaction_id)


def stop_transaction(live: LiveStation, request: v16.StopTransaction, turn: Turn) -> v16.StopTransactionResponse:
    """§4.10; always answered normally, or the station would retry for ever."""
    session = live.sessions.find(request.transaction_id) or turn.found.session
    id_token = given(request.id_tag)
    turn.session_id = session.id if session is not None else None
    if data := given(request.transaction_data):
        evse = session.evse if session is not None else 0
        readings = [measured(value) for value in data]
        sessions.measure(
            live.sessions, evse, request.transaction_id, session, readings, turn.now, turn.frame_id, turn.changes
        )
    what = sessions.Stop(
        request.transaction_id,
        request.meter_stop,
        bounded(request.timestamp),
        STOP_REASON[given(request.reason) or "Local"],
        id_token,
    )
    if request.transaction_id == 0:
        suggest(live, TRANSACTION_ID, turn)
    elif session is not None and 0 <= request.meter_stop < session.meter_start_wh:
        suggest(live, METER_STOP_IS_ENERGY, turn)
    elif session is not None:
        doubt_registers(live, session, request.meter_stop, what.at, turn)
    doubt_clock(live, what.at, turn)
    sessions.stop(live.sessions, what, session, turn.now, turn.frame_id, turn.changes)
    if id_token is None:
        return _STOP_TAKEN
    return v16.StopTransactionResponse(id_tag_info=id_tag_info(authorize(turn.found.token, turn.now)))


HANDLERS: Final = {
    "Authorize": Handler(authorize_, ask_authorize, unseen=authorize_unseen),
    "StartTransaction": Handler(start_transaction, ask_start, integers=("connector_id", "meter_start")),
    "MeterValues": Handler(meter_values, ask_meter_values, integers=("connector_id", "transaction_id")),
    "StopTransaction": Handler(stop_transaction, ask_stop, integers=("meter_stop", "transaction_id")),
}
