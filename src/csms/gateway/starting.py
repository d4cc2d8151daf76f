"""Id tokens that charge at stations of this process: what the tables cannot tell yet of a start a moment ago."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from csms.domain.authorization.rules import ACCEPTED, Use, token_key
from csms.domain.sessions.live import LiveSession, Start, StationSessions
from csms.domain.sessions.recall import Found, Question

if TYPE_CHECKING:
    from csms.gateway.link import Link


class Starting:
    """The last session that each id token was accepted for, while it runs on one of our links.

    Two stations that start with one id token within a few milliseconds both ask before either has committed; the second one
    is told of the first from here. Between two processes the second commit is refused (`sole` in the sessions' table).
    """

    def __init__(self, links: "Mapping[int, Link]") -> None:
        self._links = links
        self._last: dict[str, tuple[int, int]] = {}

    def __len__(self) -> int:
        return len(self._last)

    def beside(self, found: Found, question: Question) -> Found:
        """What was found, and the use of its id token that it may lack."""
        token, start = found.token, question.start
        if token is None or start is None:
            return found
        session = self._running(self._last.get(token_key(start.id_token)))
        if session is None or any(use.session_id == session.id for use in token.uses):
            return found
        use = Use(session.id, self._last[session.id_token_key][0], session.began_at)
        return found._replace(token=token._replace(uses=(*token.uses, use)))

    def begun(self, sessions: StationSessions, start: Start) -> None:
        """A start was decided, one way or the other."""
        session = sessions.find_start(start)
        if session is not None and session.id in sessions.active and session.authorization == ACCEPTED:
            self._last[session.id_token_key] = sessions.station_id, session.id

    def forget(self) -> None:
        """Let go of what has ended."""
        self._last = {key: where for key, where in self._last.items() if self._running(where) is not None}

    def _running(self, where: tuple[int, int] | None) -> LiveSession | None:
        link = self._links.get(where[0]) if where is not None else None
        return link.live.sessions.active.get(where[1]) if link is not None and where is not None else None
