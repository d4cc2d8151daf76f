"""One id token at several stations in the same moment: one of them charges."""

import asyncio
from datetime import UTC, datetime

from ..harness.server import add_id_token, add_station, rows
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
