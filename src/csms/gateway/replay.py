"""Sessions rebuilt from stored frames, by the same decisions that live processing made.

What a replay takes as given, because no rule can find it again: the times in the frames' ids, the transaction ids and the
verdicts on id tokens that stand in the stored answers, the repairs that stand beside the frames, the location's present time
zone, and the ends that time decided (`QuietEnd`). Marks of too much energy are not compared: they depend on limits that people
change, and on what a link remembers. All else is decided anew. Frames that were refused changed nothing.
"""

from collections.abc import Iterable
from datetime import datetime
from heapq import merge
from typing import Final

from csms.domain.authorization.rules import ACCEPTED, CONCURRENT, EXPIRED, INVALID, KnownToken, Use
from csms.domain.sessions.history import QuietEnd, StoredFrame
from csms.domain.sessions.live import LiveSession, StationSessions, end_quiet
from csms.domain.sessions.recall import NOTHING, Found, Question
from csms.domain.sessions.records import Records
from csms.domain.stations.live import StationState
from csms.gateway.mending import mended_again
from csms.gateway.turn import Dialect, Handler, LiveStation, Policy, Told, Turn
from csms.kit.changes import Change
from csms.kit.clock import from_microseconds, microseconds
from csms.ocpp.endpoint import Endpoint, IncomingCall
from csms.ocpp.frames import CallResult, decode_frame
from csms.ocpp.protocol import Sender

_ANY_LENGTH: Final = 2**31
_ELSEWHERE: Final = (Use(0, 0, None),)  # the other session that a concurrent token had


class Replay:
    """One station's sessions; `troubles` says in words which frames did not mean again what they had meant.

    `earlier` is what was there before the first stored frame: taken as it stands now, for frames that still speak of it.
    """

    def __init__(
        self,
        dialect: Dialect,
        station_id: int,
        identity: str,
        time_zone: str | None = None,
        earlier: Records | None = None,
    ) -> None:
        self._dialect = dialect
        self._endpoint = Endpoint(dialect.protocol, Sender.CSMS, max_frame_bytes=_ANY_LENGTH)
        station = StationState(station_id, identity, ACCEPTED, booted=True)
        self._live = LiveStation(station, StationSessions(station_id), time_zone=time_zone)
        self.records = earlier or Records()
        self.frames = 0
        self.troubles: list[str] = []
        self._live.sessions.active.update((session.id, session) for session in self.records.active())

    def run(self, frames: Iterable[StoredFrame], ends: Iterable[QuietEnd] = ()) -> None:
        """Both in the order of their times."""
        both: list[Iterable[StoredFrame | QuietEnd]] = [frames, ends]
        for what in merge(*both, key=_moment):
            if isinstance(what, StoredFrame):
                self.take(what)
            else:
                self.end(what)

    def take(self, frame: StoredFrame) -> None:
        """Decide a frame as it was decided."""
        self.frames += 1
        call = self._read(frame)
        answer = decode_frame(frame.answer)
        if type(call) is not IncomingCall or type(answer) is not CallResult:
            self._trouble(frame, "is none that would be taken today")
            return
        handler = self._dialect.handlers[call.action.name]
        told = self._dialect.told(call.action, answer.payload)
        now = from_microseconds(frame.id)
        policy = Policy(allow_concurrent=told.authorization != CONCURRENT)
        turn = Turn(now, frame.id, self._found(handler, call, told, now), policy, lambda: told.transaction_id)
        handler.decide(self._live, call.request, turn)
        self.records.apply(turn.changes)
        if turn.session_id != frame.session_id:
            self._trouble(frame, f"belonged to session {frame.session_id}, and now to {turn.session_id}")

    def end(self, end: QuietEnd) -> None:
        """End a session as the passing of time had ended it."""
        session = self._live.sessions.active.get(end.session_id)
        if session is None:
            self.troubles.append(f"Session {end.session_id} was ended at {end.at}, and is not active now.")
            return
        changes: list[Change] = []
        end_quiet(self._live.sessions, session, end.ended_by, end.at, microseconds(end.at), changes)
        self.records.apply(changes)

    def _read(self, frame: StoredFrame) -> object:
        event = self._endpoint.receive(frame.call)
        if frame.repairs:
            return mended_again(frame.call, event, frame.repairs.split(","), self._live, self._dialect.protocol)
        return event

    def _found(self, handler: Handler, call: IncomingCall, told: Told, now: datetime) -> Found:
        question = handler.question(self._live, call.request) if handler.question is not None else None
        if question is None:
            return NOTHING
        return Found(_token(question, told, now), self._session(question))

    def _session(self, question: Question) -> LiveSession | None:
        if question.start is not None:
            return self.records.find_start(question.start)
        return self.records.find(question.transaction_id) if question.transaction_id is not None else None

    def _trouble(self, frame: StoredFrame, words: str) -> None:
        self.troubles.append(f"The frame {frame.id} {words}.")


def _moment(what: StoredFrame | QuietEnd) -> int:
    return what.id if isinstance(what, StoredFrame) else microseconds(what.at)


def _token(question: Question, told: Told, now: datetime) -> KnownToken | None:
    """An id token about which the verdict can only be the one that was told."""
    if question.id_token is None or told.authorization in (None, INVALID):
        return None
    status = "active" if told.authorization in (ACCEPTED, CONCURRENT, EXPIRED) else "blocked"
    expires_at = now if told.authorization == EXPIRED else None
    uses = _ELSEWHERE if told.authorization == CONCURRENT else ()
    return KnownToken(question.id_token, told.group_id, status, expires_at, uses)
