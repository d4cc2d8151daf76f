"""Commands on their way to stations: claim, send, settle; one at a time per link."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

import structlog
from msgspec import Struct

from csms.domain.commands.changes import CommandSettled
from csms.domain.commands.claim import CONNECTION_LOST, Claim, SentFrame, claim_next, keep_sent, stations_waiting
from csms.domain.commands.secrets import with_secrets
from csms.domain.sessions.recall import NOTHING
from csms.domain.stations.changes import FrameAnswered
from csms.gateway.discretion import discreet_wire
from csms.gateway.faults import fault
from csms.gateway.turn import Turn
from csms.kit.batching import Batcher
from csms.kit.changes import Change
from csms.kit.errors import Invalid
from csms.ocpp.endpoint import Answered, Refused
from csms.ocpp.errors import OcppError
from csms.ocpp.frames import encode_call, encode_result
from csms.ocpp.protocol import AnyAction

if TYPE_CHECKING:
    from csms.gateway.hub import Hub
    from csms.gateway.link import Link

log = structlog.get_logger(__name__)

COMMANDS = "commands."
NO_ANSWER = "NoAnswer"


class _Outstanding(NamedTuple):
    """What comes back with the station's answer."""

    command_id: UUID
    frame_id: int
    request: Struct


class _Sent(NamedTuple):
    """A command on its way to the socket."""

    kept: SentFrame
    action: AnyAction
    payload: bytes
    context: _Outstanding


