"""Background tasks: none is lost, none dies unheard."""

import asyncio

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
