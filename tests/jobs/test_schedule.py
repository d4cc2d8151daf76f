"""The schedule: every step has its turn, whatever becomes of the others."""

import pytest

from csms.jobs.schedule import Schedule


async def test_a_step_that_fails_holds_up_no_other_and_is_tried_again(capsys: pytest.CaptureFixture[str]) -> None:
    done: list[str] = []

    async def first() -> None:
        done.append("first")

    async def broken() -> None:
        done.append("broken")
        raise RuntimeError("the disk is full")

    async def last() -> None:
        done.append("last")

    schedule = Schedule({"first": first, "broken": broken, "last": last})
    await schedule.due()
    await schedule.due()
    assert done == ["first", "broken", "last"] * 2
    said = capsys.readouterr()
    assert (said.out + said.err).count("the disk is full") >= 2
