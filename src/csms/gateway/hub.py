"""The hub: all links of this process, and what they share: look-ups in batches, ids, time-outs, presence."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import NamedTuple

import structlog
from picows import WSCloseCode

from csms.domain.quirks.profiles import Profiles
from csms.domain.quirks.recall import recall_quirks
from csms.domain.sessions import recall
from csms.domain.sessions.recall import Found, Question
from csms.domain.stations.bells import JUDGED_BY
from csms.domain.stations.changes import LinkClosed, LinkOpened
from csms.domain.stations.limits import recall_limits
from csms.domain.stations.links import take_transaction_ids
from csms.gateway.admission import Boots, Gate
from csms.gateway.dialects.quirks.station import recalled
from csms.gateway.dispatch import Dispatch
from csms.gateway.link import Link
from csms.gateway.starting import Starting
from csms.gateway.taking import take
from csms.gateway.tally import Tally
from csms.gateway.turn import Dialect, LiveStation, Policy
from csms.kit.batching import Batcher
from csms.kit.bus import Bus
from csms.kit.changes import Change
from csms.kit.clock import Clock
from csms.kit.database import Database
from csms.kit.errors import Unavailable
from csms.kit.facts import Fact, detail
from csms.kit.ids import FrameIds
from csms.kit.recording import Recorder
from csms.kit.sealing import Seal
from csms.kit.tasks import Tasks

log = structlog.get_logger(__name__)

TRANSACTION_ID_BLOCK = 1000
RETRY_S = 0.5
PARTING_S = 2.0
LOOK_FOR_QUIET_S = 10.0
HELD_UP_S = 1.0  # a sweep that comes so much later than the one before was not let run
RECALLED_AT_ONCE = 500
LINKS = "links."
SECOND_LOOK_S = 3.0
READ_MEANWHILE_S = 0.1

Answer = Callable[[Found | None, Exception | None], None]


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """`name` tells gateways apart. A station not heard from for `ping_interval_s` is pinged, after two it is offline.

    A frame longer than `max_frame_bytes` is refused and answered, one longer than `max_message_bytes` ends the connection. After
    `database_patience_s` an id token is decided without the database, where the policy wants that.
    `handshakes_*` and `boots_*` bound how fast stations come in (see `admission`).
    """

    name: str
    ping_interval_s: float = 30.0
    call_timeout_s: float = 30.0
    max_frame_bytes: int = 65_536
    max_message_bytes: int = 1_048_576
    handshake_timeout_s: float = 10.0
    unknown_stations: str = "inbox"
    database_patience_s: float = 5.0
    handshakes_at_once: int = 1000
    tls_handshakes_at_once: int = 100
    handshakes_waiting: int = 20_000
    handshakes_per_s: float = 0.0
    boots_per_s: float = 2000.0
    busy_after_s: float = 5.0


class Opened(NamedTuple):
    """A link's fencing number, what is known of its station, and whether commands wait for it."""

    epoch: int
    live: LiveStation
    commands_waiting: bool


