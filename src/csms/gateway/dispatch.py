"""Commands on their way to stations: find, commit as sent, send, settle; one at a time per link.

The recorder commits them like all else that is the station's, so its fence holds: only who has the link has its commands.
"""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID

import structlog
from msgspec import Struct

from csms.domain.commands.changes import CommandSent, CommandSettled, CommandUnsayable
from csms.domain.commands.claim import CONNECTION_LOST, Waiting, next_waiting, stations_waiting
from csms.domain.commands.secrets import with_secrets
from csms.domain.sessions.recall import NOTHING
from csms.domain.stations.changes import FrameAnswered, NewFrame
from csms.gateway.discretion import discreet_wire
from csms.gateway.faults import about, fault
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
FAILED: Final = "a command failed"  # why, in the station's own words, stands with the command

COMMANDS = "commands."
NO_ANSWER = "NoAnswer"


class _Outstanding(NamedTuple):
    """What comes back with the station's answer."""

    command_id: UUID
    frame_id: int
    request: Struct


class _Sending(NamedTuple):
    """A command on its way to the socket."""

    command: Waiting
    action: AnyAction
    payload: bytes
    context: _Outstanding


class Dispatch:
    """Rings come from the bus; truth is the commands' table, also polled slowly for rings that were lost."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._looks: Batcher[Link, Waiting | None] = Batcher(hub.tasks, self._look)
        self._busy: set[Link] = set()
        self._again: set[Link] = set()
        self._stopped = False

    def stop(self) -> None:
        """Claim nothing any more: what is pending waits for the gateway that the station goes to."""
        self._stopped = True

    def rung(self, subject: str) -> None:
        """A doorbell: `commands.<station id>`."""
        self.wake(int(subject.removeprefix(COMMANDS)))

    def wake(self, station_id: int) -> None:
        """See what waits for a station of ours; a ring meanwhile is remembered."""
        link = self._hub.links.get(station_id)
        if self._stopped or link is None:
            return
        if link in self._busy:
            self._again.add(link)
        elif link.endpoint.deadline is None and not self._hub.boots.awaited(station_id, self._hub.clock.monotonic()):
            self._busy.add(link)
            self._looks.ask(link, partial(self._found, link))

    async def poll(self) -> None:
        """Find what lost rings left behind."""
        for station_id in await self._hub.database.read(stations_waiting):
            self.wake(station_id)

    async def _look(self, links: Sequence["Link"]) -> list[Waiting | None]:
        ids = {link.live.station.id for link in links}
        question = partial(next_waiting, ids=list(ids), now=self._hub.clock.now())
        waiting = await self._hub.database.read(question)
        return [waiting.get(link.live.station.id) for link in links]

    def _found(self, link: "Link", command: Waiting | None, error: Exception | None) -> None:
        if error is not None:
            log.error("commands wait for the next look", station=link.live.station.identity, error=repr(error))
        if command is None or link.ended or self._stopped:
            return self._free(link)
        now = self._hub.clock.now()
        try:
            action, request = self._instruct(link, command)
        except (Invalid, OcppError, KeyError) as problem:
            self._again.add(link)
            code, words = fault(problem)
            log.info(FAILED, **about(link.live, command.action, str(command.id)), code=code)
            changes: list[Change] = [CommandUnsayable("failed", code, words, now, command.id)]
            return link.record(changes, partial(self._unsayable, link, command.id))
        payload = action.encode_request(request)
        shown = self._hub.dialect.discreet(request)
        said = payload if shown is request else action.encode_request(shown)
        frame_id = self._hub.frame_ids.next(now)
        wire = encode_call(str(command.id), action.name, said)
        frame = NewFrame(
            command.station_id, frame_id, "out", action.name, str(command.id), wire, None, None, "waiting", None, None
        )
        sending = _Sending(command, action, payload, _Outstanding(command.id, frame_id, request))
        return link.record([CommandSent("sent", now, frame_id, command.id), frame], partial(self._send, link, sending))

    def _instruct(self, link: "Link", command: Waiting) -> tuple[AnyAction, Struct]:
        wish = with_secrets(command.payload, self._hub.seal.open)
        return self._hub.dialect.instruct(link.live, command.verb, command.action, wish)

    def _unsayable(self, link: "Link", command_id: UUID) -> None:
        self._hub.bus.ring(f"settled.{command_id}")
        self._free(link)

    def _send(self, link: "Link", sending: _Sending) -> None:
        """It is committed that the command is sent: send it."""
        command, now = sending.command, self._hub.clock.now()
        if command.is_late(now):
            self._fail(
                link, sending.action.name, sending.context, "abandoned", NO_ANSWER, "It could not be sent in time."
            )
        else:
            link.endpoint.place(str(command.id), sending.action, sending.payload, command.timeout_s, sending.context)
            to_send = link.endpoint.to_send(self._hub.clock.monotonic())
            if to_send is not None:
                link.send_call(to_send)
            if link.transport is None:
                self.abandoned(link)
        self._free(link)

    def _free(self, link: "Link") -> None:
        """The link may be looked at again, and is, if it was rung for meanwhile."""
        self._busy.discard(link)
        if link in self._again:
            self._again.discard(link)
            self.wake(link.live.station.id)

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
            log.info(FAILED, **about(link.live, event.action.name, str(context.command_id)), code=event.code)
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
            self._fail(link, late.action.name, late.context, "timeout", NO_ANSWER, words)

    def abandoned(self, link: "Link") -> None:
        """The connection ended before the answer came."""
        self._busy.discard(link)
        self._again.discard(link)
        for call in link.endpoint.close():
            assert isinstance(call.context, _Outstanding)
            words = f"The connection was lost before {call.action.name} was answered."
            self._fail(link, call.action.name, call.context, "abandoned", CONNECTION_LOST, words)

    def _fail(self, link: "Link", action: str, context: _Outstanding, outcome: str, code: str, words: str) -> None:
        now = self._hub.clock.now()
        log.info(FAILED, **about(link.live, action, str(context.command_id)), code=code)
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
