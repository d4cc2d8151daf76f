"""TLS over a real socket, spoken to by the standard library's own client."""

import asyncio
import random
import ssl
from asyncio import StreamReader, StreamWriter, Transport
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import uvloop

from csms.gateway.secure import StationTls, TlsTrouble, secure
from csms.gateway.tls import TlsTransport

from ...harness.certificates import TestAuthority, client_context
from ...harness.waiting import until

PATIENCE_S = 20.0


class Told(asyncio.Protocol):
    """What a transport tells its protocol; says everything back, unless it is to `hold` its tongue."""

    def __init__(self) -> None:
        self.heard = bytearray()
        self.lost: list[Exception | None] = []
        self.transport: TlsTransport | None = None
        self.hold = False
        self.full = False

    def data_received(self, data: bytes) -> None:
        self.heard += data
        if self.transport is not None and not self.hold:
            self.transport.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.append(exc)

    def pause_writing(self) -> None:
        self.full = True

    def resume_writing(self) -> None:
        self.full = False


class Front(asyncio.Protocol):
    """Waits for the first bytes, as the door does, and begins with TLS."""

    def __init__(self, server: "TlsServer") -> None:
        self._server = server

    def connection_made(self, transport: Any) -> None:
        self._raw: Transport = transport

    def data_received(self, data: bytes) -> None:
        self._raw.pause_reading()
        self._server.task = asyncio.ensure_future(self._server.serve(self._raw, data))


