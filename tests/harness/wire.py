"""Plays transcripts on the real server: sockets, the recorder, SQLite."""

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from csms.app.wiring import Server

from .server import NOON, LaterClock, add_id_token, add_station, plain, rows, serving
from .sockets import StationSocket, open_station
from .tokens import KNOWN
from .transcript import Frame


@dataclass
class WireDriver:
    """Stations connect when they first say something; it is the noon of transcripts."""

    data: Path
    registration: str = "accepted"
    booted: bool = True
    options: dict[str, Any] = field(default_factory=dict)

    async def __aenter__(self) -> Self:
        self._clock = LaterClock(NOON)
        self._stack = AsyncExitStack()
        self._sockets: dict[str, StationSocket] = {}
        self._ids: dict[str, int] = {}
        await self._start()
        for uid, columns in KNOWN.items():
            await add_id_token(self.server.context.database, uid, **columns)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._leave()
        await self._stack.aclose()

    async def _start(self) -> None:
        self.server: Server = await self._stack.enter_async_context(serving(self.data, self._clock, **self.options))

    async def _leave(self) -> None:
        for socket in self._sockets.values():
            await socket.leave()
        self._sockets.clear()

    async def station_id(self, station: str) -> int:
        if station not in self._ids:
            database = self.server.context.database
            known = await add_station(database, station, registration=self.registration, booted=self.booted)
            self._ids[station] = known
        return self._ids[station]

    async def _socket(self, station: str) -> StationSocket:
        if station not in self._sockets:
            await self.station_id(station)
            self._sockets[station] = await open_station(self.server.ocpp_url, station)
        return self._sockets[station]

    async def say(self, station: str, frame: str) -> None:
        await (await self._socket(station)).send(frame)

    async def hear(self, station: str) -> Frame:
        return await (await self._socket(station)).next_other()

    async def reconnect(self) -> None:
        await self._leave()

    async def restart(self) -> None:
        await self._leave()
        await self._stack.aclose()
        self._stack = AsyncExitStack()
        await self._start()

    async def rows(self, station: str, table: str) -> list[dict[str, Any]]:
        """Once nothing is on its way: frames without an answer are stored all the same."""
        station_id = await self.station_id(station)
        await self.server.recorder.drained()
        key = "id" if table == "stations" else "station_id"
        found = await rows(self.server.context.database, table, **{key: station_id})
        return [{name: plain(value) for name, value in row.items()} for row in found]
