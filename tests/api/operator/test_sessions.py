"""Sessions and readings over HTTP."""

from datetime import timedelta
from typing import Any

import httpx
import pytest


async def found(client: httpx.AsyncClient, **params: Any) -> list[int]:
    """The transaction ids of a list of sessions, which its summary must agree with."""
    page = (await client.get("/api/v1/sessions", params=params)).json()
    filters = {name: value for name, value in params.items() if name not in ("sort", "limit", "offset")}
    summary = (await client.get("/api/v1/sessions/summary", params=filters)).json()
    assert summary["sessions"] == page["total"]
    if len(page["items"]) == page["total"]:
        assert summary["energy_wh"] == sum(item["energy_wh"] for item in page["items"])
        assert summary["active"] == sum(item["state"] == "active" for item in page["items"])
    return [item["transaction_id"] for item in page["items"]]


async def test_sessions_are_found_by_place_time_card_and_trouble(
    viewer: httpx.AsyncClient, world: Any, clock: Any
) -> None:
    harbour = await world.location("Harbour")
    await world.station("CS-1", location_id=harbour)
    await world.station("CS-2")
    await world.ended("CS-1", 900, id_token="CARD-A")
    clock.pass_by(hours=2)
    await world.ended("CS-2", 4000, id_token="card-b", authorization="invalid")
    clock.pass_by(hours=2)
    await world.session("CS-1", id_token="CARD-B", energy_wh=70)
    await world.review("CS-2", "refused_energy", "2", session_id=2)
    await world.review("CS-1", "meter_backwards", "1", session_id=1, state="resolved")

    assert await found(viewer) == [3, 2, 1]
    assert await found(viewer, station="CS-1") == [3, 1]
    assert await found(viewer, location_id=harbour, sort="started_at") == [1, 3]
    assert await found(viewer, state="active") == [3]
    assert await found(viewer, id_token="Card-B") == [3, 2]
    assert await found(viewer, authorization="invalid") == [2]
    assert await found(viewer, needs_review="true") == [2]
    assert await found(viewer, needs_review="false") == [3, 1]
    assert await found(viewer, **{"from": "2030-01-31T14:00:00Z"}) == [3, 2]
    assert await found(viewer, to="2030-01-31T14:00:00Z") == [1]
    assert await found(viewer, sort="-energy_wh") == [2, 1, 3]
    assert await found(viewer, sort="ended_at") == [1, 2, 3], "what has not ended comes last"
    assert await found(viewer, sort="-ended_at") == [2, 1, 3]
    assert await found(viewer, sort="station") == [1, 3, 2]
    assert await found(viewer, sort="id_token") == [1, 2, 3]
    assert await found(viewer, limit=1, offset=1) == [2]
    unknown = await viewer.get("/api/v1/sessions", params={"station": "CS-9"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "station_not_found")


@pytest.mark.parametrize(
    "params", [{"from": "yesterday"}, {"from": "2030-01-31T14:00:00"}, {"state": "over"}, {"colour": "red"}]
)
async def test_a_filter_nobody_understands_is_refused(viewer: httpx.AsyncClient, params: dict[str, str]) -> None:
    answer = await viewer.get("/api/v1/sessions", params=params)
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert (error["in"], error["field"]) == ("query", next(iter(params)))


async def test_a_session_is_shown_with_its_readings(viewer: httpx.AsyncClient, world: Any, clock: Any) -> None:
    location = await world.location("Harbour")
    await world.station("CS-1", location_id=location)
    uid = await world.session("CS-1", energy_wh=500, power_w=11_000.0)
    await world.session("CS-1", evse=2)
    began = clock.now()
    for minute in (2, 1, 3):
        await world.reading("CS-1", 1, at=began + timedelta(minutes=minute), energy_wh=1000.0 + minute)
    await world.reading("CS-1", 2, samples=b"")
    await world.review("CS-1", "meter_backwards", "1", session_id=1)

    shown = (await viewer.get(f"/api/v1/sessions/{uid}")).json()
    assert (shown["station"], shown["location"]["time_zone"]) == ("CS-1", "Europe/Berlin")
    assert (shown["transaction_id"], shown["energy_wh"], shown["needs_review"]) == (1, 500, True)
    assert [reading["energy_wh"] for reading in shown["readings"]["items"]] == [1003.0, 1002.0, 1001.0]

    readings = (await viewer.get(f"/api/v1/sessions/{uid}/readings", params={"limit": 2})).json()
    assert [reading["energy_wh"] for reading in readings["items"]] == [1001.0, 1002.0]
    assert readings["total"] == 3
    assert readings["items"][0]["samples"] == [
        {"measurand": "Energy.Active.Import.Register", "value": 1500.0, "unit": "Wh"}
    ]
    for path in ("", "/readings", "/frames"):
        missing = await viewer.get(f"/api/v1/sessions/018f0000-0000-7000-8000-000000000000{path}")
        assert missing.json()["code"] == "session_not_found"


async def test_the_frames_behind_a_session_are_its_own(viewer: httpx.AsyncClient, world: Any, clock: Any) -> None:
    await world.station("CS-1")
    uid = await world.ended("CS-1", 900)
    await world.session("CS-1", evse=2)
    began = clock.now()
    mine = [
        await world.frame("CS-1", b"[2]", action=action, session_id=1, at=began + timedelta(minutes=minute))
        for minute, action in (
            (0, "StartTransaction"),
            (30, "MeterValues"),
            (60, "StopTransaction"),
            (90, "MeterValues"),
        )
    ]
    await world.frame("CS-1", b"[2]", session_id=2, at=began + timedelta(minutes=10))
    await world.frame("CS-1", b"[2]", at=began + timedelta(minutes=20))

    frames = (await viewer.get(f"/api/v1/sessions/{uid}/frames")).json()
    assert [frame["id"] for frame in frames["items"]] == mine[::-1]
    assert {frame["session_uid"] for frame in frames["items"]} == {uid}
    page = (await viewer.get(f"/api/v1/sessions/{uid}/frames", params={"before": mine[2], "limit": 1})).json()
    assert [frame["id"] for frame in page["items"]] == [mine[1]]
    assert page["before"] == mine[1]
