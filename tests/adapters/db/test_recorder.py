"""The recorder: one commit for all, nothing reported done that is not committed, trouble waited out."""

import asyncio
import os
import sqlite3
from datetime import timedelta

import pytest
from sqlalchemy import update

from csms.adapters.db import engine
from csms.domain.sessions.changes import NewReviewItem, NewSession, SessionProgress
from csms.domain.stations.changes import ConnectorStatus, EvseSeen, LinkClosed
from csms.domain.stations.model import Link
from csms.kit.ids import uuid7
from csms.kit.recording import Fenced, Taken

from ...harness.waiting import until
from .conftest import NOW, STATIONS, Recording, frame


async def test_what_was_handed_in_meanwhile_shares_the_next_commit(recording: Recording) -> None:
    for number in range(1, STATIONS + 1):
        recording.submit(frame(number, 1), frame(number, 2), station_id=number)
    await recording.settled()
    assert recording.told == [(number, None) for number in range(STATIONS)]
    assert recording.recorder.batches == 1
    assert len(await recording.rows("frames")) == 2 * STATIONS


@pytest.mark.parametrize("count", [1, 2, 7, 8, 9, 63, 64, 65, 72, 73, 129, 1001])
async def test_every_row_is_written_however_many_there_are(recording: Recording, count: int) -> None:
    for number in range(count):
        recording.submit(frame(1, number))
    await recording.settled()
    assert [row["id"] for row in await recording.rows("frames", station_id=1)] == list(range(count))
    assert len(recording.told) == count
    assert not recording.refused


async def test_of_many_updates_of_a_row_in_one_commit_the_last_counts(recording: Recording) -> None:
    def status(word: str, number: int) -> ConnectorStatus:
        return ConnectorStatus(1, number, 1, word, None, None, None, None, NOW, NOW)

    for word in ("available", "preparing", "charging"):
        recording.submit(EvseSeen(1, 1), status(word, 1), status(f"{word} too", 2))
    recording.submit(LinkClosed(True, NOW, 1, 1))
    recording.submit(LinkClosed(False, NOW + timedelta(seconds=1), 1, 1))
    await recording.settled()
    assert recording.recorder.batches == 1
    connectors = await recording.rows("connectors", station_id=1)
    assert [connector["status"] for connector in connectors] == ["charging", "charging too"]
    (link,) = await recording.rows("links", station_id=1)
    assert (link["online"], link["disconnected_at"]) == (False, NOW + timedelta(seconds=1))
    assert len(await recording.rows("evses")) == 1


async def test_what_is_there_already_stays_as_it_is_where_the_change_says_so(recording: Recording) -> None:
    for words in ("the first", "the second"):
        recording.submit(NewReviewItem(1, "not_stopped", "7", 7, 1, NOW, 1.0, words, "open"))
        await recording.settled()
    assert [row["detail"] for row in await recording.rows("review_items")] == ["the first"]


# -- rows that cannot be stored ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", [{0}, {36}, {99}, {0, 1}, {10, 50, 51, 99}, set(range(0, 20, 4))])
async def test_a_row_that_cannot_be_stored_hurts_its_own_submission_alone(
    recording: Recording, where: set[int]
) -> None:
    for number in range(STATIONS):
        poison = [frame(number + 1, 1)] if number in where else []  # the same key twice
        recording.submit(frame(number + 1, 1), *poison, station_id=number + 1)
    await recording.settled()
    assert recording.refused.keys() == where
    stored = {row["station_id"] - 1 for row in await recording.rows("frames")}
    assert stored == set(range(STATIONS)) - where
    assert sorted(number for number, _ in recording.told) == list(range(STATIONS))


async def test_numbers_beyond_the_database_are_such_rows(recording: Recording) -> None:
    recording.submit(SessionProgress(2**63, None, None, NOW, 1))
    recording.submit(frame(1, 1))
    await recording.settled()
    assert isinstance(recording.refused[0], OverflowError)
    assert len(await recording.rows("frames")) == 1


async def test_of_one_id_token_there_is_one_sole_session(recording: Recording) -> None:
    """The second is told that it came too late, also within one commit, and the others are written."""
    for number in range(1, 5):
        sole = number < 3
        new = NewSession(
            number, uuid7(NOW), number, 1, 1, "active", "Card", "card", None, "accepted", None, NOW, NOW, 0, 0, sole
        )
        recording.submit(frame(number, 1), new, station_id=number)
    await recording.settled()
    assert {number: type(error) for number, error in recording.refused.items()} == {1: Taken}
    assert [row["station_id"] for row in await recording.rows("sessions")] == [1, 3, 4]
    assert len(await recording.rows("frames")) == 3


async def test_of_one_link_order_is_kept_around_what_was_refused(recording: Recording) -> None:
    for number in range(10):
        recording.submit(frame(1, 3 if number == 7 else number))
    await recording.settled()
    assert [number for number, _ in recording.told] == list(range(10))
    assert recording.refused.keys() == {7}


# -- the fence --------------------------------------------------------------------------------------------------------


