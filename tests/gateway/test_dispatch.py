"""Commands end to end: from a request over REST to a station's socket and back."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from structlog.testing import capture_logs

from csms.adapters.bus.memory import MemoryBus
from csms.adapters.db.engine import SqliteDatabase
from csms.app.wiring import Server
from csms.domain.accounts.rules import SYSTEM
from csms.domain.commands import service as commands
from csms.domain.stations.verbs import stations

from ..harness.server import LaterClock, add_id_token, add_station, rows
from ..harness.sockets import StationSocket
from ..harness.waiting import until
from .conftest import Ask, Connect, Serve

ACCEPTED = {"status": "Accepted"}


async def a_station(serve: Serve, connect: Connect, **settings: Any) -> tuple[Server, StationSocket]:
    server = await serve(**settings)
    await add_station(server.context.database, "A")
    return server, await connect(server, "A")


def raw(ask: Ask, server: Server, action: str, payload: Any = None, wait: float = 30, station: str = "A") -> Any:
    """A request under way: any OCPP action with its payload as the body."""
    return asyncio.ensure_future(
        ask(server, "POST", f"/stations/{station}/ocpp/{action}", params={"wait": wait}, json=payload or {})
    )


async def place(server: Server, action: str, payload: dict[str, Any], timeout_s: float) -> Any:
    """A raw command that gives the station this long to answer; its id."""
    context = server.context
    async with context.database.unit() as session:
        station = await stations.get_station(session, "A")
        placed = await commands.place_raw(
            session, context.bus, SYSTEM, station, action, payload, now=context.clock.now(), timeout_s=timeout_s
        )
    return placed.id


async def command(server: Server, **where: Any) -> dict[str, Any]:
    await server.recorder.drained()
    (row,) = await rows(server.context.database, "commands", **where)
    return row


async def settled(server: Server, command_id: Any) -> dict[str, Any]:
    async def look() -> dict[str, Any] | None:
        row = await command(server, id=command_id)
        return row if row["settled_at"] is not None else None

    found: dict[str, Any] = await until(look, what="the command's end")
    return found


# -- answers ----------------------------------------------------------------------------------------------------------


async def test_the_stations_answer_is_the_answer(serve: Serve, connect: Connect, ask: Ask) -> None:
    server, socket = await a_station(serve, connect)
    asked = raw(ask, server, "Reset", {"type": "Soft"})
    call = await socket.next_call()
    assert call[2:] == ["Reset", {"type": "Soft"}]
    await socket.answer(call, ACCEPTED)
    answer: httpx.Response = await asked
    assert answer.status_code == 200
    assert answer.json() == {"outcome": "result", "payload": ACCEPTED}
    row = await command(server)
    assert (row["state"], row["answer"]) == ("accepted", ACCEPTED)
    (frame,) = await rows(server.context.database, "frames")
    assert (frame["direction"], frame["action"], frame["outcome"]) == ("out", "Reset", "result")
    assert frame["id"] == row["frame_id"]
    assert b"Accepted" in frame["answer"]


DOOMED: list[tuple[str, Any, Any, str]] = [
        ("UnlockConnector", {"connectorId": 99}, {"status": "NotSupported"}, "rejected"),
        ("UnlockConnector", {"connectorId": 1}, {"status": "UnlockFailed"}, "rejected"),
        ("RemoteStopTransaction", {"transactionId": 4711}, {"status": "Rejected"}, "rejected"),
        ("RemoteStartTransaction", {"idTag": "NOBODY"}, {"status": "Rejected"}, "rejected"),
        ("ChangeConfiguration", {"key": "K", "value": "V"}, {"status": "RebootRequired"}, "accepted"),
        ("TriggerMessage", {"requestedMessage": "Heartbeat"}, {"status": "NotImplemented"}, "rejected"),
        ("GetLocalListVersion", {}, {"listVersion": -1}, "accepted"),
        ("GetConfiguration", {}, {}, "accepted"),
        ("ClearCache", {}, ACCEPTED, "accepted"),
        ("DataTransfer", {"vendorId": "V"}, {"status": "Accepted", "data": "x"}, "accepted"),
        ("GetCompositeSchedule", {"connectorId": 1, "duration": 60}, {
            "status": "Accepted", "connectorId": 1, "scheduleStart": "2030-01-01T00:00:00Z",
            "chargingSchedule": {"chargingRateUnit": "A", "minChargingRate": 6.1, "chargingSchedulePeriod": [
                {"startPeriod": 0, "limit": 16.5, "numberPhases": 3}]},
        }, "accepted"),
]  # fmt: skip


@pytest.mark.behaviour("B-063", "B-064", "B-070")
async def test_doomed_or_not_it_is_sent_and_the_answer_reported(serve: Serve, connect: Connect, ask: Ask) -> None:
    """Nothing is filtered by what we believe the station's state to be."""
    server, socket = await a_station(serve, connect)
    for action, payload, answer, state in DOOMED:
        asked = raw(ask, server, action, payload)
        call = await socket.next_call()
        assert call[2:] == [action, payload]
        await socket.answer(call, answer)
        assert (await asked).json() == {"outcome": "result", "payload": answer}
        assert (await command(server, id=UUID(call[1])))["state"] == state, action


