"""Storms: everybody comes back at once, the database is slow. Answers get slower, never wrong, and memory stays bounded."""

import asyncio
import json
import socket as sockets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus, WebSocketException

from csms.app.wiring import Server
from csms.gateway import admission
from csms.kit.clock import SystemClock

from ..harness.certificates import client_context
from ..harness.server import add_id_token, add_station, rows, serving, tune
from ..harness.slow import SlowWriter
from ..harness.sockets import StationSocket, open_station, payload_of, station
from ..harness.waiting import until

STATUS = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
MIB = 2**20


def start(at: int = 0, id_tag: str = "FRIEND") -> dict[str, Any]:
    return {"connectorId": 1, "idTag": id_tag, "meterStart": 0, "timestamp": f"2030-01-01T10:00:{at:02d}Z"}


def stop(transaction_id: int, at: int = 30, **more: Any) -> dict[str, Any]:
    said = {"transactionId": transaction_id, "meterStop": 1000, "timestamp": f"2030-01-01T10:00:{at:02d}Z"}
    return said | more


@asynccontextmanager
async def served(tmp_path: Path, *identities: str, **settings: Any) -> AsyncIterator[Server]:
    async with serving(tmp_path / "data", **settings) as server:
        for identity in identities:
            await add_station(server.context.database, identity)
        await add_id_token(server.context.database, "FRIEND")
        yield server


async def read(socket: StationSocket) -> None:
    """A heartbeat needs no commit: when it is answered, everything sent before it has been read."""
    await socket.call("Heartbeat", {})


# -- everybody at once ------------------------------------------------------------------------------------------------


class Returning:
    """A station that comes back after a power cut: it does as it is told until its transaction is told, too."""

    def __init__(self, url: str, identity: str) -> None:
        self.url = url
        self.identity = identity
        self.sent_away: list[int] = []
        self.pending = 0

    async def come(self) -> None:
        while True:
            try:
                socket = await open_station(self.url, self.identity)
            except InvalidStatus as refusal:
                self.sent_away.append(refusal.response.status_code)
                await asyncio.sleep(0.1)
                continue
            except (OSError, WebSocketException):
                continue
            break
        await self._boot(socket)
        begun = await socket.call("StartTransaction", start(0, self.identity))
        assert begun["idTagInfo"]["status"] == "Accepted"
        await socket.call("StopTransaction", stop(begun["transactionId"]))
        await socket.leave()

    async def _boot(self, socket: StationSocket) -> None:
        while (answer := await socket.boot())["status"] == "Pending":
            self.pending += 1
            await asyncio.sleep(answer["interval"])
        assert answer["status"] == "Accepted"


async def test_all_get_in_in_the_end_and_nothing_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "LEAST_S", 1)
    monkeypatch.setattr(admission, "BURST_S", 0.2)
    identities = [f"CS-{number}" for number in range(120)]
    limits = {"handshakes_at_once": 10, "handshakes_waiting": 40, "boots_per_s": 20, "recorder_backlog_mib": 1}
    async with served(tmp_path, *identities, **limits) as server:
        for identity in identities:
            await add_id_token(server.context.database, identity)
        slow = SlowWriter(server.recorder, pause_s=0.02)
        stations = [Returning(server.ocpp_url, identity) for identity in identities]
        await asyncio.gather(*(station.come() for station in stations))
        assert {status for station in stations for status in station.sent_away} == {503}
        assert sum(station.pending for station in stations) > 0
        assert max(station.pending for station in stations) == 1, "accepted when it came again"
        assert slow.most_held_bytes < 2 * MIB
        assert server.hub.tally.boots_deferred == sum(station.pending for station in stations)
        await server.recorder.drained()
        sessions = await rows(server.context.database, "sessions")
        assert [row["energy_wh"] for row in sessions] == [1000] * len(identities)
        assert {row["authorization"] for row in sessions} == {"accepted"}
        items = await rows(server.context.database, "review_items")
        assert {item["kind"] for item in items} <= {"clock_wrong"}, "these stations live in 2030"
        boots = await rows(server.context.database, "frames", action="BootNotification")
        assert len(boots) == len(identities) + server.hub.tally.boots_deferred, (
            "every boot is kept, also a deferred one"
        )
        assert server.hub.crowd() == dict.fromkeys(server.hub.crowd(), 0)