async def test_a_link_that_lost_its_epoch_writes_nothing_and_the_others_all(recording: Recording) -> None:
    async with recording.database.unit() as session:
        await session.execute(update(Link).where(Link.station_id.in_([5, 50])).values(epoch=2))
    for number in range(1, STATIONS + 1):
        recording.submit(frame(number, 1), station_id=number)
    recording.submit(frame(5, 2), station_id=5, epoch=2)
    await recording.settled()
    assert {number: type(error) for number, error in recording.refused.items()} == {4: Fenced, 49: Fenced}
    frames = await recording.rows("frames")
    assert len(frames) == STATIONS - 1
    assert [row["id"] for row in frames if row["station_id"] in (5, 50)] == [2]
    assert (await recording.rows("links", station_id=50))[0]["seen_at"] is None


async def test_a_station_that_was_deleted_writes_nothing(recording: Recording) -> None:
    recording.submit(frame(STATIONS + 1, 1), station_id=STATIONS + 1)
    recording.submit(frame(1, 1))
    await recording.settled()
    assert isinstance(recording.refused[0], Fenced)
    assert [row["station_id"] for row in await recording.rows("frames")] == [1]


# -- trouble ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("refuse", "take", "reason"),
    [
        ("max_page_count=1", "max_page_count=1073741823", "full"),
        ("query_only=1", "query_only=0", "readonly"),
    ],
)
async def test_while_the_database_refuses_nothing_is_done_and_then_all_of_it(
    recording: Recording, refuse: str, take: str, reason: str
) -> None:
    recording.set(refuse)
    recording.submit(frame(1, 1, call=b"x" * 100_000))
    await until(lambda: recording.recorder.trouble, what="trouble")
    recording.submit(frame(2, 1), station_id=2)
    assert reason in (recording.recorder.trouble or "")
    assert not recording.told
    assert not await recording.rows("frames")
    recording.set(take)
    await recording.settled()
    assert recording.told == [(0, None), (1, None)]
    assert recording.recorder.trouble is None
    assert len(await recording.rows("frames")) == 2


async def test_a_lock_held_by_another_process_is_waited_for(recording: Recording) -> None:
    other = sqlite3.connect(recording.database.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    recording.submit(frame(1, 1))
    assert not await recording.rows("frames"), "reading goes on meanwhile"
    assert not recording.told
    other.execute("COMMIT")
    other.close()
    await recording.settled()
    assert recording.told == [(0, None)]


async def test_a_lock_held_for_too_long_is_trouble_and_still_waited_for(recording: Recording) -> None:
    recording.set("busy_timeout=20")
    other = sqlite3.connect(recording.database.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    recording.submit(frame(1, 1))
    await until(lambda: recording.recorder.trouble, what="trouble")
    assert "locked" in (recording.recorder.trouble or "")
    other.execute("ROLLBACK")
    other.close()
    await recording.settled()
    assert recording.recorder.trouble is None
    assert recording.told == [(0, None)]


async def test_units_of_work_say_so_when_the_database_refuses_and_work_again_after(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "PRAGMAS", (*engine.PRAGMAS, "PRAGMA busy_timeout=20"))
    other = sqlite3.connect(recording.database.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    impatient = engine.SqliteDatabase(recording.database.path)
    with pytest.raises(engine.DatabaseUnavailable) as trouble:
        async with impatient.unit() as session:
            await session.execute(update(Link).values(epoch=8))
    assert "locked" in trouble.value.facts["reason"]
    other.execute("ROLLBACK")
    other.close()
    async with impatient.unit() as session:
        await session.execute(update(Link).values(epoch=9))
    await impatient.close()


async def test_the_recorder_and_units_of_work_take_turns(recording: Recording) -> None:
    """Hundreds of each at once: nobody is told that the database is locked."""

    async def unit(number: int) -> None:
        async with recording.database.unit() as session:
            await session.execute(update(Link).where(Link.station_id == number).values(address=f"unit {number}"))

    units = [asyncio.ensure_future(unit(number)) for number in range(1, STATIONS + 1)]
    for number in range(1, STATIONS + 1):
        recording.submit(frame(number, 1), station_id=number)
        await asyncio.sleep(0)
    await asyncio.gather(*units)
    await recording.settled()
    assert not recording.refused
    assert {row["address"] for row in await recording.rows("links")} == {f"unit {n}" for n in range(1, STATIONS + 1)}


async def test_a_listener_that_fails_keeps_nobody_else_from_hearing(recording: Recording) -> None:
    def fail(*_: object) -> None:
        raise ValueError("a link with a fault")

    recording.submit(frame(1, 1))
    recording.recorder._waiting[0].done = fail
    recording.submit(frame(2, 1), station_id=2)
    await recording.settled()
    assert recording.told == [(1, None)]


async def test_the_files_are_readable_by_their_owner_only(recording: Recording) -> None:
    recording.submit(frame(1, 1))
    await recording.settled()
    folder = recording.database.path.parent
    modes = {name: os.stat(folder / name).st_mode & 0o777 for name in os.listdir(folder)}  # noqa: PTH116, PTH208
    assert modes == dict.fromkeys(("csms.db", "csms.db-shm", "csms.db-wal"), 0o600)