class Dispatch:
    """Rings come from the bus; truth is the commands' table, also polled slowly for rings that were lost."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._claims: Batcher[Link, _Sent | None] = Batcher(hub.tasks, self._claim)
        self._busy: set[int] = set()
        self._again: set[int] = set()
        self._stopped = False

    def stop(self) -> None:
        """Claim nothing any more: what is pending waits for the gateway that the station goes to."""
        self._stopped = True

    def rung(self, subject: str) -> None:
        """A doorbell: `commands.<station id>`."""
        self.wake(int(subject.removeprefix(COMMANDS)))

    def wake(self, station_id: int) -> None:
        """See what waits for a station of ours; a ring during a claim is remembered."""
        link = self._hub.links.get(station_id)
        if self._stopped or link is None:
            return
        if station_id in self._busy:
            self._again.add(station_id)
        elif link.endpoint.deadline is None and not self._hub.boots.awaited(station_id, self._hub.clock.monotonic()):
            self._busy.add(station_id)
            self._claims.ask(link, partial(self._claimed, link))

    async def poll(self) -> None:
        """Find what lost rings left behind."""
        for station_id in await self._hub.database.read(lambda connection: stations_waiting(connection, None)):
            self.wake(station_id)

    async def _claim(self, links: Sequence["Link"]) -> list[_Sent | None]:
        """Claim the next command of each of these links; what cannot be said to a station is refused."""
        hub = self._hub
        ids = [link.live.station.id for link in links]
        waiting = await hub.database.read(lambda connection: stations_waiting(connection, ids))
        asking = {link.live.station.id: link for link in links if link.live.station.id in waiting}
        if not asking:
            return [None] * len(links)
        now = hub.clock.now()
        prepared: dict[int, _Sent] = {}
        refused: list[Claim] = []
        async with hub.database.unit() as session:
            for claim in await claim_next(session, {id_: link.epoch for id_, link in asking.items()}, now):
                try:
                    prepared[claim.station_id] = self._prepare(asking[claim.station_id], claim, now)
                except (Invalid, OcppError, KeyError) as error:
                    await claim.refuse(session, *fault(error), now)
                    refused.append(claim)
            if prepared:
                await keep_sent(session, [sent.kept for sent in prepared.values()])
        for claim in refused:
            hub.bus.ring(f"settled.{claim.id}")
            self._again.add(claim.station_id)
        return [prepared.get(id_) for id_ in ids]

    def _prepare(self, link: "Link", claim: Claim, now: datetime) -> _Sent:
        wish = with_secrets(claim.payload, self._hub.seal.open)
        action, request = self._hub.dialect.instruct(link.live, claim.verb, claim.action, wish)
        payload = action.encode_request(request)
        frame_id = self._hub.frame_ids.next(now)
        shown = self._hub.dialect.discreet(request)
        said = payload if shown is request else action.encode_request(shown)
        kept = SentFrame(claim, frame_id, action.name, encode_call(str(claim.id), action.name, said))
        return _Sent(kept, action, payload, _Outstanding(claim.id, frame_id, request))

    def _claimed(self, link: "Link", sent: _Sent | None, error: Exception | None) -> None:
        station_id = link.live.station.id
        if error is not None:
            log.error("commands wait for the next look", station=link.live.station.identity, error=repr(error))
        elif sent is not None:
            claim = sent.kept.claim
            link.endpoint.place(str(claim.id), sent.action, sent.payload, claim.timeout_s, sent.context)
            to_send = link.endpoint.to_send(self._hub.clock.monotonic())
            if to_send is not None:
                link.send_call(to_send)
            if link.transport is None:
                self.abandoned(link)
        self._busy.discard(station_id)
        if station_id in self._again:
            self._again.discard(station_id)
            self.wake(station_id)

    def answered(self, link: "Link", event: Answered | Refused, data: bytes) -> None:
        """The station answered: keep the answer with its call, settle the command, learn what it says."""
        context = event.context
        assert isinstance(context, _Outstanding)
        hub = self._hub
        now = hub.clock.now()
        turn = Turn(now, context.frame_id, NOTHING, hub.policy, hub.new_transaction_id)
        turn.command_id = context.command_id
        if isinstance(event, Answered):
            state = hub.dialect.outcome(event.response)
            hub.dialect.learn(link.live, context.request, event.response, turn)
            shown = hub.dialect.discreet(event.response)
            answer = event.action.encode_response(shown)
            if shown is not event.response:
                data = encode_result(str(context.command_id), answer)
            settled = CommandSettled(state, answer.decode(), None, None, now, context.command_id)
            frame = FrameAnswered(data, now, "result", None, link.live.station.id, context.frame_id)
        else:
            settled = CommandSettled("failed", None, event.code, event.description, now, context.command_id)
            kept = discreet_wire(data)
            frame = FrameAnswered(kept, now, "error", event.code, link.live.station.id, context.frame_id)
        self._settle(link, [frame, *turn.changes, settled], context.command_id)

    def timed_out(self, link: "Link") -> None:
        """The station did not answer in time; the next command may go."""
        late = link.timed_out()
        if late is not None:
            assert isinstance(late.context, _Outstanding)
            words = f"The station did not answer {late.action.name} in time."
            self._fail(link, late.context, "timeout", NO_ANSWER, words)

    def abandoned(self, link: "Link") -> None:
        """The connection ended before the answer came."""
        for call in link.endpoint.close():
            assert isinstance(call.context, _Outstanding)
            words = f"The connection was lost before {call.action.name} was answered."
            self._fail(link, call.context, "abandoned", CONNECTION_LOST, words)

    def _fail(self, link: "Link", context: _Outstanding, outcome: str, code: str, words: str) -> None:
        now = self._hub.clock.now()
        frame = FrameAnswered(None, None, outcome, code, link.live.station.id, context.frame_id)
        settled = CommandSettled("failed", None, code, words, now, context.command_id)
        self._settle(link, [frame, settled], context.command_id)

    def _settle(self, link: "Link", changes: list[Change], command_id: UUID) -> None:
        def then() -> None:
            self._hub.tally.commands[next((row.state for row in changes if type(row) is CommandSettled), "")] += 1
            self._hub.bus.ring(f"settled.{command_id}")
            self.wake(link.live.station.id)
            if self._stopped:
                link.farewell()

        link.record(changes, then)