class TlsServer:
    """One connection at a time; `trouble` says how a handshake ended that failed."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.context = context
        self.told = Told()
        self.trouble: TlsTrouble | None = None
        self.task: asyncio.Future[None] | None = None
        self.patience_s = PATIENCE_S

    async def serve(self, raw: Transport, said: bytes) -> None:
        told = self.told
        try:
            told.transport = await secure(raw, told, self.context, said, self.patience_s)
        except TlsTrouble as trouble:
            self.trouble = trouble
            raw.close()
        else:
            if told.heard and not told.hold:
                told.transport.write(bytes(told.heard))


class Line:
    """A server, and clients for it; `context` is theirs."""

    def __init__(self, server: TlsServer, port: int, context: ssl.SSLContext, stack: AsyncExitStack) -> None:
        self.server, self.port, self.context = server, port, context
        self._stack = stack

    async def connect(self, port: int | None = None) -> tuple[StreamReader, StreamWriter]:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port or self.port, ssl=self.context, server_hostname="csms.example", limit=2**22
        )
        self._keep(writer)
        return reader, writer

    async def talking(self) -> tuple[StreamReader, StreamWriter]:
        """Connected, and a first word has come back."""
        reader, writer = await self.connect()
        writer.write(b"a")
        assert await asyncio.wait_for(reader.readexactly(1), PATIENCE_S) == b"a"
        return reader, writer

    async def connect_raw(self) -> tuple[StreamReader, StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self._keep(writer)
        return reader, writer

    def _keep(self, writer: StreamWriter) -> None:
        """Until the end of the test, and then end it in its own way."""

        async def leave() -> None:
            writer.close()
            with suppress(OSError, TimeoutError):
                await asyncio.wait_for(writer.wait_closed(), PATIENCE_S)

        self._stack.push_async_callback(leave)

    async def through(self, pass_on: Any) -> tuple[StreamReader, StreamWriter]:
        """Connect through something that passes on what the client says in its own way."""

        async def between(reader: StreamReader, writer: StreamWriter) -> None:
            behind, ahead = await self.connect_raw()
            self._keep(writer)

            async def back() -> None:
                while data := await behind.read(2**16):
                    writer.write(data)
                writer.close()

            backwards = asyncio.ensure_future(back())
            while data := await reader.read(2**16):
                await pass_on(data, ahead)
            ahead.close()
            await backwards

        server = await asyncio.start_server(between, "127.0.0.1", 0)
        self._stack.callback(server.close)
        return await self.connect(server.sockets[0].getsockname()[1])


@asynccontextmanager
async def a_line(tmp_path: Path) -> AsyncIterator[Line]:
    authority = TestAuthority(tmp_path, "CA")
    pair = authority.issue("csms.example", names=("csms.example",))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    server = TlsServer(StationTls(context).context)
    async with AsyncExitStack() as stack:
        listening = await asyncio.get_running_loop().create_server(lambda: Front(server), "127.0.0.1", 0)
        stack.callback(listening.close)
        yield Line(server, listening.sockets[0].getsockname()[1], client_context(authority.path, None), stack)


def on_both_loops(story: Callable[[Line], Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """The loop that the server runs on, and that of a Python without it: each has sockets of its own make."""

    @pytest.mark.parametrize("loop", [uvloop.new_event_loop, asyncio.new_event_loop], ids=["uvloop", "asyncio"])
    def told(tmp_path: Path, loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
        async def tell() -> None:
            async with a_line(tmp_path) as line:
                await story(line)

        with asyncio.Runner(loop_factory=loop) as runner:
            runner.run(tell())

    return told


@on_both_loops
async def test_all_that_is_said_comes_back_in_order(line: Line) -> None:
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        line.server.told = Told()
        await _say_much(line, version)


async def _say_much(line: Line, version: ssl.TLSVersion) -> None:
    line.context.minimum_version = line.context.maximum_version = version
    reader, writer = await line.connect()
    random.seed(version)
    sizes = [
        1,
        2,
        100,
        16_383,
        16_384,
        16_385,
        65_536,
        70_000,
        300_000,
        *(random.randrange(1, 3000) for _ in range(50)),
    ]
    for size in sizes:
        said = random.randbytes(size)
        writer.write(said)
        assert await asyncio.wait_for(reader.readexactly(size), PATIENCE_S) == said


@on_both_loops
async def test_a_line_that_gives_byte_by_byte(line: Line) -> None:
    async def dribble(data: bytes, ahead: StreamWriter) -> None:
        for place in range(len(data)):
            ahead.write(data[place : place + 1])
            await ahead.drain()
            await asyncio.sleep(0)

    reader, writer = await line.through(dribble)
    writer.write(b"hello" * 20)
    assert await asyncio.wait_for(reader.readexactly(100), PATIENCE_S) == b"hello" * 20


@on_both_loops
async def test_what_is_not_wanted_stays_with_the_station(line: Line) -> None:
    line.server.told.hold = True
    _, writer = await line.connect()
    writer.write(b"a")
    told = line.server.told
    await until(lambda: told.transport is not None and told.heard, what="the first word")
    assert told.transport is not None
    told.transport.pause_reading()
    much = random.randbytes(8_000_000)
    writer.write(much)
    for _ in range(50):  # sockets hold some of it, we none
        await asyncio.sleep(0.01)
        assert len(told.heard) < 200_000
    told.transport.resume_reading()
    await until(lambda: len(told.heard) == 1 + len(much), what="all of it")
    assert told.heard[1:] == much


@on_both_loops
async def test_a_station_that_does_not_read_is_told_of(line: Line) -> None:
    told = line.server.told
    told.hold = True
    reader, writer = await line.connect()
    writer.write(b"a")
    await until(lambda: told.transport is not None, what="the connection")
    assert told.transport is not None
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    for _ in range(400):
        told.transport.write(bytes(50_000))
    assert told.full
    assert told.transport.get_write_buffer_size() > 0
    writer.transport.resume_reading()  # type: ignore[attr-defined]
    await asyncio.wait_for(reader.readexactly(400 * 50_000), PATIENCE_S)
    await until(lambda: not told.full, what="room")


@on_both_loops
async def test_who_says_goodbye_is_answered(line: Line) -> None:
    _reader, writer = await line.talking()
    writer.close()
    await asyncio.wait_for(writer.wait_closed(), PATIENCE_S)
    await until(lambda: line.server.told.lost == [None], what="the end")


@on_both_loops
async def test_our_goodbye_comes_after_all_that_was_said(line: Line) -> None:
    reader, _writer = await line.talking()
    transport = line.server.told.transport
    assert transport is not None
    last = random.randbytes(1_000_000)
    transport.write(last)
    transport.close()
    transport.close()
    transport.write(b"too late")
    assert transport.is_closing()
    assert (
        await asyncio.wait_for(reader.read(-1), PATIENCE_S) == last
    )  # an end without close_notify would be an SSLError
    await until(lambda: line.server.told.lost == [None], what="the end")


@on_both_loops
async def test_who_breaks_off_is_told_of_once(line: Line) -> None:
    _reader, writer = await line.talking()
    writer.transport.abort()
    await until(lambda: line.server.told.lost, what="the end")
    assert len(line.server.told.lost) == 1


@on_both_loops
async def test_what_is_no_record_ends_the_connection(line: Line) -> None:
    broken = asyncio.Event()

    async def spoil(data: bytes, ahead: StreamWriter) -> None:
        ahead.write(bytes(len(data)) if broken.is_set() else data)

    reader, writer = await line.through(spoil)
    writer.write(b"a")
    await reader.readexactly(1)
    broken.set()
    writer.write(b"spoilt")
    await until(lambda: line.server.told.lost, what="the end")
    assert line.server.told.heard == b"a"


@on_both_loops
async def test_new_keys_in_the_middle(line: Line) -> None:
    """A client may change its keys at any time, and ask for new ones of ours (RFC 8446 §4.6.3)."""
    process = await asyncio.create_subprocess_exec(
        "openssl", "s_client", "-connect", f"127.0.0.1:{line.port}", "-tls1_3", "-quiet", "-no_ign_eof",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    stdin, stdout, stderr = process.stdin, process.stdout, process.stderr
    assert stdin is not None
    assert stdout is not None
    assert stderr is not None
    for said in (b"one\n", b"K\n", b"two\n", b"k\n", b"three\n"):
        stdin.write(said)
        if len(said) > 2:
            assert await asyncio.wait_for(stdout.readexactly(len(said)), PATIENCE_S) == said
        else:  # a command to the client: what follows too soon would be taken for part of it
            await asyncio.wait_for(stderr.readuntil(b"KEYUPDATE"), PATIENCE_S)
    stdin.close()
    await asyncio.wait_for(process.wait(), PATIENCE_S)
    await until(lambda: line.server.told.lost == [None], what="the end")


@on_both_loops
async def test_who_leaves_in_the_middle_of_the_handshake(line: Line) -> None:
    _, writer = await line.connect_raw()
    writer.write(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
    await until(lambda: line.server.task is not None, what="the first bytes")
    writer.transport.abort()
    await until(lambda: line.server.trouble, what="trouble")
    assert line.server.trouble is not None
    assert line.server.trouble.problem == "tls_hung_up"
    assert len(line.server.told.lost) == 1


@on_both_loops
async def test_who_does_not_go_on_with_the_handshake(line: Line) -> None:
    line.server.patience_s = 0.2
    reader, writer = await line.connect_raw()
    writer.write(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
    assert await asyncio.wait_for(reader.read(), PATIENCE_S) == b""
    assert line.server.trouble is not None
    assert line.server.trouble.note == "The station does not go on with the handshake."


@on_both_loops
async def test_who_begins_with_nonsense_gets_an_alert(line: Line) -> None:
    reader, writer = await line.connect_raw()
    writer.write(b"\x16\x03\x01\x00\x05hello" + bytes(100))
    answer = await asyncio.wait_for(reader.read(), PATIENCE_S)
    assert answer[0] == 21
    assert line.server.trouble is not None
    assert line.server.trouble.problem == "tls_failed"
