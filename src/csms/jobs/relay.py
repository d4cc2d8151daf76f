"""The relay: brings every stored fact to every reaction that wants it, at least once in effect exactly once."""

import asyncio
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

import structlog

from csms.domain.facts import service as facts
from csms.domain.facts.reaction import Reactions
from csms.domain.facts.service import Backlog, Due, Plan
from csms.kit.clock import Clock
from csms.kit.database import Database
from csms.kit.errors import Unavailable
from csms.kit.tracing import Span, no_span

log = structlog.get_logger(__name__)

APART_S: Final = 0.5  # from round to round: what happens meanwhile is reacted to together
LOOK_S: Final = 10.0
LEASE: Final = timedelta(seconds=10)  # of a share: a worker that is killed holds it up for so long
_PATIENCE: Final = 9  # rest so many times longer than a round took in which nothing could be done
_LONGEST_PATIENCE_S: Final = 10.0  # yet a round may only have waited for a database that was away
_EASY_S: Final = 0.005  # what a step takes in a process that has little to do
_LONGEST_REST_S: Final = 2.0
A_TURN: Final = 200  # reactions before another share has its turn
A_UNIT: Final = 10  # reactions in one unit of work: a turn to write is short


class Relay:
    """Works on one share of the stations at a time, together with any number of others.

    A share is claimed for a while, so that facts of one session are reacted to in order. Should a claim run out under a worker
    that only slept, the mark of each reaction still keeps it from being done twice. After each step the relay rests at least
    `calm` times as long as that took: where stations are served too, they come first. `backlog` is what waited at the last look.
    """

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        reactions: Reactions,
        worker: UUID,
        calm: float = 0.0,
        span: Span = no_span,
    ) -> None:
        self._span = span
        self._database = database
        self._clock = clock
        self._reactions = reactions
        self._worker = worker
        self._calm = calm
        self._first = worker.int
        self.backlog: Backlog | None = None

    async def run(self) -> None:
        while True:
            began = self._clock.monotonic()
            try:
                done = await self.relay()
            except Unavailable as trouble:
                log.warning("facts could not be relayed; they wait", why=trouble.facts.get("reason", trouble.detail))
                done = 0
            except Exception:
                log.exception("facts could not be relayed; they wait")
                done = 0
            took = self._clock.monotonic() - began
            if done < A_TURN:
                rest_s = APART_S if done else max(APART_S, _PATIENCE * took)
                await asyncio.sleep(min(rest_s, _LONGEST_PATIENCE_S))

    async def watch(self) -> None:
        while True:
            try:
                await self.look()
            except Unavailable as trouble:
                log.debug("the backlog of facts could not be read", reason=trouble.detail)
            await asyncio.sleep(LOOK_S)

    async def look(self) -> Backlog:
        """Find out how much waits."""
        self.backlog = await self._database.look(facts.get_backlog)
        return self.backlog

    async def relay(self) -> int:
        """One round through all shares; how many reactions were done and facts settled."""
        if not await self._database.look(facts.any_waiting):
            return 0
        wanted = frozenset[str]().union(*(reaction.kinds for reaction in self._reactions.values()))
        done = await self._database.write(partial(facts.settle_unwanted, wanted=wanted))
        self._first += 1
        for number in range(facts.SHARES):
            share = (self._first + number) % facts.SHARES
            if await self._anything_due(share) and await self._claim(share):
                try:
                    done += await self._work(share)
                finally:
                    await self._database.write(partial(facts.release, share=share, worker=self._worker))
        return done

    async def _anything_due(self, share: int) -> bool:
        plan = await self._plan(share, 1)
        return bool(plan.due or plan.finished)

    async def _plan(self, share: int, most: int) -> Plan:
        now = self._clock.now()
        return await self._database.look(
            partial(facts.plan, reactions=self._reactions, share=share, most=most, now=now)
        )

    async def _claim(self, share: int) -> bool:
        now = self._clock.now()
        claim = partial(facts.claim, share=share, worker=self._worker, now=now, until=now + LEASE)
        return await self._database.write(claim)

    async def _work(self, share: int) -> int:
        """What was planned before the claim may be done by now: so it is planned anew."""
        until = self._clock.now() + LEASE / 2
        began = self._clock.monotonic()
        plan = await self._plan(share, A_TURN)
        if plan.finished:
            await self._database.write(partial(facts.settle, fact_ids=plan.finished))
        await self._rest(began)
        await self._react_in_order(plan.due, until)
        return len(plan.due) + len(plan.finished)

    async def _react_in_order(self, plan: list[Due], until: datetime) -> None:
        held: set[tuple[str, str]] = set()
        for first in range(0, len(plan), A_UNIT):
            if self._clock.now() >= until:
                break
            await self._react(plan[first : first + A_UNIT], held)

    async def _react(self, some: list[Due], held: set[tuple[str, str]]) -> None:
        """All together, or each alone when one fails; later facts of its stream wait for the one that failed: `held`."""
        some = [due for due in some if (due.reaction, due.fact.stream) not in held]
        error = await self._attempt(some)
        if error is None:
            return
        if len(some) > 1:
            for due in some:
                await self._react([due], held)
        else:
            [due] = some
            held.add((due.reaction, due.fact.stream))
            if due.failures == 0:
                log.error(
                    "a reaction failed; it is tried again", reaction=due.reaction, fact=due.fact.id, exc_info=error
                )
            await self._database.write(partial(facts.failed, due=due, error=error, now=self._clock.now()))

    async def _attempt(self, some: list[Due]) -> Exception | None:
        if not some:
            return None
        began = self._clock.monotonic()
        try:
            with self._span("reactions", **{"csms.reactions": len(some)}):
                react = partial(facts.react, reactions=self._reactions, due=some, now=self._clock.now())
                await self._database.write(react)
        except Exception as error:  # noqa: BLE001 - it is told with the fact that fails alone
            return error
        await self._rest(began)
        return None

    async def _rest(self, began: float) -> None:
        """The slower a step was, the busier the process is with stations, and the more the rest grows beyond it."""
        took_s = self._clock.monotonic() - began
        await asyncio.sleep(min(self._calm * took_s * max(1.0, took_s / _EASY_S), _LONGEST_REST_S))
