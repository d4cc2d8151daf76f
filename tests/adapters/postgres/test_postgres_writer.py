"""The recorder's hand on PostgreSQL: all or nothing, in order, and once, whatever the network does."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest
from sqlalchemy import text

from csms.adapters.db.postgres_writer import PostgresWriter
from csms.adapters.db.recorder import DatabaseRefused
from csms.domain.authorization.rules import token_key
from csms.domain.sessions.changes import NewReviewItem, NewSession, SessionProgress, SessionSettled
from csms.domain.smart_charging.changes import ProfileInstalled, ProfileReplaced
from csms.domain.stations.changes import ConnectorStatus, EvseSeen, FrameAnswered
from csms.kit.ids import uuid7
from csms.kit.recording import Taken

from ...proxy import Proxy, proxied
from .conftest import NOW, Tables, fact, frame, submission

SOON = NOW + timedelta(minutes=1)


@pytest.fixture
async def writer(tables: Tables) -> AsyncIterator[PostgresWriter]:
    writer = PostgresWriter(tables.url, uuid7(NOW))
    yield writer
    writer.close()


@pytest.fixture
async def network(tables: Tables) -> AsyncIterator[Proxy]:
    port = urlsplit(tables.url).port
    assert port is not None
    async with proxied(port) as proxy:
        yield proxy


@pytest.fixture
async def far_writer(tables: Tables, network: Proxy) -> AsyncIterator[PostgresWriter]:
    """Its connection goes through `network`."""
    port = urlsplit(tables.url).port
    writer = PostgresWriter(tables.url.replace(f":{port}/", f":{network.port}/"), uuid7(NOW))
    yield writer
    writer.close()


def new_session(session_id: int) -> NewSession:
    return NewSession(
        session_id, uuid7(NOW), 1, 1, 1, "active", "Card", token_key("Card"), None, "accepted", None, NOW, NOW, 100, 0
    )


def status(word: str, station_id: int = 1) -> ConnectorStatus:
    return ConnectorStatus(station_id, 1, 1, word, None, None, None, None, NOW, NOW)


# -- what is written -----------------------------------------------------------------------------------------------------


async def test_a_whole_session_in_one_batch(tables: Tables, writer: PostgresWriter) -> None:
    ended = SessionSettled("ended", 900, 0.0, 33.0, SOON, 1000, SOON, SOON, "station", "Local", None, False, 7)
    batch = [
        submission(1, frame(1, 10), new_session(7), fact(1)),
        submission(1, frame(1, 11), SessionProgress(400, 7.0, None, NOW, 7)),
        submission(1, frame(1, 12), SessionProgress(500, 8.0, 33.0, SOON, 7)),
        submission(1, frame(1, 13), ended),
    ]
    assert await writer.write(batch) == []
    [session] = await tables.rows("sessions")
    assert (session["energy_wh"], session["soc_percent"], session["meter_stop_wh"]) == (900, 33.0, 1000)
    assert (session["state"], session["ended_at"], session["reading_at"]) == ("ended", SOON, SOON)
    assert [row["id"] for row in await tables.rows("frames", "id")] == [10, 11, 12, 13]
    [happened] = await tables.rows("facts")
    assert happened["detail"] == {"why": "a test"}


async def test_sessions_that_begin_go_on_and_end_share_a_statement(
    tables: Tables, far_writer: PostgresWriter, network: Proxy
) -> None:
    await far_writer.write([submission(station, new_session(6 + station)) for station in (1, 2)])
    words: list[bytes] = []
    network.watch = words.append
    ended = SessionSettled("ended", 900, 0.0, 33.0, SOON, 1000, SOON, SOON, "station", "Local", None, False, 8)
    batch = [
        submission(1, frame(1, 10), SessionProgress(400, 7.0, None, NOW, 7)),
        submission(2, frame(2, 11), ended),
        submission(3, frame(3, 12), new_session(9)._replace(station_id=3)),
    ]
    assert await far_writer.write(batch) == []
    assert not any(word in said for said in words for word in (b"BEGIN", b"COMMIT"))
    sessions = await tables.rows("sessions", "id")
    assert [(row["state"], row["energy_wh"]) for row in sessions] == [("active", 400), ("ended", 900), ("active", 0)]


async def test_a_profile_is_cleared_before_it_is_installed_again(
    tables: Tables, far_writer: PostgresWriter, network: Proxy
) -> None:
    """The classes call the row by different columns, so nobody can tell whether they meet: each has its own statement."""
    installed = ProfileInstalled(1, 1, "tx_default", 0, 5, None, "{}", NOW, None)
    await far_writer.write([submission(1, installed)])
    words: list[bytes] = []
    network.watch = words.append
    await far_writer.write([submission(1, installed._replace(installed_at=SOON), ProfileReplaced(SOON, 1, 5))])
    assert any(b"COMMIT" in said for said in words)
    [profile] = await tables.rows("installed_profiles")
    assert (profile["installed_at"], profile["cleared_at"]) == (SOON, None)


async def test_of_several_writings_of_a_row_the_last_counts(tables: Tables, writer: PostgresWriter) -> None:
    await writer.write([submission(1, frame(1, 5, answer=None, outcome="waiting"), status("available"))])
    await writer.write(
        [
            submission(1, status("preparing"), EvseSeen(1, 1), status("charging"), EvseSeen(1, 1)),
            submission(2, status("faulted", 2)),
            submission(
                1, FrameAnswered(None, None, "timeout", None, 1, 5), FrameAnswered(b"[]", NOW, "result", None, 1, 5)
            ),
        ]
    )
    connectors = await tables.rows("connectors", "station_id")
    assert [(row["station_id"], row["status"]) for row in connectors] == [(1, "charging"), (2, "faulted")]
    [answered] = await tables.rows("frames")
    assert (answered["answer"], answered["outcome"]) == (b"[]", "result")
    assert len(await tables.rows("evses")) == 1


async def test_what_is_there_already_stays_as_it_is(tables: Tables, writer: PostgresWriter) -> None:
    item = NewReviewItem(1, "not_stopped", "7", None, 1, NOW, 5.0, "first", "open")
    await writer.write([submission(1, item)])
    await writer.write([submission(1, item._replace(detail="second"), item._replace(detail="third"))])
    assert [row["detail"] for row in await tables.rows("review_items")] == ["first"]


async def test_nul_which_no_text_can_hold_here_becomes_a_mark(tables: Tables, writer: PostgresWriter) -> None:
    assert await writer.write([submission(1, frame(1, 1, message_id="a\0b", call=b'"a\\u0000b"'))]) == []
    [kept] = await tables.rows("frames")
    assert (kept["message_id"], kept["call"]) == ("a\ufffdb", b'"a\\u0000b"')


async def test_a_row_that_cannot_be_stored_takes_its_batch_with_it_and_says_so(
    tables: Tables, writer: PostgresWriter
) -> None:
    await writer.write([submission(1, frame(1, 1))])
    with pytest.raises(asyncpg.UniqueViolationError):
        await writer.write([submission(2, frame(2, 1)), submission(1, frame(1, 1))])
    assert await writer.write([submission(2, frame(2, 1))]) == []
    assert len(await tables.rows("frames")) == 2


async def test_frames_outside_all_months_are_kept_too(tables: Tables, writer: PostgresWriter) -> None:
    await writer.write([submission(1, frame(1, 1), frame(1, 9_000_000_000_000_000))])
    assert len(await tables.rows("frames")) == 2


@pytest.mark.parametrize("more", [[], [SessionProgress(400, 7.0, None, NOW, 8)]], ids=len)
async def test_one_id_token_is_the_sole_one_of_one_commit(
    tables: Tables, writer: PostgresWriter, far_writer: PostgresWriter, more: list[Any]
) -> None:
    """Whoever commits; and no longer once its session has ended."""
    here, there = new_session(7)._replace(sole=True), new_session(8)._replace(sole=True, station_id=2)
    await writer.write([submission(1, here)])
    with pytest.raises(Taken):
        await far_writer.write([submission(2, frame(2, 1), there, *more)])
    assert await tables.rows("frames") == []
    assert await far_writer.write([submission(2, frame(2, 2), there._replace(id=9, sole=False, uid=uuid7(SOON)))]) == []
    ended = SessionSettled("ended", 900, 0.0, 33.0, SOON, 1000, SOON, SOON, "station", "Local", None, False, 7)
    await writer.write([submission(1, ended)])
    assert await far_writer.write([submission(2, frame(2, 1), there, *more)]) == []
    assert [row["sole"] for row in await tables.rows("sessions", "id")] == [False, True, False]


# -- the fence -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("changes", [[], [new_session(7), SessionProgress(400, 7.0, None, NOW, 7)]], ids=len)
async def test_who_lost_its_link_writes_nothing_and_nobody_else_does_with_it(
    tables: Tables, writer: PostgresWriter, changes: list[Any]
) -> None:
    async with tables.database.unit() as session:
        await session.execute(text("UPDATE links SET epoch = 4 WHERE station_id = 2"))
    late = submission(2, frame(2, 1), epoch=3)
    gone = submission(99, frame(99, 1))
    good = submission(1, frame(1, 1), *changes)
    assert await writer.write([good, late, gone]) == [late, gone]
    assert await tables.rows("frames") == []
    assert await tables.rows("sessions") == []
    assert await writer.write([good]) == []
    assert len(await tables.rows("frames")) == 1


async def test_who_says_nothing_but_that_it_lives(tables: Tables, writer: PostgresWriter) -> None:
    assert await writer.write([submission(1)]) == []


async def test_the_fence_waits_for_a_gateway_that_is_taking_the_link(tables: Tables, writer: PostgresWriter) -> None:
    async with tables.database.unit() as session:
        await session.execute(text("UPDATE links SET epoch = 1 WHERE station_id = 1"))
        writing = asyncio.create_task(writer.write([late := submission(1, frame(1, 1))]))
        waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        while not await session.scalar(waiting):  # noqa: ASYNC110 - the server knows, and tells nobody
            await asyncio.sleep(0.01)
    assert await writing == [late]


# -- a network that fails at the worst moment ---------------------------------------------------------------------------


ONE_STATEMENT = (b"InDoubt", [])  # which commits itself
TWO_STATEMENTS = (b"COMMIT", [new_session(7), SessionProgress(400, 7.0, None, NOW, 7)])


def at_commit(verdict: str, word: bytes) -> Callable[[bytes], str | None]:
    """Do this to the first request that says the word."""
    once = [verdict]

    def watch(data: bytes) -> str | None:
        return once.pop() if word in data and once else None

    return watch


@pytest.mark.parametrize(("word", "changes"), [ONE_STATEMENT, TWO_STATEMENTS], ids=["one statement", "two statements"])
@pytest.mark.parametrize("verdict", ["lose request", "lose answer"])
async def test_a_commit_whose_end_is_unknown_counts_once(
    tables: Tables, far_writer: PostgresWriter, network: Proxy, verdict: str, word: bytes, changes: list[Any]
) -> None:
    await far_writer.write([submission(1, fact(1, "Before"))])
    network.watch = at_commit(verdict, word)
    batch = [submission(1, fact(1, "InDoubt")), submission(2, frame(2, 1), *changes)]
    with pytest.raises(DatabaseRefused):
        await far_writer.write(batch)
    arrived = len(await tables.rows("facts")) == 2
    assert arrived == (verdict == "lose answer")
    assert await far_writer.write(batch) == []
    await far_writer.write([submission(1, fact(1, "After"))])
    assert [row["kind"] for row in await tables.rows("facts", "id")] == ["Before", "InDoubt", "After"]
    assert len(await tables.rows("frames")) == 1


async def test_a_batch_in_doubt_stays_committed_even_if_the_link_is_lost_meanwhile(
    tables: Tables, far_writer: PostgresWriter, network: Proxy
) -> None:
    await far_writer.write([submission(1, fact(1, "Before"))])
    network.watch = at_commit("lose answer", b"InDoubt")
    batch = [submission(1, fact(1, "InDoubt"))]
    with pytest.raises(DatabaseRefused):
        await far_writer.write(batch)
    async with tables.database.unit() as session:
        await session.execute(text("UPDATE links SET epoch = 1 WHERE station_id = 1"))
    assert await far_writer.write(batch) == []
    assert await far_writer.write(batch) == batch
    assert len(await tables.rows("facts")) == 2


async def test_nobody_home(tables: Tables, far_writer: PostgresWriter, network: Proxy) -> None:
    network.cut()
    batch = [submission(1, fact(1))]
    with pytest.raises(DatabaseRefused):
        await far_writer.write(batch)
    network.mend()
    assert await far_writer.write(batch) == []


async def test_a_database_that_lost_what_it_had_promised_is_noticed(tables: Tables, writer: PostgresWriter) -> None:
    await writer.write([submission(1, fact(1, "Kept"))])
    await writer.write([submission(1, fact(1, "Lost"))])
    async with tables.database.unit() as session:  # as after a failover to a standby that lagged
        await session.execute(text("DELETE FROM facts WHERE kind = 'Lost'"))
        await session.execute(text("UPDATE recorder_marks SET batch = 1"))
    batch = [submission(1, fact(1, "New"))]
    with pytest.raises(DatabaseRefused, match="lost"):
        await writer.write(batch)
    assert await writer.write(batch) == []
    assert [row["kind"] for row in await tables.rows("facts", "id")] == ["Kept", "New"]
