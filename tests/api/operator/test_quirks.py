"""Repairs over HTTP: what is suggested, switched on and off."""

from typing import Any

import httpx

from csms.domain.quirks.model import StationRepair


async def test_a_repair_missed_three_times_is_suggested_and_switched_on(
    admin: httpx.AsyncClient, viewer: httpx.AsyncClient, world: Any, context: Any
) -> None:
    station_id = await world.station("CS-1")
    empty = (await viewer.get("/api/v1/stations/CS-1/repairs")).json()
    assert (empty["items"], empty["on"], empty["profile"]) == ([], ["time_format"], None)
    now = context.clock.now()
    counted = {"station_id": station_id, "applied": 0, "first_at": now, "last_at": now, "frame_id": 7}
    async with context.database.unit() as session:
        session.add(StationRepair(kind="broken_json", missed=3, **counted))
        session.add(StationRepair(kind="null_fields", missed=2, **counted))

    items = (await viewer.get("/api/v1/stations/CS-1/repairs")).json()["items"]
    assert [(item["name"], item["suggested"]) for item in items] == [("broken_json", True), ("null_fields", False)]

    url = "/api/v1/stations/CS-1/quirks"
    assert (await viewer.post(url, json={"repairs": []})).status_code == 403
    assert (await admin.post(url, json={"repairs": ["magic"]})).json()["code"] == "unknown_repair"
    assert (await admin.post("/api/v1/stations/CS-9/quirks", json={"repairs": []})).status_code == 404
    on = (await admin.post(url, json={"repairs": ["broken_json"]})).json()
    assert (on["on"], on["assigned"]) == (["broken_json", "time_format"], ["broken_json"])
    assert [item["suggested"] for item in on["items"]] == [False, False]

    again = (await admin.post(url, json={"repairs": None})).json()
    assert (again["on"], again["assigned"], again["assigned_by"]) == (["time_format"], None, None)
    trail = (await admin.get("/api/v1/audit", params={"subject_kind": "station_quirks"})).json()["items"]
    assert [(entry["before"], entry["after"]) for entry in trail] == [
        ({"repairs": ["broken_json"]}, None),
        (None, {"repairs": ["broken_json"]}),
    ]
