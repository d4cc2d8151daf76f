"""A frame's turn: what deciding about it may use, and what it leaves behind."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from msgspec import UNSET, Raw, Struct

from csms.domain.quirks.live import Quirks
from csms.domain.quirks.profiles import Profiles
from csms.domain.sessions.live import StationSessions
from csms.domain.sessions.recall import Found, Question
from csms.domain.stations.live import StationState
from csms.kit.changes import Change
from csms.ocpp.protocol import AnyAction, Protocol

WAIT: Final = "wait"
ACCEPT: Final = "accept"
_CONNECTORS = (0, 9_999)
_INTEGERS = (-(2**53), 2**53)  # what every JSON reader can tell apart

_BUILT_IN = Profiles()


class LiveStation:
    """Everything a link knows of its station; the link is its only writer.

    `quirks` is None for a station that has none, `time_zone` the IANA name of its location's; `profiles` are those in force.
    `clock` is None for one that is right, else by how many quarters of an hour it was ahead of ours, and when.
    """

    __slots__ = ("clock", "profiles", "quirks", "sessions", "station", "time_zone")

    def __init__(
        self,
        station: StationState,
        sessions: StationSessions,
        quirks: Quirks | None = None,
        time_zone: str | None = None,
        profiles: Profiles | None = None,
    ) -> None:
        self.station = station
        self.sessions = sessions
        self.quirks = quirks
        self.time_zone = time_zone
        self.profiles = profiles or _BUILT_IN
        self.clock: tuple[int, datetime] | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """The operator's choices that decisions depend on; intervals in seconds.

    `cpo_name` must stand in stations' certificate requests, if it is given. `without_database` says what becomes of an id token
    while the tables cannot be asked: wait, refuse or accept.
    """

    heartbeat_interval_s: int = 300
    registration_retry_s: int = 60
    allow_concurrent: bool = False
    quiet_session_s: int = 600  # a session whose connector is available for longer, without a word of it, has ended
    cpo_name: str | None = None
    without_database: str = WAIT


class Turn:
    """Given to every decision: time, the frame's id, what was found in the tables; collects changes."""

    __slots__ = ("changes", "command_id", "found", "frame_id", "new_transaction_id", "now", "policy", "session_id")

    def __init__(
        self, now: datetime, frame_id: int, found: Found, policy: Policy, new_transaction_id: Callable[[], int]
    ) -> None:
        self.now = now
        self.frame_id = frame_id
        self.found = found
        self.policy = policy
        self.new_transaction_id = new_transaction_id
        self.changes: list[Change] = []
        self.session_id: int | None = None
        self.command_id: UUID | None = None  # the command of ours that is being answered


class Handler(NamedTuple):
    """How a dialect answers one action.

    `integers` names the request's whole numbers: JSON lets them be of any size, no database does.
    `decide` is pure: live station, request and turn in, response out. `question` says what must be looked up first, if anything.
    `unseen` decides when what was asked is not found out in time, if the operator wants that. `eager` answers need no commit before
    they leave; `unregistered` ones are given before the station was accepted. One that `boots` may be
    put off when too many stations do.
    """

    decide: Callable[[LiveStation, Any, Turn], Struct]
    question: Callable[[LiveStation, Any], Question | None] | None = None
    eager: bool = False
    unregistered: bool = False
    integers: tuple[str, ...] = ()
    unseen: Callable[[LiveStation, Any, Turn], Struct] | None = None
    boots: bool = False

    def oversized(self, request: Struct) -> str | None:
        """The first of the request's whole numbers that is beyond what can be kept, in words."""
        for name in self.integers:
            value = getattr(request, name)
            low, high = _CONNECTORS if name == "connector_id" else _INTEGERS
            if value is not UNSET and not low <= value <= high:
                return f"{name}: not between {low} and {high}"
        return None


class Instruction(NamedTuple):
    """A command in the words of a dialect."""

    action: AnyAction
    request: Struct


Phrase = Callable[[LiveStation, dict[str, Any]], Struct]  # a command's payload as a call
Learner = Callable[[LiveStation, Any, Any, Turn], None]  # what the answer to a call of ours changes


class Told(NamedTuple):
    """What an answer of ours said that no rule can find again: the transaction id (0: none) and the verdict on the id token."""

    transaction_id: int
    authorization: str | None
    group_id: str | None


@dataclass(frozen=True, slots=True)
class Dialect:
    """An OCPP version as the gateway speaks it.

    `instruct` turns a command's verb and payload into a call; `outcome` judges a response: accepted or rejected; `learn` says what
    a response changes; `told` reads an answer that we gave; `discreet` gives a message as it may be kept, without secrets.
    `come_again` answers a boot that is one too many: it has to boot again after so many seconds.
    """

    protocol: Protocol
    handlers: dict[str, Handler]
    instruct: Callable[[LiveStation, str, str, dict[str, Any]], Instruction]
    outcome: Callable[[Struct], str]
    learn: Callable[[LiveStation, Struct, Struct, Turn], None]
    told: Callable[[AnyAction, Raw], Told]
    discreet: Callable[[Struct], Struct]
    come_again: Callable[[int], Handler]
