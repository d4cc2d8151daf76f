"""Every fact reaches every reaction that wants it, in order within its session, and once, whoever dies meanwhile."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.accounts.rules import SYSTEM
from csms.domain.facts import service as facts
from csms.jobs.relay import LEASE, Relay

from ..harness.waiting import until
from .conftest import NOW, Mortal, World, all_of


async def test_a_fact_reaches_those_who_want_it_once(world: World) -> None:
    relay = world.relay({"a": world.reaction("a", "Ended"), "b": world.reaction("b", "Ended", "Begun")})
    await world.happen("Begun", id=1)
    await world.happen("Ended", id=2)
    await world.happen("Nobody cares", id=3)
    assert await relay.relay()
    assert sorted(await world.diary()) == [("a", "station 1", 2), ("b", "station 1", 1), ("b", "station 1", 2)]
    while await relay.relay():
        pass
    assert await world.waiting() == []
    assert len(await world.diary()) == 3


async def test_a_fact_that_becomes_visible_late_is_not_missed(world: World) -> None:
    """Its id was handed out before that of another, whose writer was the first to commit."""
    relay = world.relay({"a": world.reaction("a", "Ended")})
    await world.happen("Ended", id=2, session_id=2)
    await relay.relay()
    await world.happen("Ended", id=1, session_id=1)
    await relay.relay()
    assert [fact for _, _, fact in await world.diary()] == [2, 1]


async def test_a_failing_reaction_holds_its_session_and_nobody_else(world: World) -> None:
    relay = world.relay({"a": world.reaction("a", "Said"), "b": world.reaction("b", "Said")})
    world.broken.add(("a", 1))
    for fact, session in ((1, 7), (2, 7), (3, 8), (4, None)):
        await world.happen("Said", id=fact, session_id=session)
    await relay.relay()
    done = sorted((name, fact) for name, _, fact in await world.diary())
    assert done == [("a", 3), ("a", 4), ("b", 1), ("b", 2), ("b", 3), ("b", 4)]
    await relay.relay()
    assert await world.waiting() == [1, 2]
    backlog = await relay.look()
    assert (backlog.waiting, backlog.oldest_at, backlog.failing, backlog.first_failing_fact) == (2, NOW, 1, 1)


async def test_nobody_waits_behind_a_long_queue_that_is_held(world: World) -> None:
    """Not even when it is longer than what is looked at together."""
    relay = world.relay({"a": world.reaction("a", "Said")})
    world.broken.add(("a", 1))
    held = [{"id": fact, "session_id": 7} for fact in range(1, 1_101)]
    await world.happen_together("Said", held)
    await world.happen("Said", id=1_101, session_id=8)
    while await relay.relay():
        pass
    assert await world.diary() == [("a", "session 8", 1_101)]


async def test_a_failing_reaction_is_tried_less_and_less_often_until_it_works(world: World) -> None:
    relay = world.relay({"a": world.reaction("a", "Said")})
    world.broken.add(("a", 1))
    await world.happen("Said", id=1, session_id=7)
    await world.happen("Said", id=2, session_id=7)

    async def attempts() -> int:
        await relay.relay()
        async with world.database.view() as session:
            return (await facts.reactions_of(session, [1]))[1][0].attempts

    assert await attempts() == 1
    assert await attempts() == 1
    for number, wait_s in ((2, 3), (3, 5), (4, 9)):
        world.clock.pass_by(seconds=wait_s)
        assert await attempts() == number
        assert await attempts() == number
    async with world.database.view() as session:
        [mark] = (await facts.reactions_of(session, [1]))[1]
    assert (mark.state, mark.error) == ("failing", "RuntimeError: this one fails")
    world.broken.clear()
    async with world.database.unit() as session:
        await facts.retry(session, SYSTEM, 1, "a", world.clock.now())
    await relay.relay()
    assert await world.waiting() == []
    assert [fact for name, _, fact in await world.diary() if name == "a"] == [1, 2]


async def test_only_what_fails_can_be_retried(world: World) -> None:
    await world.happen("Said", id=1)
    await world.relay({"a": world.reaction("a", "Said")}).relay()
    async with world.database.unit() as session:
        with pytest.raises(facts.NoFailingReaction):
            await facts.retry(session, SYSTEM, 1, "a", world.clock.now())


async def test_what_was_done_is_not_done_again(world: World) -> None:
    """A worker that planned before it lost its claim, and wakes up after another did the work."""
    reactions = {"a": world.reaction("a", "Said")}
    await world.happen("Said", id=1)
    async with world.database.view() as session:
        [late] = (await facts.plan(session, reactions, 1, 10, NOW)).due
    await world.relay(reactions).relay()
    async with world.database.unit() as session:
        await facts.react(session, reactions, [late], NOW)
    async with world.database.unit() as session:
        await facts.failed(session, late, RuntimeError("too late"), NOW)
    await world.forget(1)
    await world.relay(reactions).relay()
    assert len(await world.diary()) == 1
    assert await world.waiting() == []


async def test_a_share_is_one_workers_until_its_time_is_over(world: World) -> None:
    reactions = {"a": world.reaction("a", "Said")}
    first, second = world.relay(reactions), world.relay(reactions)
    assert await first._claim(1)
    await world.happen("Said", id=1)
    assert not await second.relay()
    assert await first._claim(1)
    world.clock.pass_by(seconds=LEASE.total_seconds() + 1)
    assert await second.relay()
    assert len(await world.diary()) == 1


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_happens_each_fact_is_reacted_to_once_and_in_order(world: World, seed: int) -> None:
    """Many workers, deaths before and after commits, failures, and facts that become visible in any order."""
    chance = random.Random(seed)
    reactions = {name: world.reaction(name, "Said") for name in ("a", "b")}
    mortal = Mortal(world.database, chance)
    order = _late(chance, count=40)
    world.broken = {("a", fact) for fact in chance.sample(sorted(order), 3)}
    sessions = {fact: fact % 5 or None for fact in order}
    workers = [world.relay(reactions, mortal) for _ in range(3)]
    while order:
        for fact in order[: chance.randint(1, 8)]:
            order.remove(fact)
            await world.happen("Said", id=fact, session_id=sessions[fact], station_id=fact % 5)
        await all_of(*(worker.relay() for worker in workers))
        world.clock.pass_by(seconds=chance.choice((1, 40)))
    world.broken.clear()
    await _finish(world, world.relay(reactions))
    diary = await world.diary()
    assert Counter(diary) == Counter(
        {(name, _stream(fact, sessions), fact): 1 for name in reactions for fact in sessions}
    )
    _in_order(diary)


def _late(chance: random.Random, count: int) -> list[int]:
    """The order in which facts become visible: of one session in that of their ids, otherwise any."""
    streams = [[fact for fact in range(1, count + 1) if fact % 5 == stream] for stream in range(5)]
    order = []
    while any(streams):
        order.append(chance.choice([stream for stream in streams if stream]).pop(0))
    return order


def _stream(fact: int, sessions: dict[int, int | None]) -> str:
    return f"session {sessions[fact]}" if sessions[fact] else f"station {fact % 5}"


def _in_order(diary: list[tuple[str, str, int]]) -> None:
    for place in {(name, stream) for name, stream, _ in diary}:
        seen = [fact for name, stream, fact in diary if (name, stream) == place]
        assert seen == sorted(seen)


async def _finish(world: World, relay: Relay) -> None:
    for _ in range(200):
        world.clock.pass_by(hours=2)
        await relay.relay()
        if not await world.waiting():
            return
    raise AssertionError(f"never relayed: {await world.waiting()}")


def _relayed(world: World) -> Callable[[], Awaitable[bool]]:
    async def relayed() -> bool:
        return not await world.waiting()

    return relayed


class Stumbling(Mortal):
    """A database whose first view fails as nothing should."""

    stumbled = False

    def view(self) -> AbstractAsyncContextManager[AsyncSession]:
        if not self.stumbled:
            self.stumbled = True
            raise ValueError("unheard of")
        return super().view()


async def test_it_runs_by_itself_whatever_fails(world: World) -> None:
    database = Stumbling(world.database, random.Random(1), risk=0)
    relay = world.relay({"a": world.reaction("a", "Said")}, database)
    await world.happen("Said", id=1)
    running = asyncio.create_task(relay.run())
    try:
        await until(_relayed(world), what="the fact relayed")
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert len(await world.diary()) == 1
    assert database.stumbled