@pytest.mark.behaviour("B-055")
async def test_a_call_error_of_the_station_is_a_result_too(serve: Serve, connect: Connect, ask: Ask) -> None:
    server, socket = await a_station(serve, connect)
    asked = raw(ask, server, "ClearCache")
    call = await socket.next_call()
    await socket.send([4, call[1], "NotImplemented", "no cache here", {"detail": 1}])
    answer: httpx.Response = await asked
    assert answer.status_code == 200
    assert answer.json() == {"outcome": "error", "code": "NotImplemented", "description": "no cache here"}
    assert (await command(server))["state"] == "failed"
    (frame,) = await rows(server.context.database, "frames")
    assert (frame["outcome"], frame["error_code"]) == ("error", "NotImplemented")


async def test_an_answer_that_violates_the_schema_is_an_error_and_the_next_command_works(
    serve: Serve, connect: Connect, ask: Ask
) -> None:
    server, socket = await a_station(serve, connect)
    invalid: list[Any] = [{"status": "Perhaps"}, {}, {"status": "Accepted", "more": 1}, None, [], "Accepted"]
    for answer in invalid:
        asked = raw(ask, server, "ClearCache")
        call = await socket.next_call()
        await socket.send([3, call[1], answer])
        said = (await asked).json()
        assert said["outcome"] == "error"
        assert "invalid answer" in said["description"]
    asked = raw(ask, server, "ClearCache")
    await socket.answer(await socket.next_call(), ACCEPTED)
    assert (await asked).json()["outcome"] == "result"


async def test_who_does_not_wait_is_told_where_to_look(serve: Serve, connect: Connect, ask: Ask) -> None:
    server, socket = await a_station(serve, connect)
    answer = await raw(ask, server, "Reset", {"type": "Hard"}, wait=0)
    assert answer.status_code == 202
    where = answer.headers["Location"].removeprefix("/api/v1")
    await socket.answer(await socket.next_call(), ACCEPTED)

    async def look() -> bool:
        return bool((await ask(server, "GET", where)).json()["state"] == "accepted")

    await until(look, what="accepted")


# -- refused before they are sent -------------------------------------------------------------------------------------


async def test_an_offline_station_is_a_conflict_and_nothing_is_left_waiting(
    serve: Serve, connect: Connect, ask: Ask
) -> None:
    server, socket = await a_station(serve, connect)
    await socket.leave()
    await until(lambda: not server.hub.links, what="offline")
    await server.recorder.drained()
    assert (await raw(ask, server, "ClearCache")).status_code == 409
    assert not await rows(server.context.database, "commands")


