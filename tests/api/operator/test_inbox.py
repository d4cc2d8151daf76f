"""The inbox of unknown stations over HTTP."""

from typing import Any

import httpx

from csms.api.context import ApiContext
from csms.domain.stations.credentials import Credential, check_generated
from csms.domain.stations.verbs.stations import get_station


async def test_an_unknown_station_is_adopted_and_leaves_the_inbox(
    admin: httpx.AsyncClient, viewer: httpx.AsyncClient, context: ApiContext, world: Any
) -> None:
    location = await world.location()
    await world.unknown("NEW-7", attempts=12, user_agent="Firmware 3.1", username="NEW-7")
    [seen] = (await viewer.get("/api/v1/inbox", params={"search": "firmware"})).json()["items"]
    assert (seen["identity"], seen["attempts"], seen["address"]) == ("NEW-7", 12, "198.51.100.23")
    assert (await viewer.post("/api/v1/inbox/NEW-7/adopt", json={})).status_code == 403

    rings: list[str] = []
    context.bus.subscribe("stations.", rings.append)
    adopted = await admin.post("/api/v1/inbox/NEW-7/adopt", json={"location_id": location, "name": "Gate"})
    assert adopted.status_code == 201
    body = adopted.json()
    assert (body["station"]["name"], body["station"]["location"]["id"]) == ("Gate", location)
    assert body["ocpp_url"] == "ws://127.0.0.1:9000/ocpp/NEW-7"
    async with context.database.view() as session:
        station = await get_station(session, "NEW-7")
    sealed = Credential(station.credential_kind, station.credential)
    assert check_generated(sealed, context.station_key, "NEW-7", body["password"])
    assert rings == ["stations.1"]
    assert (await viewer.get("/api/v1/inbox")).json()["total"] == 0
    again = await admin.post("/api/v1/inbox/NEW-7/adopt", json={})
    assert (again.status_code, again.json()["code"]) == (404, "not_in_inbox")


async def test_dismissed_stations_are_forgotten_whatever_they_call_themselves(
    admin: httpx.AsyncClient, world: Any
) -> None:
    for identity in ("NEW-1", "a/b", "x:y"):
        await world.unknown(identity)
    assert (await admin.get("/api/v1/inbox/a/b")).json()["identity"] == "a/b"
    refused = await admin.post("/api/v1/inbox/a/b/adopt", json={})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_identity")
    for identity in ("a/b", "x:y"):
        assert (await admin.delete(f"/api/v1/inbox/{identity}")).status_code == 204
    assert [item["identity"] for item in (await admin.get("/api/v1/inbox")).json()["items"]] == ["NEW-1"]
    assert (await admin.delete("/api/v1/inbox/x:y")).status_code == 404


async def test_the_latest_knock_stands_first(admin: httpx.AsyncClient, world: Any, clock: Any) -> None:
    for identity in ("NEW-1", "NEW-2"):
        await world.unknown(identity)
        clock.pass_by(minutes=1)

    async def order(**params: Any) -> list[str]:
        return [item["identity"] for item in (await admin.get("/api/v1/inbox", params=params)).json()["items"]]

    assert await order() == ["NEW-2", "NEW-1"]
    assert await order(sort="identity", limit=1) == ["NEW-1"]
