"""The sweep that ends forgotten sessions, on the real gateway: the station talks, and time passes."""

from datetime import datetime, timedelta
from typing import Any

from csms.app.wiring import Server
from csms.kit.clock import SystemClock

from ..harness.server import add_station, rows
from .conftest import Connect, Serve

STATUS = {"connectorId": 1, "errorCode": "NoError"}


class Later(SystemClock):
    """The machine's clock, ahead."""

    def __init__(self, **ahead: float) -> None:
        self._ahead = timedelta(**ahead)

    def now(self) -> datetime:
        return super().now() + self._ahead


async def sweep(server: Server, **ahead: float) -> list[dict[str, Any]]:
    """The sessions after the gateway has looked, so much later."""
    await server.recorder.drained()
    server.hub.clock = Later(**ahead)
    server.hub._look_for_quiet_at = 0.0
    server.hub.sweep()
    await server.recorder.drained()
    return await rows(server.context.database, "sessions")


async def test_a_session_that_its_station_has_forgotten_ends_after_the_time_that_is_set(
    serve: Serve, connect: Connect
) -> None:
    server = await serve(quiet_session_s=90)
    await add_station(server.context.database, "A")
    socket = await connect(server, "A")
    began_at = SystemClock().now().replace(microsecond=0)
    start = {"connectorId": 1, "idTag": "X", "meterStart": 1000, "timestamp": began_at.isoformat()}
    transaction_id = (await socket.call("StartTransaction", start))["transactionId"]
    sample = {"timestamp": (began_at + timedelta(minutes=5)).isoformat(), "sampledValue": [{"value": "1500"}]}
    await socket.call("StatusNotification", STATUS | {"status": "Charging"})
    reading = {"connectorId": 1, "transactionId": transaction_id, "meterValue": [sample]}
    await socket.call("MeterValues", reading)
    (session,) = await sweep(server, hours=5)
    assert session["state"] == "active", "a connector in use: it goes on for as long as it takes"
    await socket.call("StatusNotification", STATUS | {"status": "Available"})
    (session,) = await sweep(server, hours=5, seconds=80)
    assert session["state"] == "active"
    (session,) = await sweep(server, hours=5, seconds=100)
    assert (session["state"], session["ended_by"], session["energy_wh"]) == ("ended", "available", 500)
    stop = {
        "transactionId": transaction_id,
        "meterStop": 2200,
        "timestamp": (began_at + timedelta(minutes=30)).isoformat(),
    }
    await socket.call("StopTransaction", stop)
    (session,) = await rows(server.context.database, "sessions")
    assert (session["ended_by"], session["energy_wh"]) == ("station", 1200)
    assert [item["kind"] for item in await rows(server.context.database, "review_items")] == [
        "not_stopped",
        "refused_energy",
    ]
