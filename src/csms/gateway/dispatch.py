"""Commands on their way to stations: claim, send, settle; one at a time per link."""

from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

import structlog
from msgspec import Struct

from csms.domain.commands.changes import CommandSettled
from csms.domain.commands.claim import CONNECTION_LOST, Claim, claim_next, stations_waiting
from csms.domain.sessions.recall import NOTHING
from csms.domain.stations.changes import FrameAnswered
from csms.gateway.faults import fault
from csms.gateway.turn import Turn
from csms.kit.changes import Change
from csms.kit.errors import Invalid
from csms.ocpp.endpoint import Answered, Refused
from csms.ocpp.errors import OcppError
from csms.ocpp.frames import encode_call
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


class Dispatch:
    """Rings come from the bus; truth is the commands' table, also polled slowly for rings that were lost."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
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
        if self._stopped or station_id not in self._hub.links:
            return
        if station_id in self._busy:
            self._again.add(station_id)
            return
        self._busy.add(station_id)
        self._hub.tasks.start(self._send_next(station_id), name="dispatch")

    async def poll(self) -> None:
        """Find what lost rings left behind."""
        for station_id in await self._hub.database.read(lambda connection: stations_waiting(connection, None)):
            self.wake(station_id)

    async def _send_next(self, station_id: int) -> None:
        try:
            link = self._hub.links.get(station_id)
            if link is not None and link.endpoint.deadline is None:
                await self._claim(link)
        finally:
            self._busy.discard(station_id)
            if station_id in self._again:
                self._again.discard(station_id)
                self.wake(station_id)

    async def _claim(self, link: "Link") -> None:
        hub = self._hub
        if not await hub.database.read(lambda connection: stations_waiting(connection, [link.live.station.id])):
            return
        now = hub.clock.now()
        frame_id = hub.frame_ids.next(now)

        def encode(claim: Claim) -> bytes:
            instruction = hub.dialect.instruct(link.live, claim.verb, claim.action, claim.payload)
            payload = instruction.action.encode_request(instruction.request)
            context = _Outstanding(claim.id, frame_id, instruction.request)
            prepared.append((instruction.action, payload, context))
            return encode_call(str(claim.id), instruction.action.name, payload)

        prepared: list[tuple[AnyAction, bytes, _Outstanding]] = []
        async with hub.database.unit() as session:
            claim = await claim_next(session, link.live.station.id, link.epoch, now)
            if claim is None:
                return
            try:
                frame = encode(claim)
            except (Invalid, OcppError, KeyError) as error:
                code, description = fault(error)
                await claim.refuse(session, code, description, now)
                hub.bus.ring(f"settled.{claim.id}")
                self._again.add(link.live.station.id)
                return
            action, payload, context = prepared[0]
            await claim.sent(session, frame_id, action.name, frame, now)
        link.endpoint.place(str(claim.id), action, payload, claim.timeout_s, context)
        to_send = link.endpoint.to_send(hub.clock.monotonic())
        if to_send is not None:
            link.send_call(to_send)
        if link.transport is None:
            self.abandoned(link)

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
            answer = event.action.encode_response(event.response).decode()
            settled = CommandSettled(state, answer, None, None, now, context.command_id)
            frame = FrameAnswered(data, now, "result", None, link.live.station.id, context.frame_id)
        else:
            settled = CommandSettled("failed", None, event.code, event.description, now, context.command_id)
            frame = FrameAnswered(data, now, "error", event.code, link.live.station.id, context.frame_id)
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

        link.record(changes, then)
