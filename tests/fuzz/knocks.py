"""Somebody at the stations' port whose upgrade requests are damaged on the way."""

import asyncio
from contextlib import suppress
from random import Random
from typing import Final

from .mutator import damaged

IDENTITY: Final = "KNOCKS"
AT_ONCE: Final = 8
PATIENCE_S: Final = 0.5  # for an answer that may never come: half a head is none yet
_HEAD: Final = (
    f"GET /ocpp/{IDENTITY} HTTP/1.1",
    "Host: 127.0.0.1:9000",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Protocol: ocpp1.6, ocpp2.0.1",
    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
    "Authorization: Basic S05PQ0tTOnBhc3N3b3Jk",
    "X-Forwarded-For: 10.0.0.1",
)


class Knocks:
    """`count` requests were made so far, `upgraded` of them let in all the same."""

    def __init__(self, port: int, seed: str) -> None:
        self.count = 0
        self.upgraded = 0
        self._port = port
        self._random = Random(seed)

    async def go_on(self) -> None:
        """For ever."""
        await asyncio.gather(*(self._stand_there() for _ in range(AT_ONCE)))

    async def _stand_there(self) -> None:
        while True:
            with suppress(OSError, TimeoutError):
                await self._knock()

    async def _knock(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        self.count += 1
        try:
            writer.write(self._request())
            answer = await asyncio.wait_for(reader.read(100), PATIENCE_S)
            self.upgraded += answer.startswith(b"HTTP/1.1 101")
        finally:
            writer.transport.abort()

    def _request(self) -> bytes:
        random, lines = self._random, list(_HEAD)
        for _ in range(random.choice((0, 0, 1, 2))):
            place, other = random.randrange(1, len(lines)), random.randrange(1, len(lines))
            lines[place] = random.choice(
                (lines[other], "", " folded", "Transfer-Encoding: chunked", "Content-Length: 99")
            )
        head = "\r\n".join([*lines, "", ""]).encode()
        return damaged(head, random) if random.random() < 0.8 else head
