"""The door: who is let in, who is not, and what they hear (OCPP-J 1.6 §3, §6)."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from csms.app.wiring import Server
from csms.domain.stations import inbox
from csms.domain.stations.credentials import seal_chosen, seal_generated
from csms.domain.stations.inbox import Knock
from csms.domain.stations.model import Station
from csms.gateway.door import Door, Port
from csms.gateway.server import Gateway
from csms.kit.ids import station_password

from ..harness.server import NOON, add_station, rows, serving, tune
from ..harness.waiting import until
from .conftest import Connect, Serve

UPGRADE = (
    "GET /ocpp/{identity} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{more}\r\n"
)


@asynccontextmanager
async def tcp(server: Server) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    url = urlsplit(server.ocpp_url)
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def answer_to(server: Server, request: str | bytes) -> str:
    """What the server sends until it closes the connection."""
    async with tcp(server) as (reader, writer):
        writer.write(request.encode() if isinstance(request, str) else request)
        return (await asyncio.wait_for(reader.read(), 15)).decode("latin-1")


def basic(username: str, password: str | bytes) -> dict[str, str]:
    raw = f"{username}:".encode() + (password.encode() if isinstance(password, str) else password)
    return {"Authorization": f"Basic {base64.b64encode(raw).decode()}"}


async def refused(server: Server, connect: Connect, identity: str, **options: object) -> int:
    with pytest.raises(InvalidStatus) as refusal:
        await connect(server, identity, **options)
    return refusal.value.response.status_code


# -- subprotocol ------------------------------------------------------------------------------------------------------


async def test_the_subprotocol_is_agreed_on_among_many(serve: Serve, connect: Connect) -> None:
    server = await serve()
    await add_station(server.context.database, "A")
    socket = await connect(server, "A", subprotocols=["ocpp2.0.1", "ocpp1.6", "ocpp1.5"])
    assert socket.connection.subprotocol == "ocpp1.6"
    assert "currentTime" in await socket.call("Heartbeat", {})


@pytest.mark.parametrize("offered", [["ocpp1.5"], ["OCPP1.6"], None])
@pytest.mark.behaviour("B-036")
async def test_without_a_common_subprotocol_the_upgrade_completes_and_ends(
    serve: Serve, connect: Connect, offered: list[Subprotocol] | None
) -> None:
    """OCPP-J 1.6 §3.3: complete the handshake without the header, then close."""
    server = await serve()
    await add_station(server.context.database, "A")
    socket = await connect(server, "A", subprotocols=offered)
    assert socket.connection.subprotocol is None
    assert await socket.closed() == 1002
    assert not server.hub.links
    assert (await rows(server.context.database, "links"))[0]["epoch"] == 0


# -- identity ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("identity", ["CP 1", "站点/1".replace("/", "-"), "a+b&c=d", "x" * 255, "100%", "-", "ÄÖ.1:2"])
@pytest.mark.behaviour("B-039")
async def test_identities_may_be_percent_encoded_and_long(serve: Serve, connect: Connect, identity: str) -> None:
    server = await serve()
    station_id = await add_station(server.context.database, identity)
    await connect(server, quote(identity, safe=""))
    assert list(server.hub.links) == [station_id]


@pytest.mark.parametrize("path", ["", "a/b", "a%2Fb", "x" * 256, "%00", "a%0Ab"])
async def test_a_path_that_names_no_station_is_not_found(serve: Serve, connect: Connect, path: str) -> None:
    server = await serve(unknown_stations="accept")
    assert await refused(server, connect, path) == 404
    assert not await rows(server.context.database, "stations")


async def test_identities_differ_by_case(serve: Serve, connect: Connect) -> None:
    server = await serve()
    await add_station(server.context.database, "CP-a")
    assert await refused(server, connect, "cp-A") == 404


# -- strangers --------------------------------------------------------------------------------------------------------


@pytest.mark.behaviour("B-037")
async def test_a_stranger_is_refused_and_noted_with_what_it_said(serve: Serve, connect: Connect) -> None:
    server = await serve()
    for _ in range(2):
        headers = basic("NEW-1", "do not keep me")
        status = await refused(server, connect, "NEW-1", additional_headers=headers, user_agent_header="Pile/1.0")
        assert status == 404
    (note,) = await rows(server.context.database, "unknown_stations")
    assert note["identity"] == "NEW-1"
    assert note["attempts"] == 2
    assert note["path"] == "/ocpp/NEW-1"
    assert note["subprotocols"] == "ocpp1.6"
    assert note["username"] == "NEW-1"
    assert note["user_agent"] == "Pile/1.0"
    assert note["address"].startswith("127.0.0.1:")
    assert "do not keep me" not in str(note)
    assert not await rows(server.context.database, "stations")


async def test_by_policy_a_stranger_is_accepted_and_known_from_then_on(serve: Serve, connect: Connect) -> None:
    server = await serve(unknown_stations="accept")
    first, second = await asyncio.gather(connect(server, "NEW-1"), connect(server, "NEW-2"))
    for socket in (first, second):
        assert (await socket.boot())["status"] == "Accepted"
    stations = await rows(server.context.database, "stations")
    assert sorted(station["identity"] for station in stations) == ["NEW-1", "NEW-2"]


@pytest.mark.parametrize("policy", ["accept", "inbox"])
async def test_a_stranger_who_knocks_at_another_gateway_in_the_same_moment_is_one(
    serve: Serve, connect: Connect, policy: str
) -> None:
    server = await serve(unknown_stations=policy)
    database = server.context.database
    async with database.unit() as elsewhere:
        if policy == "accept":
            facts = {"registration": "accepted", "credential_kind": "open", "created_at": NOON, "updated_at": NOON}
            elsewhere.add(Station(identity="NEW-1", **facts))
        else:
            knock = Knock("NEW-1", NOON, "192.0.2.1:4711", "/ocpp/NEW-1", "ocpp1.6", None, None)
            await inbox.note(elsewhere, [knock])
        await elsewhere.flush()
        coming = asyncio.create_task(
            refused(server, connect, "NEW-1") if policy == "inbox" else connect(server, "NEW-1")
        )
        await asyncio.sleep(0.3)  # so that it is about to do the same, and waits for us
    came = await coming
    if policy == "accept":
        assert (await came.boot())["status"] == "Accepted"
        assert len(await rows(database, "stations")) == 1
    else:
        assert came == 404
        (note,) = await rows(database, "unknown_stations")
        assert note["attempts"] == 2


async def test_by_policy_a_stranger_is_refused_without_a_trace(serve: Serve, connect: Connect) -> None:
    server = await serve(unknown_stations="refuse")
    assert await refused(server, connect, "NEW-1") == 404
    assert not await rows(server.context.database, "unknown_stations")
    assert not await rows(server.context.database, "stations")


# -- passwords --------------------------------------------------------------------------------------------------------


async def test_a_generated_password_opens_as_text_and_as_raw_bytes(serve: Serve, connect: Connect) -> None:
    """The security white paper sends the hexadecimal text, OCPP-J 1.6 §6.2 the 20 bytes themselves."""
    server = await serve()
    password = station_password()
    sealed = seal_generated(server.context.station_key, "A", password)
    await add_station(server.context.database, "A", credential_kind=sealed.kind, credential=sealed.sealed)
    for presented in (password, bytes.fromhex(password)):
        socket = await connect(server, "A", additional_headers=basic("A", presented))
        assert "currentTime" in await socket.call("Heartbeat", {})


async def test_a_chosen_password_opens_first_by_argon2_and_then_from_memory(serve: Serve, connect: Connect) -> None:
    server = await serve()
    sealed = seal_chosen("korrekt-häst")
    await add_station(server.context.database, "A", credential_kind=sealed.kind, credential=sealed.sealed)
    for _ in range(3):
        await connect(server, "A", additional_headers=basic("A", "korrekt-häst"))
    assert await refused(server, connect, "A", additional_headers=basic("A", "korrekt-hast")) == 401


async def test_a_new_chosen_password_shuts_out_the_remembered_old_one(serve: Serve, connect: Connect) -> None:
    server = await serve()
    database = server.context.database
    station_id = await add_station(
        database, "A", credential_kind="chosen", credential=seal_chosen("first-password").sealed
    )
    await connect(server, "A", additional_headers=basic("A", "first-password"))
    async with database.unit() as session:
        new = seal_chosen("second-password").sealed
        await session.execute(update(Station).where(Station.id == station_id).values(credential=new))
    assert await refused(server, connect, "A", additional_headers=basic("A", "first-password")) == 401
    await connect(server, "A", additional_headers=basic("A", "second-password"))


@pytest.mark.parametrize("kind", ["generated", "chosen"])
@pytest.mark.behaviour("B-038")
async def test_a_wrong_password_user_name_or_none_is_401(serve: Serve, connect: Connect, kind: str) -> None:
    server = await serve()
    seal = (
        seal_chosen("right-password") if kind == "chosen" else seal_generated(server.context.station_key, "A", "p" * 40)
    )
    right = "right-password" if kind == "chosen" else "p" * 40
    await add_station(server.context.database, "A", credential_kind=seal.kind, credential=seal.sealed)
    attempts: list[dict[str, str]] = [
        {},
        basic("A", "wrong"),
        basic("A", ""),
        basic("B", right),
        basic("", right),
        {"Authorization": "Basic %%%"},
        {"Authorization": "Bearer abc"},
        {"Authorization": basic("A", right)["Authorization"].replace("Basic", "Digest")},
    ]
    for headers in attempts:
        assert await refused(server, connect, "A", additional_headers=headers) == 401
    answer = await answer_to(server, UPGRADE.format(identity="A", more="Sec-WebSocket-Protocol: ocpp1.6\r\n"))
    assert answer.startswith("HTTP/1.1 401 ")
    assert "WWW-Authenticate: Basic" in answer
    assert not server.hub.links


async def test_an_open_station_needs_no_password_and_may_present_one(serve: Serve, connect: Connect) -> None:
    server = await serve()
    await add_station(server.context.database, "A")
    await connect(server, "A")
    await connect(server, "A", additional_headers=basic("A", "whatever"))


# -- what is no upgrade -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        ("GET / HTTP/1.1\r\nHost: x\r\n\r\n", 426),
        ("GET /ocpp/A HTTP/1.1\r\nHost: x\r\n\r\n", 426),
        ("POST /ocpp/A HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n", 426),
        ("GET /other/A HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n", 404),
        ("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
        ("hello\r\n\r\n", 400),
        ("\r\n\r\n", 400),
        ("GET ocpp HTTP/9.9\r\n\r\n", 400),
    ],
)
async def test_what_is_no_upgrade_gets_an_http_answer(serve: Serve, request_text: str, status: int) -> None:
    server = await serve()
    answer = await answer_to(server, request_text.encode("latin-1"))
    assert answer.startswith(f"HTTP/1.1 {status} ")
    assert "Connection: close" in answer


@pytest.mark.parametrize(
    "damage",
    [
        lambda head: head.replace("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", ""),
        lambda head: head.replace("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 8"),
        lambda head: head.replace("Connection: Upgrade\r\n", ""),
        lambda head: head.replace("HTTP/1.1", "HTTP/1.0"),
    ],
)
async def test_a_known_station_with_a_broken_upgrade_leaves_nothing_behind(serve: Serve, damage: object) -> None:
    server = await serve()
    await add_station(server.context.database, "A")
    head = UPGRADE.format(identity="A", more="Sec-WebSocket-Protocol: ocpp1.6\r\n")
    answer = await answer_to(server, damage(head))  # type: ignore[operator]
    assert answer.startswith("HTTP/1.1 4")
    await until(lambda: not server.hub.links, what="no link")
    await server.recorder.drained()
    assert not (await rows(server.context.database, "links"))[0]["online"]


@pytest.mark.parametrize("ended", [True, False])
async def test_a_head_that_is_too_long_is_431(serve: Serve, ended: bool) -> None:
    server = await serve()
    await add_station(server.context.database, "A")
    head = UPGRADE.format(identity="A", more=f"X-Padding: {'x' * 20_000}\r\n")
    answer = await answer_to(server, head if ended else head[:-4])
    assert answer.startswith("HTTP/1.1 431 ")


async def test_a_head_that_never_ends_is_cut_off_and_others_do_not_wait_for_it(serve: Serve, connect: Connect) -> None:
    server = await serve()
    tune(server, handshake_timeout_s=0.5)
    await add_station(server.context.database, "A")
    async with tcp(server) as (reader, writer):
        writer.write(b"GET /ocpp/A HTTP/1.1\r\nHost:")
        await connect(server, "A")
        with suppress(ConnectionResetError):  # as good as an end without a word
            assert await asyncio.wait_for(reader.read(), 15) == b""


async def test_a_head_that_comes_byte_by_byte_is_read(serve: Serve) -> None:
    server = await serve()
    await add_station(server.context.database, "A")
    head = UPGRADE.format(identity="A", more="Sec-WebSocket-Protocol: ocpp1.6\r\n").encode()
    async with tcp(server) as (reader, writer):
        for index in range(len(head)):
            writer.write(head[index : index + 1])
            await writer.drain()
            await asyncio.sleep(0)
        assert b"101 Switching Protocols" in await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 15)


async def test_frames_that_come_with_the_head_are_not_lost(serve: Serve) -> None:
    server = await serve()
    await add_station(server.context.database, "A")
    head = UPGRADE.format(identity="A", more="Sec-WebSocket-Protocol: ocpp1.6\r\n").encode()
    text = b'[2,"1","Heartbeat",{}]'
    frame = bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text
    async with tcp(server) as (reader, writer):
        writer.write(head + frame)
        await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 15)
        assert b"currentTime" in await asyncio.wait_for(reader.readuntil(b"]"), 15)


# -- many -------------------------------------------------------------------------------------------------------------


async def test_two_hundred_stations_connect_at_once(serve: Serve, connect: Connect) -> None:
    server = await serve()
    for number in range(200):
        await add_station(server.context.database, f"CP-{number}", booted=False)
    sockets = await asyncio.gather(*(connect(server, f"CP-{number}") for number in range(200)))
    answers = await asyncio.gather(*(socket.boot() for socket in sockets))
    assert {answer["status"] for answer in answers} == {"Accepted"}
    assert len(server.hub.links) == 200
    links = await rows(server.context.database, "links", online=True)
    assert {link["epoch"] for link in links} == {1}
    assert len(links) == 200


async def test_who_is_at_the_door_when_the_system_stops_is_sent_away_and_not_asked_about(tmp_path: Path) -> None:
    head = UPGRADE.format(identity="A", more="Sec-WebSocket-Protocol: ocpp1.6\r\n").encode()
    async with AsyncExitStack() as stack:
        async with serving(tmp_path / "data") as server:
            reader, writer = await stack.enter_async_context(tcp(server))
            writer.write(head[:20])
            await answer_to(server, "hello\r\n\r\n")  # by now the first one has been heard
        with capture_logs() as logs:
            writer.write(head[20:])
            with suppress(ConnectionResetError):
                assert await asyncio.wait_for(reader.read(), 15) == b""
        assert not logs


class DeadSocket(asyncio.Transport):
    """A connection that has died while the loop has not said so yet, as one over TLS may."""

    aborted = False

    def get_extra_info(self, name: str, default: object = None) -> object:
        return ("127.0.0.1", 40_000) if name == "peername" else None

    def pause_reading(self) -> None:
        pass

    def is_closing(self) -> bool:
        return False

    def abort(self) -> None:
        self.aborted = True


async def test_a_connection_that_dies_as_it_is_let_in_leaves_its_station_offline(serve: Serve) -> None:
    server = await serve()
    await add_station(server.context.database, "A")
    gateway = Gateway(server.hub, server.context.station_key)
    door, dead = Door(gateway, Port()), DeadSocket()
    door.connection_made(dead)
    door.data_received(UPGRADE.format(identity="A", more="Sec-WebSocket-Protocol: ocpp1.6\r\n").encode())
    await until(lambda: dead.aborted, what="the end")

    async def offline() -> bool:
        await server.recorder.drained()
        (link,) = await rows(server.context.database, "links")
        return link["epoch"] == 1 and not link["online"]

    await until(offline, what="offline")
    assert not server.hub.links
    door.connection_lost(None)
    assert gateway.doors == 0
