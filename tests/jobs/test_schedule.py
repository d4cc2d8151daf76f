"""The schedule: every step has its turn, whatever becomes of the others."""

import pytest

from csms.jobs.schedule import Schedule
from csms.kit.errors import Unavailable


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


async def test_an_outage_of_the_database_is_one_line_a_round(capsys: pytest.CaptureFixture[str]) -> None:
    """Ten kilobytes of traceback a step and round would fill the disk before the database is back."""
    done: list[str] = []

    async def waits() -> None:
        raise Unavailable(reason="connection refused")

    async def other() -> None:
        done.append("other")

    await Schedule({"first": waits, "other": other, "last": waits}).due()
    assert done == ["other"]
    captured = capsys.readouterr()
    [line] = (captured.out + captured.err).splitlines()
    assert "connection refused" in line
    assert "first, last" in line
