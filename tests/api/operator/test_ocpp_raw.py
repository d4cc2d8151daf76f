"""Any OCPP action over HTTP."""

from typing import Any

import httpx
import pytest

RAW = "/api/v1/stations/CS-1/ocpp"


async def test_the_stations_answer_comes_back_as_it_was(admin: httpx.AsyncClient, world: Any, gateway: Any) -> None:
    await world.station("CS-1", online=True)
    gateway.answers = lambda *_: {"state": "accepted", "answer": {"status": "Accepted", "vendorSays": "hello"}}
    payload = {"connectorId": 0, "csChargingProfiles": {
        "chargingProfileId": 1, "stackLevel": 0, "chargingProfilePurpose": "ChargePointMaxProfile",
        "chargingProfileKind": "Absolute", "chargingSchedule": {
            "chargingRateUnit": "W", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 11000.5}]}}}  # fmt: skip
    answer = await admin.post(f"{RAW}/SetChargingProfile", params={"wait": 30}, json=payload)
    assert answer.status_code == 200
    assert answer.json() == {"outcome": "result", "payload": {"status": "Accepted", "vendorSays": "hello"}}
    assert gateway.took == [("ocpp", "SetChargingProfile", payload)]


async def test_a_callerror_is_an_answer_too(admin: httpx.AsyncClient, world: Any, gateway: Any) -> None:
    await world.station("CS-1", online=True)
    gateway.answers = lambda *_: {"state": "failed", "error_code": "NotSupported", "error_description": "not here"}
    answer = await admin.post(f"{RAW}/ClearCache", params={"wait": 30})
    assert answer.status_code == 200
    assert answer.json() == {"outcome": "error", "code": "NotSupported", "description": "not here"}


async def test_without_waiting_it_is_accepted_and_can_be_looked_up(
    admin: httpx.AsyncClient, world: Any, gateway: Any
) -> None:
    await world.station("CS-1", online=True)
    answer = await admin.post(f"{RAW}/Reset", json={"type": "Soft"})
    assert answer.status_code == 202
    assert (answer.json()["verb"], answer.json()["action"]) == ("ocpp", "Reset")
    looked_up = (await admin.get(answer.headers["location"])).json()
    assert (looked_up["id"], looked_up["payload"]) == (answer.json()["id"], {"type": "Soft"})


async def test_an_offline_station_is_not_asked(admin: httpx.AsyncClient, world: Any) -> None:
    await world.station("CS-1", online=False)
    await world.station("CS-2")
    for identity in ("CS-1", "CS-2"):
        answer = await admin.post(f"/api/v1/stations/{identity}/ocpp/ClearCache", params={"wait": 30}, json={})
        assert (answer.status_code, answer.json()["code"]) == (409, "station_offline")
    assert (await admin.get("/api/v1/commands")).json()["total"] == 0


@pytest.mark.parametrize(
    ("settled", "says"),
    [
        (
            {"state": "failed", "error_code": "NoAnswer", "error_description": "No answer to Reset."},
            "No answer to Reset.",
        ),
        ({"state": "failed", "error_code": "ConnectionLost", "error_description": "Gone."}, "Gone."),
        ({"state": "expired"}, "The station was busy, this was not sent."),
    ],
)
async def test_a_silent_station_is_a_gateway_timeout(
    admin: httpx.AsyncClient, world: Any, gateway: Any, settled: dict[str, Any], says: str
) -> None:
    await world.station("CS-1", online=True)
    gateway.answers = lambda *_: settled
    answer = await admin.post(f"{RAW}/Reset", params={"wait": 30}, json={"type": "Soft"})
    assert (answer.status_code, answer.json()["code"], answer.json()["detail"]) == (504, "no_answer", says)
    assert (await admin.get(f"/api/v1/commands/{answer.json()['command']}")).status_code == 200


async def test_waiting_ends_when_the_caller_said(admin: httpx.AsyncClient, world: Any) -> None:
    await world.station("CS-1", online=True)
    answer = await admin.post(f"{RAW}/Reset", params={"wait": 0.05}, json={"type": "Soft"})
    assert answer.status_code == 504


@pytest.mark.parametrize(
    ("action", "body", "status", "code"),
    [
        ("Reset", {"type": "Gentle"}, 422, "payload_refused"),
        ("Reset", None, 422, "payload_refused"),
        ("Reset", {"type": "Soft", "why": 1}, 422, "payload_refused"),
        ("Reset", ["Soft"], 422, "invalid"),
        ("Heartbeat", {}, 422, "not_sent_by_us"),
        ("Dance", {}, 404, "unknown_action"),
        ("reset", {"type": "Soft"}, 404, "unknown_action"),
    ],
)
async def test_what_the_schema_refuses_never_leaves(
    admin: httpx.AsyncClient, world: Any, action: str, body: Any, status: int, code: str
) -> None:
    await world.station("CS-1", online=True)
    sent = {"json": body} if body is not None else {}
    answer = await admin.post(f"{RAW}/{action}", params={"wait": 30}, **sent)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await admin.get("/api/v1/commands")).json()["total"] == 0


async def test_the_refusal_names_field_and_reason(admin: httpx.AsyncClient, world: Any) -> None:
    await world.station("CS-1", online=True)
    answer = (await admin.post(f"{RAW}/Reset", json={"type": "Gentle"})).json()
    assert answer["ocpp_code"] == "PropertyConstraintViolation"
    assert answer["detail"].startswith("type: ")


async def test_what_could_not_be_said_in_the_stations_version_is_told(
    admin: httpx.AsyncClient, world: Any, gateway: Any
) -> None:
    await world.station("CS-1", online=True)
    gateway.answers = lambda *_: {
        "state": "failed", "frame_id": None, "error_code": "NotSupported", "error_description": "no such action",
    }  # fmt: skip
    answer = await admin.post(f"{RAW}/ClearCache", params={"wait": 30})
    assert (answer.status_code, answer.json()["detail"]) == (422, "no such action")


async def test_a_viewer_may_not(viewer: httpx.AsyncClient, admin: httpx.AsyncClient, world: Any) -> None:
    await world.station("CS-1", online=True)
    assert (await viewer.post(f"{RAW}/ClearCache", json={})).status_code == 403
    assert (await admin.post("/api/v1/stations/CS-9/ocpp/ClearCache", json={})).status_code == 404
