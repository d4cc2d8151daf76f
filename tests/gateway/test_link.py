"""A link over a real socket: WebSocket frames of every kind, replacement, silence, back-pressure."""

import asyncio
import json
import struct
import time

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs
from websockets.frames import Frame, Opcode

from csms.domain.stations.model import Link

from ..harness.server import add_station, rows, tune
from ..harness.sockets import StationSocket
from ..harness.waiting import until
from .conftest import Connect, Serve

HEARTBEAT = '[2,"hb","Heartbeat",{}]'


def start(connector: int = 1, id_tag: str = "X", meter: int = 0) -> dict[str, object]:
    return {"connectorId": connector, "idTag": id_tag, "meterStart": meter, "timestamp": "2030-01-01T10:00:00Z"}


async def raw(socket: StationSocket, *frames: Frame) -> None:
    """WebSocket frames as no client library would send them."""
    protocol = socket.connection.protocol
    data = b"".join(frame.serialize(mask=True, extensions=[]) for frame in frames)
    assert protocol.close_code is None
    socket.connection.transport.write(data)


# -- frames of every kind ---------------------------------------------------------------------------------------------


async def test_a_message_may_come_in_fragments_with_pings_between_them(serve: Serve, connect: Connect) -> None:
    server = await serve()
    await add_station(server.context.database, "A")
    socket = await connect(server, "A")
    data = HEARTBEAT.encode()
    await raw(
        socket,
        Frame(Opcode.TEXT, data[:5], fin=False),
        Frame(Opcode.PING, b"still here?"),
        Frame(Opcode.CONT, data[5:9], fin=False),
        Frame(Opcode.CONT, b"", fin=False),
        Frame(Opcode.CONT, data[9:], fin=True),
    )
    assert (await socket.next_other())[:2] == [3, "hb"]
    await server.recorder.drained()  # a heartbeat is answered at once and stored with the next batch
    (frame,) = await rows(server.context.database, "frames")
    assert frame["call"] == data


async def test_a_binary_message_is_read_like_text(serve: Serve, connect: Connect) -> None:
    server = await serve()
    await add_station(server.context.database, "A")
    socket = await connect(server, "A")
    await socket.send(HEARTBEAT.encode())
    assert (await socket.next_other())[:2] == [3, "hb"]


async def test_a_ping_is_answered(serve: Serve, connect: Connect) -> None:
    server = await serve()
    await add_station(server.context.database, "A")
    socket = await connect(server, "A")
    await asyncio.wait_for(await socket.connection.ping(b"payload"), 15)


@pytest.mark.parametrize("data", [b"\xff\xfe\xfd", b"\x00", bytes(range(256)), b'[2,"\xff","Heartbeat",{}]'])
async def test_bytes_that_are_no_text_are_answered_and_kept(serve: Serve, connect: Connect, data: bytes) -> None:
    server = await serve()
    await add_station(server.context.database, "A")
    socket = await connect(server, "A")
    await raw(socket, Frame(Opcode.TEXT, data))
    assert (await socket.next_other())[0] == 4
    assert "currentTime" in await socket.call("Heartbeat", {})
    assert (await rows(server.context.database, "frames"))[0]["call"] == data


async def test_a_frame_that_is_too_long_is_refused_and_its_beginning_kept(serve: Serve, connect: Connect) -> None:
    server = await serve()
    await add_station(server.context.database, "A")
    socket = await connect(server, "A")
    data = json.dumps([2, "long", "DataTransfer", {"vendorId": "V", "data": "x" * 70_000}])
    await socket.send(data)
    assert (await socket.next_other())[:3] == [4, "long", "FormationViolation"]
    assert "currentTime" in await socket.call("Heartbeat", {})
    frame = (await rows(server.context.database, "frames"))[0]
    assert frame["outcome"] == "malformed"
    assert len(frame["call"]) == 4096
    assert data.encode().startswith(frame["call"])


async def test_what_is_no_frame_to_take_is_logged_with_station_and_message_id(serve: Serve, connect: Connect) -> None:
    server = await serve()
    await add_station(server.context.database, "A")
    socket = await connect(server, "A")
    with capture_logs() as logs:
        await socket.send([2, "m-1", "Heartbeat", {"more": 1}])
        await socket.send([2, "m-2", "NoSuchAction", {}])
        await socket.send([3, "m-3", {}])
        await socket.send("rubbish")
        assert "currentTime" in await socket.call("Heartbeat", {})
    kept = [log for log in logs if log["event"] == "not a frame to take"]
    assert [(log["action"], log["message_id"], log["outcome"]) for log in kept] == [
        ("Heartbeat", "m-1", "error"), ("NoSuchAction", "m-2", "error"), (None, "m-3", "unmatched"), (None, None, "malformed"),
    ]  # fmt: skip
    assert {(log["station"], log["log_level"]) for log in kept} == {("A", "debug")}