async def test_who_finds_the_line_too_long_is_told_to_come_again_and_that_is_kept(tmp_path: Path) -> None:
    async with served(tmp_path, "A", "B", handshakes_at_once=1, handshakes_waiting=1) as server:
        somebody = await server.hub.gate.enter()
        waiting = asyncio.create_task(open_station(server.ocpp_url, "A"))
        await until(lambda: server.hub.gate.waiting == 1, what="A in line")
        with pytest.raises(InvalidStatus, match="503") as refused:
            await open_station(server.ocpp_url, "B")
        assert 5 <= int(refused.value.response.headers["Retry-After"]) <= 30
        somebody.leave()
        socket = await waiting
        await read(socket)
        await socket.leave()

        async def kept() -> list[dict[str, Any]]:
            return await rows(server.context.database, "connection_attempts", problem="busy")

        (attempt,) = await until(kept, what="the attempt is kept")
        assert (attempt["identity"], attempt["status"]) == ("B", 503)


@pytest.mark.parametrize("secured", [False, True])
async def test_who_stood_in_line_has_the_whole_time_for_its_handshake(tmp_path: Path, secured: bool) -> None:
    """However long the line was: else under load all would be given up when their turn has come."""
    more = {"ocpp_tls": "127.0.0.1:0"} if secured else {}
    async with served(tmp_path, "A", handshakes_at_once=1, tls_handshakes_at_once=1, **more) as server:
        tune(server, handshake_timeout_s=0.5)
        gate = server.hub.tls_gate if secured else server.hub.gate
        somebody = await gate.enter()
        url: str | None = server.ocpp_url
        how: dict[str, Any] = {}
        if secured:
            url, how = server.ocpp_tls_url, {"ssl": client_context(tmp_path / "data" / "pki" / "root.pem")}
        assert url is not None
        waiting = asyncio.create_task(open_station(url, "A", **how))
        await until(lambda: gate.waiting == 1, what="A in line")
        clock = asyncio.get_running_loop()
        since = clock.time()
        await until(lambda: clock.time() > since + 1.2, what="longer than a handshake may take")
        somebody.leave()
        socket = await waiting
        await read(socket)
        await socket.leave()


async def test_while_the_recorder_is_full_nobody_new_comes_in(tmp_path: Path) -> None:
    async with served(tmp_path, "A", "B", recorder_backlog_mib=1) as server, station(server.ocpp_url, "A") as socket:
        slow = SlowWriter(server.recorder)
        slow.hold()
        flood = [await socket.start_call("DataTransfer", {"vendorId": "V", "data": "x" * 60_000}) for _ in range(3)]
        flood += [await socket.start_call("Heartbeat", {}) for _ in range(500)]
        await until(lambda: server.hub.links and all(link.paused for link in server.hub.links.values()), what="unread")
        server.recorder.full = True  # as if others had filled it
        with pytest.raises(InvalidStatus, match="503"):
            await open_station(server.ocpp_url, "B")
        slow.release()
        assert {frame[0] for frame in await asyncio.gather(*flood)} == {3}
        async with station(server.ocpp_url, "B") as other:
            await read(other)


# -- boots that are put off -------------------------------------------------------------------------------------------


async def test_a_boot_too_many_is_pending_changes_nothing_and_refuses_no_energy(tmp_path: Path) -> None:
    async with served(tmp_path, "A", boots_per_s=0.001) as server:
        server.hub.boots.wait_s(0, server.hub.clock.monotonic(), 0.0)  # somebody else takes the next quarter of an hour
        before = (await rows(server.context.database, "stations", identity="A"))[0]
        async with station(server.ocpp_url, "A") as socket:
            answer = await socket.boot()
            assert answer["status"] == "Pending"
            assert admission.LEAST_S <= answer["interval"] <= admission.MOST_S
            assert (await socket.boot())["interval"] <= answer["interval"], "asking again changes nothing"
            # It was accepted long ago: what it says of a transaction all the same is taken (§4.2.1 leaves it to us).
            begun = await socket.call("StartTransaction", start())
            assert begun["idTagInfo"]["status"] == "Accepted"
            await socket.call("StopTransaction", stop(begun["transactionId"]))
        await server.recorder.drained()
        assert (await rows(server.context.database, "stations", identity="A"))[0] == before
        assert not await rows(server.context.database, "facts", kind="StationBooted")
        assert [row["energy_wh"] for row in await rows(server.context.database, "sessions")] == [1000]


