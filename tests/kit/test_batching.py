"""Natural batching: what is asked while one batch runs becomes the next."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from math import isqrt

import pytest

from csms.kit.batching import Batcher
from csms.kit.errors import Invalid
from csms.kit.tasks import Tasks

from ..harness.waiting import until


class Oracle:
    """Answers a number with its square when it is let; remembers how it was asked."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.error: Exception | None = None

    async def answer(self, keys: Sequence[int]) -> list[int]:
        self.batches.append(list(keys))
        await self.may_answer.wait()
        if self.error is not None:
            raise self.error
        return [key * key for key in keys]


@pytest.fixture
async def tasks() -> AsyncIterator[Tasks]:
    tasks = Tasks()
    yield tasks
    await tasks.stop()


@pytest.fixture
def oracle() -> Oracle:
    return Oracle()


async def test_everybody_gets_the_answer_to_their_own_question(tasks: Tasks, oracle: Oracle) -> None:
    batcher = Batcher(tasks, oracle.answer)
    assert await asyncio.gather(*(batcher.ask_async(key) for key in range(20))) == [key * key for key in range(20)]
    assert oracle.batches == [list(range(20))]


async def test_what_is_asked_during_a_batch_is_the_next_one(tasks: Tasks, oracle: Oracle) -> None:
    oracle.may_answer.clear()
    batcher = Batcher(tasks, oracle.answer)
    first = asyncio.ensure_future(batcher.ask_async(1))
    await until(lambda: oracle.batches)
    others = [asyncio.ensure_future(batcher.ask_async(key)) for key in (2, 3)]
    await asyncio.sleep(0)
    assert oracle.batches == [[1]]
    oracle.may_answer.set()
    assert await asyncio.gather(first, *others) == [1, 4, 9]
    assert oracle.batches == [[1], [2, 3]]


async def test_a_batch_has_a_bound(tasks: Tasks, oracle: Oracle) -> None:
    batcher = Batcher(tasks, oracle.answer, most=2)
    assert await asyncio.gather(*(batcher.ask_async(key) for key in range(5))) == [0, 1, 4, 9, 16]
    assert oracle.batches == [[0, 1], [2, 3], [4]]


async def test_a_failed_batch_is_heard_by_all_who_asked_and_the_next_one_works(tasks: Tasks, oracle: Oracle) -> None:
    oracle.error = ValueError("no")
    batcher = Batcher(tasks, oracle.answer)
    failed = await asyncio.gather(*(batcher.ask_async(key) for key in range(3)), return_exceptions=True)
    assert failed == [oracle.error] * 3
    oracle.error = None
    assert await batcher.ask_async(4) == 16


async def test_nobody_fails_by_the_nonsense_of_another(tasks: Tasks) -> None:
    batches: list[list[int]] = []

    async def root(keys: Sequence[int]) -> list[int]:
        batches.append(list(keys))
        if any(key < 0 for key in keys):
            raise Invalid("It has no root.")
        return [isqrt(key) for key in keys]

    batcher = Batcher(tasks, root)
    one, nonsense, other = await asyncio.gather(*(batcher.ask_async(key) for key in (4, -1, 9)), return_exceptions=True)
    assert (one, other) == (2, 3)
    assert isinstance(nonsense, Invalid)
    assert batches == [[4, -1, 9], [4], [-1, 9], [-1], [9]]


async def test_one_who_cannot_take_an_answer_or_has_left_keeps_nobody_from_theirs(tasks: Tasks, oracle: Oracle) -> None:
    oracle.may_answer.clear()
    batcher = Batcher(tasks, oracle.answer)

    def clumsy(_value: int | None, _error: Exception | None) -> None:
        raise RuntimeError("dropped it")

    batcher.ask(1, clumsy)
    left = asyncio.ensure_future(batcher.ask_async(2))
    stayed = asyncio.ensure_future(batcher.ask_async(3))
    await asyncio.sleep(0)
    left.cancel()
    oracle.may_answer.set()
    assert await stayed == 9
    assert left.cancelled()