@pytest.mark.parametrize("fragmented", [False, True])
async def test_a_message_past_all_limits_ends_the_connection(serve: Serve, connect: Connect, fragmented: bool) -> None:
    server = await serve()
    tune(server, max_message_bytes=100_000)
    await add_station(server.context.database, "A")
    socket = await connect(server, "A")
    if fragmented:
        pieces = [Frame(Opcode.TEXT, b"[" * 60_000, fin=False)]
        pieces += [Frame(Opcode.CONT, b"[" * 60_000, fin=False) for _ in range(3)]
        await raw(socket, *pieces)
    else:
        await socket.send("[" * 100_001)
    assert await socket.closed() == 1009
    await until(lambda: not server.hub.links, what="offline")
    again = await connect(server, "A")
    assert "currentTime" in await again.call("Heartbeat", {})


@pytest.mark.parametrize("code", [None, 1000, 1001, 3000, 4999])
async def test_a_close_is_answered_in_kind_and_the_station_is_offline(
    serve: Serve, connect: Connect, code: int | None
) -> None:
    server = await serve()
    await add_station(server.context.database, "A")
    socket = await connect(server, "A")
    await raw(socket, Frame(Opcode.CLOSE, b"" if code is None else struct.pack("!H", code)))
    assert await socket.closed() == (code or 1000)
    await until(lambda: not server.hub.links, what="offline")
    await server.recorder.drained()
    (link,) = await rows(server.context.database, "links")
    assert not link["online"]
    assert link["disconnected_at"] is not None


@pytest.mark.parametrize(
    "data",
    [
        b"\x83\x80\x00\x00\x00\x00",  # an opcode that is none
        b"\x81\x02hi",  # not masked
        b"\x09\x80\x00\x00\x00\x00",  # a ping in fragments
        b"GET / HTTP/1.1\r\n\r\n",
    ],
)
async def test_what_is_no_websocket_ends_this_connection_alone(serve: Serve, connect: Connect, data: bytes) -> None:
    server = await serve()
    for identity in "AB":
        await add_station(server.context.database, identity)
    other, socket = await connect(server, "B"), await connect(server, "A")
    socket.connection.transport.write(data)
    assert await socket.closed() == 1002
    await until(lambda: len(server.hub.links) == 1, what="A offline")
    assert "currentTime" in await other.call("Heartbeat", {})


async def test_a_flood_of_pipelined_calls_is_answered_to_the_last(serve: Serve, connect: Connect) -> None:
    """More than a link decides ahead of the commits: it stops reading, and goes on."""
    server = await serve()
    await add_station(server.context.database, "A")
    socket = await connect(server, "A")
    status = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
    count = 1000
    answers = [await socket.start_call("StatusNotification", status) for _ in range(count)]
    answers.append(await socket.start_call("StartTransaction", start()))
    done = await asyncio.wait_for(asyncio.gather(*answers), 60)
    assert {frame[0] for frame in done} == {3}
    assert len(await rows(server.context.database, "frames")) == count + 1


# -- coming, going, coming again --------------------------------------------------------------------------------------


@pytest.mark.behaviour("B-042", "B-045")
async def test_presence_is_shown_truly_and_as_facts(serve: Serve, connect: Connect) -> None:
    server = await serve()
    await add_station(server.context.database, "A")
    socket = await connect(server, "A")
    await socket.call("Heartbeat", {})
    await server.recorder.drained()
    (link,) = await rows(server.context.database, "links")
    assert link["online"]
    assert link["protocol"] == "ocpp1.6"
    assert link["address"].startswith("127.0.0.1:")
    assert link["seen_at"] >= link["connected_at"]
    socket.abort()
    await until(lambda: not server.hub.links, what="offline")
    await server.recorder.drained()
    assert not (await rows(server.context.database, "links"))[0]["online"]
    facts = await rows(server.context.database, "facts")
    assert [fact["kind"] for fact in facts] == ["StationWentOnline", "StationWentOffline"]


@pytest.mark.behaviour("B-041")
async def test_a_second_socket_replaces_the_first(serve: Serve, connect: Connect) -> None:
    server = await serve()
    station_id = await add_station(server.context.database, "A")
    first = await connect(server, "A")
    transaction = await first.call("StartTransaction", start())
    second = await connect(server, "A")
    assert await first.closed() == 1008
    assert await second.call("StartTransaction", start()) == transaction
    assert server.hub.links[station_id].epoch == 2
    await server.recorder.drained()
    (link,) = await rows(server.context.database, "links")
    assert (link["online"], link["epoch"]) == (True, 2)


async def test_what_was_on_its_way_when_the_second_socket_came_is_decided_once(serve: Serve, connect: Connect) -> None:
    server = await serve()
    await add_station(server.context.database, "A")
    first = await connect(server, "A")
    lost = await first.start_call("StartTransaction", start())
    second = await connect(server, "A")
    answer = await second.call("StartTransaction", start())
    assert len(await rows(server.context.database, "sessions")) == 1
    await first.closed()
    if not isinstance(lost.exception(), ConnectionError):  # it may have been answered just in time
        assert lost.result()[2] == answer