async def test_a_station_that_was_never_accepted_is_not_served_by_a_boot_that_was_put_off(tmp_path: Path) -> None:
    async with serving(tmp_path / "data", boots_per_s=0.001) as server:
        await add_station(server.context.database, "A", booted=False)
        server.hub.boots.wait_s(0, server.hub.clock.monotonic(), 0.0)
        async with station(server.ocpp_url, "A") as socket:
            assert (await socket.boot())["status"] == "Pending"
            frame = await (await socket.start_call("StatusNotification", STATUS))
            assert frame[:1] + frame[2:3] == [4, "SecurityError"]


# -- memory -----------------------------------------------------------------------------------------------------------


async def test_what_waits_for_a_slow_database_stays_with_the_stations(tmp_path: Path) -> None:
    names = [f"CS-{number}" for number in range(10)]
    async with served(tmp_path, *names, recorder_backlog_mib=1) as server:
        flooding = [await open_station(server.ocpp_url, name) for name in names]
        await server.recorder.drained()
        slow = SlowWriter(server.recorder)
        slow.hold()
        heartbeat = json.dumps([2, "hb", "Heartbeat", {}])
        senders = [asyncio.create_task(_say(socket, heartbeat, 300)) for socket in flooding]
        await until(lambda: server.recorder.full, what="a full recorder")
        await until(lambda: all(link.paused for link in server.hub.links.values()), what="nobody is read")
        assert server.recorder.held_bytes < MIB + 100_000
        for link in server.hub.links.values():
            link.heard_at -= 1_000.0
        server.hub.sweep()
        assert len(server.hub.links) == len(names), "it is we who do not listen: nobody has fallen silent"
        slow.release()
        await asyncio.gather(*senders)
        for socket in flooding:
            assert [(await socket.next_other())[0] for _ in range(300)] == [3] * 300
            await socket.leave()
        await server.recorder.drained()
        assert len(await rows(server.context.database, "frames")) == 300 * len(names)
        assert server.recorder.held_bytes == 0


async def _say(socket: StationSocket, frame: str, times: int) -> None:
    for _ in range(times):
        await socket.send(frame)


async def test_a_station_that_does_not_read_is_not_read_either(tmp_path: Path) -> None:
    async with served(tmp_path, "A", "B") as server, station(server.ocpp_url, "B") as other:
        narrow = sockets.socket()
        narrow.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
        narrow.setblocking(False)
        address = server.ocpp_url.removeprefix("ws://").partition("/")[0].partition(":")
        await asyncio.get_running_loop().sock_connect(narrow, (address[0], int(address[2])))
        socket = await open_station(server.ocpp_url, "A", sock=narrow)
        await read(socket)
        (link,) = (link for link in server.hub.links.values() if link.live.station.identity == "A")
        assert link.transport is not None
        line = link.transport.underlying_transport
        line.get_extra_info("socket").setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDBUF, 4096)
        socket.connection.transport.pause_reading()
        frame = json.dumps([2, "hb", "Heartbeat", {}])
        talking = asyncio.create_task(_say(socket, frame, 20_000))
        await until(lambda: link._unread, what="its answers pile up")
        assert link.paused
        assert line.get_write_buffer_size() < 200_000
        assert not link.deaf, "its silence counts"
        await read(other)
        socket.connection.transport.resume_reading()
        await talking
        for _ in range(20_000):
            assert (await socket.next_other())[0] == 3
        assert not link.paused
        await socket.leave()


# -- a stop that is on its way ----------------------------------------------------------------------------------------