class Hub:
    """Holds the links by station; everything runs in one event loop."""

    def __init__(
        self,
        *,
        database: Database,
        recorder: Recorder,
        bus: Bus,
        clock: Clock,
        tasks: Tasks,
        dialect: Dialect,
        policy: Policy,
        settings: GatewaySettings,
        seal: Seal,
    ) -> None:
        self.database = database
        self.seal = seal
        self.recorder = recorder
        self.bus = bus
        self.clock = clock
        self.tasks = tasks
        self.dialect = dialect
        self.policy = policy
        self.settings = settings
        self.profiles = Profiles()
        self.links: dict[int, Link] = {}
        self.starting = Starting(self.links)
        self.tally = Tally()
        self.frame_ids = FrameIds()
        self.dispatch = Dispatch(self)
        self.questions: Batcher[Question, Found] = Batcher(tasks, self._answer)
        self.second_looks: Batcher[Question, Found] = Batcher(tasks, self._look_again)
        self.openings: Batcher[int, Opened | None] = Batcher(tasks, self._open)
        self._transaction_ids: list[int] = []
        self._look_for_quiet_at = 0.0
        self._swept_at = self._listening_since = clock.monotonic()
        waiting = settings.handshakes_waiting
        self.gate = Gate(clock, settings.handshakes_at_once, waiting, settings.handshakes_per_s)
        self.tls_gate = Gate(clock, settings.tls_handshakes_at_once, waiting)
        self.boots = Boots(settings.boots_per_s, settings.busy_after_s)
        self._in_doubt: set[int] = set()  # stations whose start is looked at a second time
        self._waiting_for_room: dict[Link, None] = {}
        self._departed = asyncio.Event()
        recorder.when_room = self._room

    # -- look-ups -----------------------------------------------------------------------------------------------------

    async def _answer(self, questions: Sequence[Question]) -> list[Found]:
        """While the database cannot be had stations wait, as they wait for a commit: a refused start might never come again."""
        said = False
        while True:
            try:
                await self._have_transaction_ids(len(questions))
                return await self.database.read(lambda connection: recall.answer(connection, questions))
            except Unavailable as trouble:
                if not said:
                    log.error("questions wait for the database", detail=trouble.detail, **trouble.facts)
                    said = True
                await asyncio.sleep(RETRY_S)

    def ask(self, question: Question, then: Answer) -> None:
        """Look up what a frame needs. A start whose token is in use elsewhere is looked at twice: the stop may be on its way."""
        if question.start is None or self.policy.allow_concurrent:
            self.questions.ask(question, then)
        else:
            self.questions.ask(question, partial(self._consider, question, then))

    def _consider(self, question: Question, then: Answer, found: Found | None, error: Exception | None) -> None:
        if found is not None and recall.used_elsewhere(question, found):
            self._in_doubt.add(question.station_id)
            self.second_looks.ask(question, partial(self._considered, question.station_id, then))
        else:
            then(found, error)

    def _considered(self, station_id: int, then: Answer, found: Found | None, error: Exception | None) -> None:
        self._in_doubt.discard(station_id)
        then(found, error)

    async def _look_again(self, questions: Sequence[Question]) -> list[Found]:
        """Once what was said before is read and committed; for what a station does not get said we do not wait for ever.

        A station that is itself in doubt is not waited for: the two would wait for each other.
        """
        patience_ends = self.clock.monotonic() + SECOND_LOOK_S
        while True:
            await asyncio.sleep(READ_MEANWHILE_S)
            await self.recorder.caught_up()
            answers = await self._answer(questions)
            uses = chain.from_iterable(map(recall.used_elsewhere, questions, answers))
            users = {self.links.get(use.station_id) for use in uses if use.station_id not in self._in_doubt}
            if self.clock.monotonic() >= patience_ends or not any(link.behind for link in users if link is not None):
                return answers

    async def _have_transaction_ids(self, count: int) -> None:
        """Every start asks a question first, so filling up here means a start always finds an id waiting."""
        if len(self._transaction_ids) < count:
            block = await self.database.write(partial(take_transaction_ids, count=TRANSACTION_ID_BLOCK))
            self._transaction_ids = [*reversed(block), *self._transaction_ids]

    def new_transaction_id(self) -> int:
        if not self._transaction_ids:
            raise Unavailable("No transaction id is at hand.")
        return self._transaction_ids.pop()

    async def _open(self, ids: Sequence[int]) -> list[Opened | None]:
        now = self.clock.now()
        wanted = list(dict.fromkeys(ids))
        taken = await self.database.write(partial(take, ids=wanted, gateway=self.settings.name, now=now))
        for command_id in taken.abandoned:
            self.bus.ring(f"settled.{command_id}")
        opened = {
            id_: Opened(
                taken.epochs[id_],
                LiveStation(station, taken.sessions[id_], profiles=self.profiles),
                id_ in taken.waiting,
            )
            for id_, station in taken.stations.items()
            if id_ in taken.epochs
        }
        for id_, link in opened.items():
            recalled(link.live, taken.quirks[id_])
        return [opened.get(id_) for id_ in ids]

    # -- links come and go --------------------------------------------------------------------------------------------

    def opened(self, link: Link) -> None:
        station_id = link.live.station.id
        self.links[station_id] = link
        protocol = self.dialect.protocol.name
        changes: list[Change] = [
            LinkOpened(link.address, protocol, link.security_profile, link.tls, station_id, link.epoch),
            Fact("StationWentOnline", self.clock.now(), station_id, None, detail(address=link.address)),
        ]
        link.record(changes)
        self.bus.ring(f"{LINKS}{station_id}-{link.epoch}")
        log.info("station connected", station=link.live.station.identity, address=link.address)
        if link.commands_waiting:
            self.dispatch.wake(station_id)

    def closed(self, link: Link) -> None:
        """The socket is gone: its calls fail, its presence ends; what is in flight still commits."""
        if link.ended:
            return
        link.ended = True
        station_id = link.live.station.id
        if self.links.get(station_id) is link:
            del self.links[station_id]
            self._departed.set()
        self.dispatch.abandoned(link)
        now = self.clock.now()
        changes: list[Change] = [
            LinkClosed(False, now, station_id, link.epoch),
            Fact("StationWentOffline", now, station_id, None, "{}"),
        ]
        link.record(changes)
        log.info("station disconnected", station=link.live.station.identity)

    def replace(self, station_id: int, then: Callable[[], None]) -> None:
        """End the station's present link, if any, and call `then` when nothing of it waits for a commit.

        It counts as ended now, while its epoch holds: a dead socket may take long to notice.
        """
        link = self.links.get(station_id)
        if link is None:
            return then()
        log.info("a newer connection replaces this one", station=link.live.station.identity)
        link.close(WSCloseCode.POLICY_VIOLATION, "replaced by a newer connection")
        self.closed(link)
        return link.when_drained(then)

    def taken(self, subject: str) -> None:
        """A doorbell: `links.<station id>-<epoch>`, a gateway has taken this link. An older one of ours ends."""
        station_id, epoch = map(int, subject.removeprefix(LINKS).split("-"))
        link = self.links.get(station_id)
        if link is not None and link.epoch < epoch:
            log.info("another gateway holds this station now", station=link.live.station.identity)
            link.close(WSCloseCode.POLICY_VIOLATION, "replaced by a newer connection")

    def wait_for_room(self, link: Link) -> None:
        """This link has stopped reading and goes on when the recorder has room."""
        self._waiting_for_room[link] = None

    def _room(self) -> None:
        links, self._waiting_for_room = self._waiting_for_room, {}
        for link in links:
            link.go_on()

    def quirks_changed(self, subject: str) -> None:
        """A doorbell: `quirks.<station id>`, an operator has changed this station's repairs or limits."""
        station_id = int(subject.removeprefix(JUDGED_BY))
        if station_id in self.links:
            self.tasks.start(self._recall_quirks([station_id]), name="quirks")

    def profiles_changed(self) -> None:
        """Other quirk profiles are in force: settle every station's repairs anew."""
        self.tasks.start(self._recall_quirks(list(self.links)), name="quirks")

    async def _recall_quirks(self, ids: Sequence[int]) -> None:
        for first in range(0, len(ids), RECALLED_AT_ONCE):
            some = ids[first : first + RECALLED_AT_ONCE]
            try:
                known = await self.database.read(partial(recall_quirks, ids=some))
                limits = await self.database.read(partial(recall_limits, ids=some))
            except Unavailable as trouble:
                log.error("repairs change with the next connection", station_ids=some, reason=trouble.detail)
                continue
            for station_id, quirks in known.items():
                link = self.links.get(station_id)
                if link is not None:
                    recalled(link.live, quirks)
                    link.live.station.limits = limits.get(station_id)

    def crowd(self) -> dict[str, int]:
        """How many stations wait for what, for whoever watches."""
        return {
            "handshake": self.gate.inside,
            "handshake_line": self.gate.waiting,
            "tls": self.tls_gate.inside,
            "tls_line": self.tls_gate.waiting,
            "unread": len(self._waiting_for_room),
        }

    def sweep(self) -> None:
        """Time-outs of our calls, pings to the silent, an end to the dead. To be called about twice a second.

        If it is called much too late, this process was held up, and what stations said meanwhile is not read yet.
        """
        now = self.clock.monotonic()
        held_up, self._swept_at = now - self._swept_at > HELD_UP_S, now
        if held_up:
            self._listening_since = now
        interval = self.settings.ping_interval_s
        look = now >= self._look_for_quiet_at
        if look:
            self._look_for_quiet_at = now + LOOK_FOR_QUIET_S
            self.starting.forget()
        for link in tuple(self.links.values()):
            if link.deaf:
                continue
            deadline = link.endpoint.deadline
            if deadline is not None and now >= deadline and not held_up:
                self.dispatch.timed_out(link)
            if look and link.live.sessions.active:
                link.end_quiet_sessions()
            silent = now - max(link.heard_at, self._listening_since)
            if silent >= 2 * interval:
                log.info("station fell silent", station=link.live.station.identity, silent_s=round(silent))
                link.hang_up()
            elif silent >= interval:
                link.ping(now, interval)

    async def drain(self, spread_s: float = 0.0) -> None:
        """End every link, spread over so many seconds; no new call goes out meanwhile.

        One that owes an answer to a call of ours ends when it has given it, or with the last.
        """
        self.dispatch.stop()
        ends_at = self.clock.monotonic() + spread_s
        free = [link for link in self.links.values() if link.endpoint.deadline is None]
        for number, link in enumerate(free):
            if number and spread_s:
                await asyncio.sleep(spread_s / len(free))
            link.farewell()
        await self._all_gone(ends_at)
        for link in tuple(self.links.values()):
            link.farewell()
        await self._all_gone(self.clock.monotonic() + PARTING_S)

    async def _all_gone(self, until: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(until - self.clock.monotonic()):
                while self.links:
                    self._departed.clear()
                    await self._departed.wait()

    def end(self) -> None:
        """Close what could not be ended in peace: the database does not take what it said."""
        for link in tuple(self.links.values()):
            link.close(WSCloseCode.GOING_AWAY, "the system is restarting")
