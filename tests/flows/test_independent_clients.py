"""Stations that others wrote charge a car: PyPI `ocpp`, and npm `ocpp-rpc` in strict mode. Neither knows our code."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from ocpp.routing import on
from ocpp.v16.datatypes import MeterValue, SampledValue
from ocpp.v16.enums import (
    ChargePointErrorCode,
    ChargePointStatus,
    Measurand,
    ReadingContext,
    Reason,
    RegistrationStatus,
    RemoteStartStopStatus,
    UnitOfMeasure,
)
from websockets.asyncio.client import connect

from ocpp.v16 import ChargePoint, call, call_result

from ..harness.node import needed, node
from ..harness.process import server_process

EMAIL, PASSWORD = "ana@example.org", "three random words"
IDENTITY, ID_TOKEN = "CS-1", "FRIEND"
BEGAN = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=15)


def minute(number: int) -> str:
    return (BEGAN + timedelta(minutes=number)).isoformat().replace("+00:00", "Z")


@dataclass
class Operator:
    """Knows the system by its addresses alone."""

    api: httpx.AsyncClient
    ocpp_url: str

    async def get(self, path: str, **params: Any) -> Any:
        return (await self.api.get(path, params=params)).raise_for_status().json()

    async def post(self, path: str, body: Any, **params: Any) -> Any:
        return (await self.api.post(path, json=body, params=params)).raise_for_status().json()

    async def invites(self) -> str:
        """A station and an id token; gives the station's password."""
        await self.post("/id-tokens", {"uid": ID_TOKEN})
        password: str = (await self.post("/stations", {"identity": IDENTITY}))["password"]
        return password

    async def stops(self) -> None:
        [running] = (await self.get("/sessions", state="active"))["items"]
        assert (running["energy_wh"], running["power_w"], running["soc_percent"]) == (1250, 7360.5, 81.0)
        command = await self.post(f"/stations/{IDENTITY}/commands/stop", {"session": running["uid"]}, wait=20)
        assert command["state"] == "accepted", command

    async def sees_it_all(self, vendor: str) -> None:
        [session] = (await self.get("/sessions"))["items"]
        said = ("state", "station", "id_token", "authorization", "energy_wh", "meter_start_wh", "meter_stop_wh")
        assert [session[name] for name in said] == ["ended", IDENTITY, ID_TOKEN, "accepted", 2000, 1000, 3000]
        assert (session["started_at"], session["ended_at"]) == (minute(0), minute(15))
        assert (session["stop_reason"], session["needs_review"]) == ("remote", False)
        readings = (await self.get(f"/sessions/{session['uid']}/readings"))["items"]
        assert [(reading["energy_wh"], reading["power_w"], reading["soc_percent"]) for reading in readings] == [
            (1500, 7360.5, 81), (2250, 7360.5, 81), (3000, 7360.5, 81),
        ]  # fmt: skip
        station = await self.get(f"/stations/{IDENTITY}")
        assert (station["boot"]["vendor"], station["boot"]["model"]) == ("Independent", vendor)
        [connector] = [one for evse in station["evses"] for one in evse["connectors"]]
        assert connector["status"] == "available"
        assert {frame["outcome"] for frame in (await self.get("/frames"))["items"]} == {"result"}


@pytest.fixture
async def operator(tmp_path: Path) -> AsyncIterator[Operator]:
    data = tmp_path / "data"
    data.mkdir()
    async with (
        server_process(data, admin_email=EMAIL, admin_password=PASSWORD) as server,
        httpx.AsyncClient(base_url=f"{server.http_url}/api/v1", trust_env=False, timeout=60) as api,
    ):
        api.headers["Sec-Fetch-Site"] = "same-origin"
        operator = Operator(api, server.ocpp_url)
        await operator.post("/sign-in", {"email": EMAIL, "password": PASSWORD})
        yield operator


class PypiStation(ChargePoint):
    """The library checks both directions against the OCA's schemas."""

    def __init__(self, identity: str, connection: Any) -> None:
        super().__init__(identity, connection)
        self.told_to_stop: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    @on("RemoteStopTransaction")
    def remote_stop(self, transaction_id: int) -> call_result.RemoteStopTransaction:
        self.told_to_stop.set_result(transaction_id)
        return call_result.RemoteStopTransaction(status=RemoteStartStopStatus.accepted)

    async def says(self, payload: Any) -> Any:
        return await self.call(payload, suppress=False)

    async def shows(self, status: ChargePointStatus) -> None:
        await self.says(call.StatusNotification(1, ChargePointErrorCode.no_error, status))

    async def charges(self, stop: Callable[[], Any]) -> None:
        booted = await self.says(call.BootNotification("ocpp", "Independent"))
        assert booted.status == RegistrationStatus.accepted
        await self.shows(ChargePointStatus.preparing)
        assert (await self.says(call.Authorize(ID_TOKEN))).id_tag_info["status"] == "Accepted"
        start = call.StartTransaction(1, ID_TOKEN, meter_start=1000, timestamp=minute(0))
        transaction: int = (await self.says(start)).transaction_id
        await self.shows(ChargePointStatus.charging)
        for value, at in ((1500, minute(5)), (2250, minute(10))):
            await self.says(call.MeterValues(1, [measured(value, at)], transaction))
        await stop()
        assert await asyncio.wait_for(self.told_to_stop, 20) == transaction
        last = [measured(3000, minute(15), ReadingContext.transaction_end)]
        await self.says(call.StopTransaction(3000, minute(15), transaction, Reason.remote, ID_TOKEN, last))
        await self.shows(ChargePointStatus.available)


def measured(value: int, at: str, context: ReadingContext = ReadingContext.sample_periodic) -> MeterValue:
    return MeterValue(
        at,
        [
            SampledValue(str(value), context, measurand=Measurand.energy_active_import_register, unit=UnitOfMeasure.wh),
            SampledValue("7360.5", context, measurand=Measurand.power_active_import, unit=UnitOfMeasure.w),
            SampledValue("81", context, measurand=Measurand.soc, unit=UnitOfMeasure.percent),
        ],
    )


async def test_pypi_ocpp_charges_a_car_until_it_is_stopped(operator: Operator) -> None:
    password = await operator.invites()
    place = operator.ocpp_url.replace("ws://", f"ws://{IDENTITY}:{password}@")
    async with connect(f"{place}/{IDENTITY}", subprotocols=["ocpp1.6"], proxy=None) as connection:
        station = PypiStation(IDENTITY, connection)
        listening = asyncio.create_task(station.start())
        try:
            await station.charges(operator.stops)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
    await operator.sees_it_all("ocpp")


async def test_npm_ocpp_rpc_charges_a_car_until_it_is_stopped(operator: Operator) -> None:
    needed("ocpp-rpc")
    password = await operator.invites()
    given = {
        "ENDPOINT": operator.ocpp_url,
        "IDENTITY": IDENTITY,
        "PASSWORD": password,
        "ID_TOKEN": ID_TOKEN,
        "BEGAN": minute(0),
    }
    async with asyncio.timeout(60), node("charge.mjs", **given) as station:
        assert station.stdout is not None
        said = await station.stdout.readline()
        assert said == b"charging\n", (said + await station.stdout.read()).decode()
        await operator.stops()
        said = await station.stdout.read()
        assert await station.wait() == 0, said.decode()
    await operator.sees_it_all("ocpp-rpc")