async def test_what_the_schema_forbids_never_reaches_the_station(serve: Serve, connect: Connect, ask: Ask) -> None:
    server, socket = await a_station(serve, connect)
    for action, payload, status in (
        ("Reset", {}, 422),
        ("Reset", {"type": "Gentle"}, 422),
        ("Reset", {"type": "Soft", "more": 1}, 422),
        ("UnlockConnector", {"connectorId": "1"}, 422),
        ("Heartbeat", {}, 422),
        ("MakeCoffee", {}, 404),
    ):
        assert (await raw(ask, server, action, payload)).status_code == status, (action, payload)
    assert not await rows(server.context.database, "commands")
    assert socket.calls.empty()


async def test_a_station_that_is_not_ours_is_not_found(serve: Serve, connect: Connect, ask: Ask) -> None:
    server, _ = await a_station(serve, connect)
    assert (await raw(ask, server, "ClearCache", station="B")).status_code == 404


# -- one at a time ----------------------------------------------------------------------------------------------------


@pytest.mark.behaviour("B-046", "B-049")
async def test_one_call_is_outstanding_and_the_others_queue_in_order(serve: Serve, connect: Connect, ask: Ask) -> None:
    server, socket = await a_station(serve, connect)
    keys = ["one", "two", "three"]
    for key in keys:
        assert (await raw(ask, server, "GetConfiguration", {"key": [key]}, wait=0)).status_code == 202
    for index, key in enumerate(keys):
        call = await socket.next_call()
        assert call[3] == {"key": [key]}
        assert "currentTime" in await socket.call("Heartbeat", {})  # our own calls are answered meanwhile
        assert socket.calls.empty(), f"{len(keys) - index} are waiting, none may overtake"
        await socket.answer(call, {"unknownKey": [key]})
    await until(lambda: server.hub.links[1].endpoint.deadline is None, what="the last answer")
    await server.recorder.drained()
    states = {row["state"] for row in await rows(server.context.database, "commands")}
    assert states == {"accepted"}


@pytest.mark.behaviour("B-048")
async def test_other_stations_never_wait(serve: Serve, connect: Connect, ask: Ask) -> None:
    server, _silent = await a_station(serve, connect)
    await add_station(server.context.database, "B")
    quick = await connect(server, "B")
    waiting = raw(ask, server, "ClearCache")
    await _silent.next_call()
    asked = raw(ask, server, "ClearCache", station="B")
    await quick.answer(await quick.next_call(), ACCEPTED)
    assert (await asked).status_code == 200
    assert not waiting.done()
    waiting.cancel()


@pytest.mark.behaviour("B-049")
async def test_a_transaction_goes_its_way_while_a_call_of_ours_is_pending(
    serve: Serve, connect: Connect, ask: Ask
) -> None:
    server, socket = await a_station(serve, connect)
    await add_id_token(server.context.database, "FRIEND")
    asked = raw(ask, server, "RemoteStartTransaction", {"idTag": "FRIEND", "connectorId": 1})
    call = await socket.next_call()
    start = {"connectorId": 1, "idTag": "FRIEND", "meterStart": 0, "timestamp": "2030-01-01T10:00:00Z"}
    transaction = (await socket.call("StartTransaction", start))["transactionId"]
    await socket.answer(call, ACCEPTED)
    assert (await asked).status_code == 200
    asked = raw(ask, server, "RemoteStopTransaction", {"transactionId": transaction})
    call = await socket.next_call()
    stop = {"transactionId": transaction, "meterStop": 10, "timestamp": "2030-01-01T11:00:00Z", "reason": "Remote"}
    await socket.call("StopTransaction", stop)
    await socket.answer(call, ACCEPTED)
    assert (await asked).status_code == 200
    (session,) = await rows(server.context.database, "sessions")
    assert (session["state"], session["stop_reason"]) == ("ended", "remote")


# -- no answer --------------------------------------------------------------------------------------------------------


async def test_no_answer_within_the_wait_is_504(serve: Serve, connect: Connect, ask: Ask) -> None:
    server, socket = await a_station(serve, connect)
    assert (await raw(ask, server, "ClearCache", wait=0.3)).status_code == 504
    await socket.answer(await socket.next_call(), ACCEPTED)
    await until(lambda: server.hub.links[1].endpoint.deadline is None, what="the late answer")
    assert (await command(server))["state"] == "accepted", "late for who asked, not for the record"


