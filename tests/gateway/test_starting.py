"""One id token at several stations in the same moment: one of them charges."""

import asyncio
import itertools
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from csms.app.wiring import Server

from ..harness.server import add_id_token, add_station, rows, serving
from ..harness.sockets import StationSocket, open_station
from ..setups import SETUP
from .conftest import Connect, Serve

STATIONS = [f"S{number}" for number in range(12)]


async def test_of_many_stations_that_start_at_once_with_one_id_token_one_is_accepted(
    serve: Serve, connect: Connect
) -> None:
    server = await serve()
    database = server.context.database
    await add_id_token(database, "FRIEND")
    for identity in STATIONS:
        await add_station(database, identity)
    sockets = [await connect(server, identity) for identity in STATIONS]
    for meter in range(3):
        said = {"connectorId": 1, "idTag": "FRIEND", "meterStart": meter, "timestamp": datetime.now(UTC).isoformat()}
        answers = await asyncio.gather(*(socket.call("StartTransaction", said) for socket in sockets))
        verdicts = [answer["idTagInfo"]["status"] for answer in answers]
        assert sorted(verdicts) == ["Accepted"] + ["ConcurrentTx"] * (len(STATIONS) - 1)
        charging = verdicts.index("Accepted")
        stop = {"transactionId": answers[charging]["transactionId"], "meterStop": meter, "timestamp": said["timestamp"]}
        await sockets[charging].call("StopTransaction", stop)
    accepted = await rows(database, "sessions", authorization="accepted")
    assert [row["state"] for row in accepted] == ["ended"] * 3


async def test_what_has_ended_is_forgotten(serve: Serve, connect: Connect) -> None:
    server = await serve()
    await add_id_token(server.context.database, "FRIEND")
    await add_station(server.context.database, "S1")
    socket = await connect(server, "S1")
    start = {"connectorId": 1, "idTag": "FRIEND", "meterStart": 0, "timestamp": datetime.now(UTC).isoformat()}
    answer = await socket.call("StartTransaction", start)
    starting = server.hub.starting
    starting.forget()
    assert len(starting) == 1
    stop = {"transactionId": answer["transactionId"], "meterStop": 5, "timestamp": start["timestamp"]}
    await socket.call("StopTransaction", stop)
    starting.forget()
    assert len(starting) == 0


class Stubborn:
    """A station that says its start until it is answered, over a new connection if need be."""

    def __init__(self, server: Server, identity: str) -> None:
        self._server = server
        self._identity = identity
        self._socket: StationSocket | None = None
        self.attempts = 0

    async def call(self, action: str, said: dict[str, Any]) -> dict[str, Any]:
        while True:
            if self._socket is None:
                self._socket = await open_station(self._server.ocpp_url, self._identity)
            self.attempts += 1
            try:
                return await self._socket.call(action, said)
            except ConnectionError:
                await self._socket.leave()
                self._socket = None

    async def leave(self) -> None:
        if self._socket is not None:
            await self._socket.leave()


async def test_also_between_two_gateways_one_is_accepted(tmp_path: Path) -> None:
    """Who commits second is not answered: its station comes again, and hears what the tables say then."""
    shared = {"database_url": SETUP.postgres.database(tmp_path), "bus_url": SETUP.nats_url,
              "bus_prefix": "starting", "drain_s": 0.0, "roles": "gateway"}  # fmt: skip
    async with AsyncExitStack() as stack:
        gateways = [
            await stack.enter_async_context(serving(tmp_path / name, name=name, **shared)) for name in ("g1", "g2")
        ]
        database = gateways[0].context.database
        await add_id_token(database, "FRIEND")
        stations = [
            Stubborn(gateway, identity) for gateway, identity in zip(itertools.cycle(gateways), STATIONS, strict=False)
        ]
        for identity, station in zip(STATIONS, stations, strict=True):
            await add_station(database, identity)
            stack.push_async_callback(station.leave)
            await station.call("Heartbeat", {})
        for meter in range(8):
            now = datetime.now(UTC).isoformat()
            said = {"connectorId": 1, "idTag": "FRIEND", "meterStart": meter, "timestamp": now}
            answers = await asyncio.gather(*(station.call("StartTransaction", said) for station in stations))
            verdicts = [answer["idTagInfo"]["status"] for answer in answers]
            assert sorted(verdicts) == ["Accepted"] + ["ConcurrentTx"] * (len(STATIONS) - 1)
            assert len({answer["transactionId"] for answer in answers}) == len(STATIONS)
            for station, answer in zip(stations, answers, strict=True):
                stop = {"transactionId": answer["transactionId"], "meterStop": meter, "timestamp": now}
                await station.call("StopTransaction", stop)
        begun = await rows(database, "sessions")
        assert len(begun) == 8 * len(STATIONS)
        assert {row["state"] for row in begun} == {"ended"}
        assert not any(row["sole"] for row in begun)
        assert sum(station.attempts for station in stations) > (1 + 2 * 8) * len(STATIONS), "nobody was ever second"
