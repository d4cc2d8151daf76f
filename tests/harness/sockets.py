"""A charging station that says exactly what a test tells it to, over a real WebSocket."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

PATIENCE_S = 15.0


class CallFailed(Exception):  # noqa: N818 - it is an answer
    """The server answered with a CALLERROR."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(f"{code}: {description}")
        self.code = code
        self.description = description


class StationSocket:
    """One connection of one station; a reader sorts what arrives into answers to its calls and calls of the server."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.calls: asyncio.Queue[list[Any]] = asyncio.Queue()
        self.others: asyncio.Queue[str] = asyncio.Queue()
        self._answers: dict[str, asyncio.Future[list[Any]]] = {}
        self._ids = itertools.count(1)
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        with suppress(ConnectionClosed):
            async for data in self.connection:
                frame = json.loads(data)
                if frame[0] == 2:
                    self.calls.put_nowait(frame)
                elif (waiting := self._answers.pop(frame[1], None)) is not None:
                    waiting.set_result(frame)
                else:
                    self.others.put_nowait(str(data))
        for waiting in self._answers.values():
            if not waiting.done():
                waiting.set_exception(ConnectionError("the connection ended before the answer"))
                waiting.exception()  # a call that nobody waits for any more is no fault of the test
        self._answers.clear()

    async def send(self, frame: str | bytes | list[Any]) -> None:
        await self.connection.send(frame if isinstance(frame, str | bytes) else json.dumps(frame))

    async def start_call(
        self, action: str, payload: dict[str, Any], message_id: str | None = None
    ) -> "asyncio.Future[list[Any]]":
        """Send a call; the future is the server's frame."""
        message_id = message_id or f"m{next(self._ids)}"
        answer = self._answers[message_id] = asyncio.get_running_loop().create_future()
        await self.send([2, message_id, action, payload])
        return answer

    async def call(self, action: str, payload: dict[str, Any], message_id: str | None = None) -> dict[str, Any]:
        """The payload of the answer; raises CallFailed for a CALLERROR, ConnectionError when the connection ends first."""
        return payload_of(await asyncio.wait_for(await self.start_call(action, payload, message_id), PATIENCE_S))

    async def boot(self) -> dict[str, Any]:
        return await self.call("BootNotification", {"chargePointVendor": "Test", "chargePointModel": "Post"})

    async def next_call(self) -> list[Any]:
        """The next CALL of the server's."""
        return await asyncio.wait_for(self.calls.get(), PATIENCE_S)

    async def next_other(self) -> list[Any]:
        """The next frame that answers no call made through `call`."""
        frame: list[Any] = json.loads(await asyncio.wait_for(self.others.get(), PATIENCE_S))
        return frame

    async def answer(self, call: list[Any], payload: dict[str, Any]) -> None:
        await self.send([3, call[1], payload])

    async def closed(self) -> int:
        """Wait until the server has ended the connection; the close code."""
        await asyncio.wait_for(self.connection.wait_closed(), PATIENCE_S)
        return self.connection.close_code or 0

    def abort(self) -> None:
        """Vanish without a word."""
        self.connection.transport.abort()

    async def leave(self) -> None:
        await self.connection.close()
        await self._reader


def payload_of(frame: list[Any]) -> dict[str, Any]:
    if frame[0] == 4:
        raise CallFailed(frame[2], frame[3])
    payload: dict[str, Any] = frame[2]
    return payload


async def open_station(url: str, identity: str, **options: Any) -> StationSocket:
    """Connect as `identity`; options are those of `websockets`, but it never pings by itself."""
    settings: dict[str, Any] = {"subprotocols": ["ocpp1.6"], "ping_interval": None, "compression": None, "proxy": None}
    return StationSocket(await connect(f"{url}/{identity}", **(settings | options)))


@asynccontextmanager
async def station(url: str, identity: str, **options: Any) -> AsyncIterator[StationSocket]:
    socket = await open_station(url, identity, **options)
    try:
        yield socket
    finally:
        await socket.leave()