async def test_what_is_committed_too_late_is_not_sent(serve: Serve, connect: Connect) -> None:
    """It counts as expired by then: nobody shall be told so, and the station do it all the same."""
    server, socket = await a_station(serve, connect)
    database = server.hub.database
    if not isinstance(database, SqliteDatabase):
        pytest.skip("only here the recorder can be held up by a turn")
    on_time = server.hub.clock
    placed = await place(server, "Reset", {"type": "Soft"}, 30)
    async with database.write_turn:
        await until(lambda: server.recorder.lag_s, what="the claim at the recorder")
        server.hub.clock = LaterClock(on_time.now() + timedelta(seconds=commands.TIMEOUT_S + 6))
    row = await settled(server, placed)
    assert (row["state"], row["error_description"]) == ("failed", "It could not be sent in time.")
    (frame,) = await rows(server.context.database, "frames", id=row["frame_id"])
    assert frame["outcome"] == "abandoned"

    server.hub.clock = on_time
    await place(server, "ClearCache", {}, 30)
    assert (await socket.next_call())[2] == "ClearCache"


@pytest.mark.behaviour("B-054")
async def test_after_a_time_out_the_next_goes_and_the_late_answer_is_kept(
    serve: Serve, connect: Connect, ask: Ask
) -> None:
    server, socket = await a_station(serve, connect)
    first = await place(server, "ClearCache", {}, timeout_s=0.2)
    late = await socket.next_call()
    row = await settled(server, first)
    assert (row["state"], row["error_code"]) == ("failed", "NoAnswer")
    asked = raw(ask, server, "GetLocalListVersion")
    call = await socket.next_call()
    await socket.answer(late, ACCEPTED)
    await socket.answer(call, {"listVersion": 3})
    assert (await asked).json() == {"outcome": "result", "payload": {"listVersion": 3}}
    assert (await command(server, id=first))["state"] == "failed"
    frames = await rows(server.context.database, "frames")
    assert [(frame["direction"], frame["outcome"]) for frame in frames] == [
        ("out", "timeout"), ("out", "result"), ("in", "unmatched"),
    ]  # fmt: skip


async def test_a_command_that_failed_is_logged_with_station_and_message_id(
    serve: Serve, connect: Connect, ask: Ask
) -> None:
    server, socket = await a_station(serve, connect)
    with capture_logs() as logs:
        late = await place(server, "ClearCache", {}, timeout_s=0.2)
        await socket.next_call()
        await settled(server, late)
        asked = raw(ask, server, "GetLocalListVersion")
        call = await socket.next_call()
        await socket.send([4, call[1], "NotImplemented", "", {}])
        await asked
    about = [
        (log["station"], log["action"], log["message_id"], log["code"]) for log in logs if "failed" in log["event"]
    ]
    assert about == [
        ("A", "ClearCache", str(late), "NoAnswer"), ("A", "GetLocalListVersion", call[1], "NotImplemented"),
    ]  # fmt: skip


@pytest.mark.behaviour("B-076")
async def test_a_connection_lost_while_waiting_fails_the_command_at_once(
    serve: Serve, connect: Connect, ask: Ask
) -> None:
    """A hard reset looks like this: no answer, the socket drops, the station boots again."""
    server, socket = await a_station(serve, connect)
    asked = raw(ask, server, "Reset", {"type": "Hard"}, wait=100)
    await socket.next_call()
    socket.abort()
    assert (await asked).status_code == 504
    row = await command(server)
    assert (row["state"], row["error_code"]) == ("failed", "ConnectionLost")
    again = await connect(server, "A")
    assert (await again.boot())["status"] == "Accepted"
    asked = raw(ask, server, "ClearCache")
    await again.answer(await again.next_call(), ACCEPTED)
    assert (await asked).status_code == 200


