"""Background tasks: none is lost, none dies unheard."""

import asyncio

import pytest

from csms.kit import tasks as kit
from csms.kit.tasks import Tasks


async def test_a_death_is_heard() -> None:
    heard: list[BaseException] = []
    tasks = Tasks(heard.append)
    death = ValueError("no more")

    async def die() -> None:
        raise death

    await asyncio.wait([tasks.start(die(), name="mortal")])
    await asyncio.sleep(0)
    assert heard == [death]


async def test_stopping_cancels_all_and_waits_until_they_have_cleaned_up() -> None:
    heard: list[BaseException] = []
    tasks, cleaned = Tasks(heard.append), list[int]()

    async def work(number: int) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned.append(number)

    for number in range(3):
        tasks.start(work(number), name="work")
    await asyncio.sleep(0)
    await tasks.stop()
    assert sorted(cleaned) == [0, 1, 2]
    assert heard == []


async def test_what_has_ended_is_let_go() -> None:
    tasks = Tasks()

    async def work() -> int:
        return 7

    assert await tasks.start(work(), name="work") == 7
    await asyncio.sleep(0)
    await tasks.stop()


async def test_who_loses_its_cancellation_in_an_error_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """As one whose unit of work cannot be rolled back, because the database went at the same moment."""
    monkeypatch.setattr(kit, "AGAIN_S", 0.01)
    tasks, rounds = Tasks(), 0

    async def work() -> None:
        nonlocal rounds
        while True:
            rounds += 1
            try:
                try:
                    await asyncio.Event().wait()
                finally:
                    if rounds < 3:
                        raise ConnectionError("the database is gone")
            except ConnectionError:
                continue

    running = tasks.start(work(), name="work")
    await asyncio.sleep(0)
    await asyncio.wait_for(tasks.stop(), 10)
    assert running.cancelled()
    assert rounds == 3