@asynccontextmanager
async def charging(tmp_path: Path, **settings: Any) -> AsyncIterator[tuple[Server, SlowWriter, StationSocket, int]]:
    """FRIEND charges at A, B is there, and the database commits when the test says so."""
    async with served(tmp_path, "A", "B", **settings) as server:
        socket = await open_station(server.ocpp_url, "A")
        transaction_id = (await socket.call("StartTransaction", start()))["transactionId"]
        yield server, SlowWriter(server.recorder), socket, transaction_id
        await socket.leave()


@pytest.mark.parametrize("with_card", [False, True])
async def test_a_stop_that_waits_for_its_commit_ends_the_token_s_use(tmp_path: Path, with_card: bool) -> None:
    async with charging(tmp_path) as (server, slow, socket, transaction_id), station(server.ocpp_url, "B") as other:
        await server.recorder.drained()
        slow.hold()
        card = {"idTag": "FRIEND"} if with_card else {}
        stopped = await socket.start_call("StopTransaction", stop(transaction_id, **card))
        await read(socket)
        begun = await other.start_call("StartTransaction", start(31))
        await until(lambda: server.hub.second_looks._running, what="a second look")
        slow.release()
        assert payload_of(await begun)["idTagInfo"]["status"] == "Accepted"
        assert (await stopped)[0] == 3


async def test_a_stop_whose_station_has_gone_since_counts_too(tmp_path: Path) -> None:
    async with charging(tmp_path) as (server, slow, socket, transaction_id), station(server.ocpp_url, "B") as other:
        await server.recorder.drained()
        slow.hold()
        await socket.start_call("StopTransaction", stop(transaction_id))
        await read(socket)
        socket.abort()
        await until(lambda: len(server.hub.links) == 1, what="A gone")
        begun = await other.start_call("StartTransaction", start(31))
        await until(lambda: server.hub.second_looks._running, what="a second look")
        slow.release()
        assert payload_of(await begun)["idTagInfo"]["status"] == "Accepted"


async def test_a_stop_that_was_not_read_yet_counts_too(tmp_path: Path) -> None:
    """The recorder is full, A's stop is in its socket, B's start in its own: whichever is read first, the stop was first."""
    async with charging(tmp_path) as (server, slow, socket, transaction_id), station(server.ocpp_url, "B") as other:
        await server.recorder.drained()
        slow.hold()
        server.recorder.full = True
        heartbeats = [await one.start_call("Heartbeat", {}) for one in (other, socket)]
        await until(lambda: server.hub.crowd()["unread"] == 2, what="nobody is read")
        begun = await other.start_call("StartTransaction", start(31))
        stopped = await socket.start_call("StopTransaction", stop(transaction_id))
        server.recorder.full = False
        server.recorder.when_room()
        slow.release()
        assert payload_of(await begun)["idTagInfo"]["status"] == "Accepted"
        assert {frame[0] for frame in await asyncio.gather(stopped, *heartbeats)} == {3}


async def test_a_token_that_is_truly_in_use_is_still_told_so(tmp_path: Path) -> None:
    async with charging(tmp_path) as (server, _, _, _), station(server.ocpp_url, "B") as other:
        begun = await other.call("StartTransaction", start(31))
        assert begun["idTagInfo"]["status"] == "ConcurrentTx"


async def test_two_that_doubt_each_other_do_not_wait_for_each_other(tmp_path: Path) -> None:
    """Each begins, at the same moment, with the id token that is in use at the other."""
    async with served(tmp_path, "A", "B") as server:
        await add_id_token(server.context.database, "BUDDY")
        async with station(server.ocpp_url, "A") as a, station(server.ocpp_url, "B") as b:
            await a.call("StartTransaction", start(0, "FRIEND"))
            await b.call("StartTransaction", start(0, "BUDDY"))
            server.hub.clock = Impatient()
            second = {"connectorId": 2}
            answers = [await a.start_call("StartTransaction", start(31, "BUDDY") | second),
                       await b.start_call("StartTransaction", start(31, "FRIEND") | second)]  # fmt: skip
            for frame in await asyncio.wait_for(asyncio.gather(*answers), 15):
                assert payload_of(frame)["idTagInfo"]["status"] == "ConcurrentTx"


class Impatient(SystemClock):
    """Time stands still, so no patience ever ends."""

    def monotonic(self) -> float:
        return 1000.0