@pytest.mark.behaviour("B-041")
async def test_a_socket_that_is_replaced_fails_its_pending_command_at_once(
    serve: Serve, connect: Connect, ask: Ask
) -> None:
    server, socket = await a_station(serve, connect)
    asked = raw(ask, server, "ClearCache", wait=100)
    call = await socket.next_call()
    again = await connect(server, "A")
    assert (await asked).status_code == 504
    row = await command(server)
    assert (row["state"], row["error_code"]) == ("failed", "ConnectionLost")
    await again.answer(call, ACCEPTED)
    asked = raw(ask, server, "GetLocalListVersion")
    await again.answer(await again.next_call(), {"listVersion": 0})
    assert (await asked).status_code == 200
    (frame,) = await rows(server.context.database, "frames", action="ClearCache")
    assert frame["outcome"] == "abandoned"


async def test_a_dead_socket_that_is_replaced_fails_its_pending_command_too(
    serve: Serve, connect: Connect, ask: Ask
) -> None:
    """The first socket is half-open, its buffers full: closing it takes the network longer than anybody waits."""
    server, dead = await a_station(serve, connect)
    asked = raw(ask, server, "ClearCache", wait=100)
    await dead.next_call()
    dead.connection.transport.pause_reading()
    transport = server.hub.links[1].transport
    assert transport is not None
    while transport.underlying_transport.get_write_buffer_size() < 1_000_000:
        await dead.send("?" * 60_000)
        transport.underlying_transport.write(b"\x82\x7e\xff\xff" + b"x" * 65_535)
        await asyncio.sleep(0)
    alive = await connect(server, "A")
    assert (await asked).status_code == 504
    assert (await command(server))["error_code"] == "ConnectionLost"
    assert "currentTime" in await alive.call("Heartbeat", {})
    dead.abort()


async def test_a_command_waits_for_a_station_that_is_coming_back(serve: Serve, connect: Connect, ask: Ask) -> None:
    server, socket = await a_station(serve, connect)
    await socket.leave()
    await until(lambda: not server.hub.links, what="offline")
    asked = asyncio.ensure_future(ask(server, "POST", "/stations/A/commands/clear-cache", params={"wait": 60}, json={}))
    await until(lambda: rows(server.context.database, "commands"), what="the command")
    assert not asked.done()
    again = await connect(server, "A")
    await again.answer(await again.next_call(), ACCEPTED)
    answer: httpx.Response = await asked
    assert answer.status_code == 200
    assert answer.json()["state"] == "accepted"


async def test_a_lost_ring_is_made_good_by_the_poll(serve: Serve, connect: Connect) -> None:
    server, socket = await a_station(serve, connect)
    silent = replace(server.context, bus=MemoryBus())
    await place(replace(server, context=silent), "ClearCache", {}, timeout_s=30)
    await server.hub.dispatch.poll()
    assert (await socket.next_call())[2] == "ClearCache"


# -- what an answer teaches -------------------------------------------------------------------------------------------


@pytest.mark.behaviour("B-075")
async def test_what_a_station_tells_of_its_configuration_is_kept(serve: Serve, connect: Connect, ask: Ask) -> None:
    server, socket = await a_station(serve, connect)
    asked = raw(ask, server, "GetConfiguration", {"key": ["HeartbeatInterval", "Nonsense"]})
    key = {"key": "HeartbeatInterval", "readonly": False, "value": "300"}
    await socket.answer(await socket.next_call(), {"configurationKey": [key], "unknownKey": ["Nonsense"]})
    await asked
    asked = raw(ask, server, "ChangeConfiguration", {"key": "HeartbeatInterval", "value": "60"})
    await socket.answer(await socket.next_call(), ACCEPTED)
    await asked
    asked = raw(ask, server, "ChangeConfiguration", {"key": "HeartbeatInterval", "value": "1"})
    await socket.answer(await socket.next_call(), {"status": "Rejected"})
    await asked
    await server.recorder.drained()
    known = {
        row["key"]: (row["value"], row["known"]) for row in await rows(server.context.database, "configuration_keys")
    }
    assert known == {"HeartbeatInterval": ("60", True), "Nonsense": (None, False)}
