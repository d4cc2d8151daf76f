"""The review list over HTTP."""

from typing import Any

import httpx


async def test_an_item_is_looked_at_resolved_and_reopened(
    admin: httpx.AsyncClient, viewer: httpx.AsyncClient, world: Any
) -> None:
    await world.station("CS-1")
    uid = await world.ended("CS-1", 900)
    await world.review("CS-1", "refused_energy", "1", session_id=1, energy_wh=900.0)
    [item] = (await viewer.get("/api/v1/review", params={"state": "open"})).json()["items"]
    assert (item["station"], item["session_uid"], item["energy_wh"]) == ("CS-1", uid, 900.0)
    url = f"/api/v1/review/{item['id']}"
    assert (await viewer.post(f"{url}/resolve", json={})).status_code == 403

    resolved = await admin.post(f"{url}/resolve", json={"note": "The driver called; free of charge."})
    assert (resolved.json()["state"], resolved.json()["note"]) == ("resolved", "The driver called; free of charge.")
    assert resolved.json()["resolved_by"].startswith("the tests' administrator")
    assert resolved.json()["resolved_at"] == "2030-01-31T12:00:00Z"
    again = await admin.post(f"{url}/resolve", json={"note": "Mine"})
    assert (again.status_code, again.json()["code"]) == (409, "already_resolved")
    assert (await viewer.get(url)).json() == resolved.json()
    assert not (await viewer.get(f"/api/v1/sessions/{uid}")).json()["needs_review"]

    reopened = (await admin.post(f"{url}/reopen")).json()
    assert (reopened["state"], reopened["note"], reopened["resolved_by"]) == ("open", None, None)
    assert (await admin.post(f"{url}/reopen")).json()["code"] == "not_resolved"
    trail = (await admin.get("/api/v1/audit", params={"subject_kind": "review_item"})).json()["items"]
    assert [entry["action"] for entry in trail] == ["reopen", "resolve"]
    assert trail[0]["before"]["note"] == "The driver called; free of charge."


async def test_items_are_found_by_kind_state_and_station(viewer: httpx.AsyncClient, world: Any, clock: Any) -> None:
    await world.station("CS-1")
    await world.station("CS-2")
    await world.review("CS-1", "unknown_transaction", "99", energy_wh=5.0)
    clock.pass_by(minutes=1)
    await world.review("CS-2", "unknown_transaction", "98", state="resolved")
    clock.pass_by(minutes=1)
    await world.review("CS-2", "not_stopped", "1")

    async def subjects(**params: Any) -> list[str]:
        return [item["subject"] for item in (await viewer.get("/api/v1/review", params=params)).json()["items"]]

    assert await subjects() == ["1", "98", "99"]
    assert await subjects(kind="unknown_transaction") == ["98", "99"]
    assert await subjects(state="open") == ["1", "99"]
    assert await subjects(station="CS-2", state="open") == ["1"]
    assert await subjects(sort="energy_wh", limit=1) == ["99"]
    assert (await viewer.get("/api/v1/review", params={"kind": "odd"})).status_code == 422
    assert (await viewer.get("/api/v1/review", params={"station": "CS-9"})).status_code == 404


async def test_what_is_not_there_cannot_be_resolved(admin: httpx.AsyncClient) -> None:
    assert (await admin.post("/api/v1/review/7/resolve", json={})).json()["code"] == "review_item_not_found"
    assert (await admin.post("/api/v1/review/7/reopen")).status_code == 404
    assert (await admin.get("/api/v1/review/99999999999999999999999")).status_code == 422
    assert (await admin.post("/api/v1/review/7/resolve", json={"note": "x" * 2001})).status_code == 422