@pytest.mark.behaviour("B-044")
async def test_fifty_connects_at_once_leave_one_link_and_one_writer(serve: Serve, connect: Connect) -> None:
    server = await serve()
    station_id = await add_station(server.context.database, "A")
    sockets = await asyncio.gather(*(connect(server, "A") for _ in range(50)))
    await until(lambda: sum(socket.connection.close_code is None for socket in sockets) == 1, what="one socket left")
    await server.recorder.drained()
    (link,) = await rows(server.context.database, "links")
    assert link["online"]
    assert server.hub.links.keys() == {station_id}
    assert server.hub.links[station_id].epoch == link["epoch"]
    (alive,) = [socket for socket in sockets if socket.connection.close_code is None]
    assert "currentTime" in await alive.call("Heartbeat", {})


@pytest.mark.behaviour("B-043")
async def test_a_station_that_fell_silent_is_offline_within_two_intervals(serve: Serve, connect: Connect) -> None:
    server = await serve(ping_interval_s=1.0)
    await add_station(server.context.database, "A")
    silent = await connect(server, "A")
    await silent.call("Heartbeat", {})
    silent.connection.transport.pause_reading()  # the cable is pulled: no pong, no word, no end
    clock = asyncio.get_running_loop()
    since = clock.time()
    await until(lambda: not server.hub.links, within_s=10, what="offline")
    assert clock.time() - since >= 1.5, "a station that might still be there was given up"
    await server.recorder.drained()
    assert not (await rows(server.context.database, "links"))[0]["online"]
    silent.abort()


async def test_a_station_that_answers_pings_stays_online_without_a_word(serve: Serve, connect: Connect) -> None:
    server = await serve(ping_interval_s=0.6)
    station_id = await add_station(server.context.database, "A")
    await connect(server, "A")
    link = server.hub.links[station_id]
    heard = link.heard_at
    await until(lambda: link.heard_at - heard > 2.5, what="pongs for four intervals")
    assert server.hub.links == {station_id: link}


async def test_a_process_that_was_held_up_does_not_take_its_own_silence_for_that_of_stations(
    serve: Serve, connect: Connect
) -> None:
    server = await serve(ping_interval_s=1)
    station_id = await add_station(server.context.database, "A")
    await connect(server, "A")
    link = server.hub.links[station_id]
    time.sleep(2.5)  # noqa: ASYNC251 - the whole process: the station could not be heard
    heard = link.heard_at
    server.hub.sweep()
    assert not link.closing
    await until(lambda: link.heard_at > heard, what="a pong")
    assert server.hub.links == {station_id: link}


@pytest.mark.behaviour("B-041")
async def test_a_dead_socket_is_replaced_while_nobody_has_noticed_its_death(serve: Serve, connect: Connect) -> None:
    """Half-open: the first socket neither answers nor ends, its buffers are full."""
    server = await serve()
    station_id = await add_station(server.context.database, "A")
    dead = await connect(server, "A")
    dead.connection.transport.pause_reading()
    for number in range(3000):
        await dead.send(f'[2,"{number}","Heartbeat",{{"x":"{"x" * 3000}"}}]')
        if server.hub.links[station_id].transport.underlying_transport.get_write_buffer_size() > 0:  # type: ignore[union-attr]
            break
        await asyncio.sleep(0)
    alive = await connect(server, "A")
    assert "currentTime" in await alive.call("Heartbeat", {})
    dead.abort()


# -- the fence --------------------------------------------------------------------------------------------------------


async def test_a_link_that_was_taken_over_by_another_process_writes_nothing_more_and_ends(
    serve: Serve, connect: Connect
) -> None:
    server = await serve()
    station_id = await add_station(server.context.database, "A")
    await add_station(server.context.database, "B")
    socket, other = await connect(server, "A"), await connect(server, "B")
    await socket.call("StartTransaction", start())
    async with server.context.database.unit() as session:
        await session.execute(
            update(Link).where(Link.station_id == station_id).values(epoch=Link.epoch + 1, gateway="twin")
        )
    answers = asyncio.gather(
        socket.call("StartTransaction", start(2, "Y")),
        other.call("StartTransaction", start(2, "Z")),
        return_exceptions=True,
    )
    lost, kept = await answers
    assert isinstance(lost, ConnectionError)
    assert isinstance(kept, dict)
    assert await socket.closed() == 1011
    await server.recorder.drained()
    assert [row["id_token"] for row in await rows(server.context.database, "sessions")] == ["X", "Z"]
    (link,) = await rows(server.context.database, "links", station_id=station_id)
    assert (link["online"], link["gateway"]) == (True, "twin")
