"""A TCP proxy that a test can cut, freeze, or make lose an answer: the network between two processes, at its worst."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

HOST = "127.0.0.1"


class Proxy:
    """Passes bytes on both ways.

    `cut()` ends all connections and refuses new ones, `freeze()` passes nothing on but keeps the sockets, `slow(delay_s)` makes
    every packet take that long; `mend()` ends all three. `strand()` leaves the connections of now open and silent, until `cut()`,
    while new ones work: their ends believe in them as long as they like.
    `watch(data)` sees what the client sends; it gives None to go on, or what to do instead: "lose request" ends the connection
    without passing it on, "lose answer" passes it on, and ends the connection when the server has answered.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self._writers: set[asyncio.StreamWriter] = set()
        self._open = _is_set()
        self._stranded: list[asyncio.Event] = []
        self._cut = False
        self._delay_s = 0.0
        self.watch: Callable[[bytes], str | None] = lambda _data: None
        self.port = 0

    def cut(self) -> None:
        self._cut = True
        for writer in self._writers:
            writer.transport.abort()
        while self._stranded:
            self._stranded.pop().set()

    def freeze(self) -> None:
        self._open.clear()

    def strand(self) -> None:
        self._open.clear()
        self._stranded.append(self._open)
        self._open = _is_set()

    def slow(self, delay_s: float) -> None:
        self._delay_s = delay_s

    def mend(self) -> None:
        self._cut = False
        self._delay_s = 0.0
        self._open.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        with suppress(OSError):
            if not self._cut:
                await self._carry(reader, writer)
        writer.transport.abort()
        self._writers.discard(writer)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_connection(HOST, self._target)
        self._writers.add(server_writer)
        passing, losing = self._open, asyncio.Event()
        ways = [
            asyncio.create_task(self._requests(reader, server_writer, passing, losing)),
            asyncio.create_task(self._answers(server_reader, writer, passing, losing)),
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        server_writer.transport.abort()
        self._writers.discard(server_writer)

    async def _read(self, reader: asyncio.StreamReader, passing: asyncio.Event) -> bytes:
        """What comes next; nothing at its end, which is not heard of either while nothing passes."""
        data = await reader.read(65_536)
        if self._delay_s:
            await asyncio.sleep(self._delay_s)
        await passing.wait()
        return data

    async def _requests(
        self, reader: asyncio.StreamReader, to: asyncio.StreamWriter, passing: asyncio.Event, losing: asyncio.Event
    ) -> None:
        while data := await self._read(reader, passing):
            verdict = self.watch(data)
            if verdict == "lose request":
                return
            if verdict == "lose answer":
                losing.set()
            to.write(data)
            await to.drain()

    async def _answers(
        self, reader: asyncio.StreamReader, to: asyncio.StreamWriter, passing: asyncio.Event, losing: asyncio.Event
    ) -> None:
        while data := await self._read(reader, passing):
            if losing.is_set():
                return
            to.write(data)
            await to.drain()


def _is_set() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


@asynccontextmanager
async def proxied(port: int) -> AsyncIterator[Proxy]:
    """A proxy to a loopback port."""
    proxy = Proxy(port)
    server = await asyncio.start_server(proxy.serve, HOST, 0)
    proxy.port = server.sockets[0].getsockname()[1]
    yield proxy
    server.close()
    proxy.mend()
    proxy.cut()
    await asyncio.sleep(0)
