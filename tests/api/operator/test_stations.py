"""Stations over HTTP."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from csms.api.context import ApiContext
from csms.domain.stations.credentials import Credential, check_chosen, check_generated
from csms.domain.stations.verbs.stations import get_station


async def credential_of(context: ApiContext, identity: str) -> Credential:
    async with context.database.view() as session:
        station = await get_station(session, identity)
    return Credential(station.credential_kind, station.credential)


@pytest.fixture
def rings(context: ApiContext) -> list[str]:
    """What the bus rang for stations and live data, in order."""
    rung: list[str] = []
    context.bus.subscribe("stations.", rung.append)
    context.bus.subscribe("live.", rung.append)
    return rung


async def test_a_new_station_is_told_all_it_needs_once(
    admin: httpx.AsyncClient, context: ApiContext, rings: list[str]
) -> None:
    made = await admin.post("/api/v1/stations", json={"identity": "CS 014#A", "name": "At the gate"})
    assert made.status_code == 201
    body = made.json()
    assert body["ocpp_url"] == "ws://127.0.0.1:9000/ocpp/CS%20014%23A"
    assert len(body["password"]) == 40
    sealed = await credential_of(context, "CS 014#A")
    assert check_generated(sealed, context.station_key, "CS 014#A", body["password"])
    assert rings == ["stations.1", "live.1"]

    shown = (await admin.get("/api/v1/stations/CS%20014%23A")).json()
    assert shown == body["station"]
    assert shown["presence"] == {
        "online": False, "connected_at": None, "disconnected_at": None, "seen_at": None, "address": None, "protocol": None,
    }  # fmt: skip
    assert (shown["credential"], shown["registration"], shown["location"]) == ("generated", "accepted", None)
    trail = (await admin.get("/api/v1/audit", params={"subject_kind": "station"})).text
    assert body["password"] not in trail
    assert sealed.sealed is not None
    assert sealed.sealed not in trail


@pytest.mark.parametrize(
    "identity", ["a/b", "a:b", " ab", "ab ", "Stadtwerke-Köln", "a\tb", ".", "..", "充电桩", "x" * 49, ""]
)
async def test_identities_that_no_station_can_use_are_refused(admin: httpx.AsyncClient, identity: str) -> None:
    answer = await admin.post("/api/v1/stations", json={"identity": identity})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "identity"
    assert (await admin.get("/api/v1/stations")).json()["total"] == 0


@pytest.mark.parametrize("identity", ["x" * 48, "CS-014", "a.b_c~d", "~!@#$%^&*()", "..."])
async def test_identities_that_work_are_addressable(admin: httpx.AsyncClient, identity: str) -> None:
    assert (await admin.post("/api/v1/stations", json={"identity": identity})).status_code == 201
    url = httpx.URL("http://bluesky.test/api/v1/stations/").join(f"./{httpx.QueryParams({'i': identity})!s}"[4:])
    assert (await admin.get(str(url).replace("+", "%20"))).json()["identity"] == identity


async def test_the_second_of_an_identity_is_refused(admin: httpx.AsyncClient) -> None:
    await admin.post("/api/v1/stations", json={"identity": "CS-1"})
    answer = await admin.post("/api/v1/stations", json={"identity": "CS-1", "name": "again"})
    assert (answer.status_code, answer.json()["code"]) == (409, "station_exists")
    assert (await admin.post("/api/v1/stations", json={"identity": "cs-1"})).status_code == 201


async def test_a_password_can_be_chosen_renewed_or_given_up(
    admin: httpx.AsyncClient, context: ApiContext, rings: list[str]
) -> None:
    chosen = await admin.post("/api/v1/stations", json={"identity": "CS-1", "password": "correct horse"})
    assert chosen.json()["password"] == "correct horse"
    assert check_chosen(await credential_of(context, "CS-1"), "correct horse")

    renewed = (await admin.post("/api/v1/stations/CS-1/password", json={})).json()
    assert check_generated(await credential_of(context, "CS-1"), context.station_key, "CS-1", renewed["password"])
    assert rings[-2:] == ["stations.1", "live.1"]

    opened = (await admin.post("/api/v1/stations/CS-1/password", json={"open": True})).json()
    assert opened["password"] is None
    assert await credential_of(context, "CS-1") == Credential("open", None)

    both = await admin.post("/api/v1/stations/CS-1/password", json={"open": True, "password": "correct horse"})
    assert both.json()["code"] == "ambiguous_credential"
    weak = await admin.post("/api/v1/stations/CS-1/password", json={"password": "short"})
    assert weak.json()["code"] == "weak_password"
    assert await credential_of(context, "CS-1") == Credential("open", None)


async def test_what_a_station_has_and_does_is_shown(
    admin: httpx.AsyncClient, viewer: httpx.AsyncClient, world: Any
) -> None:
    location = await world.location("Harbour")
    await world.station("CS-1", online=True, location_id=location)
    await world.connector("CS-1", 0, "available")
    await world.connector("CS-1", 2, "faulted", error_code="GroundFailure", info="relay")
    await world.connector("CS-1", 1, "charging")
    uid = await world.session("CS-1", energy_wh=4200, power_w=11_000.0, soc_percent=62.0)
    await world.ended("CS-1", 900)

    shown = (await viewer.get("/api/v1/stations/CS-1")).json()
    assert shown["presence"]["online"]
    assert shown["presence"]["address"] == "198.51.100.9"
    assert shown["location"] == {"id": location, "name": "Harbour", "time_zone": "Europe/Berlin"}
    assert shown["status"]["status"] == "available"
    assert [(evse["number"], evse["connectors"][0]["status"]) for evse in shown["evses"]] == [
        (1, "charging"),
        (2, "faulted"),
    ]
    assert shown["evses"][1]["connectors"][0]["error_code"] == "GroundFailure"
    [running] = shown["sessions"]
    assert (running["uid"], running["transaction_id"], running["energy_wh"]) == (uid, 1, 4200)
    assert (await viewer.get("/api/v1/stations")).json()["items"] == [shown]


async def test_stations_are_found_by_what_they_are_and_do(admin: httpx.AsyncClient, world: Any) -> None:
    location = await world.location()
    await world.station("CS-1", online=True, location_id=location, name="Gate 100%")
    await world.station("CS-2", online=False, registration="pending")
    await world.station("CS-3", registration="rejected")
    await world.connector("CS-1", 1, "charging")
    await world.connector("CS-2", 1, "faulted")

    async def found(**params: Any) -> list[str]:
        answer = await admin.get("/api/v1/stations", params=params)
        assert answer.json()["total"] == len(answer.json()["items"])
        return [item["identity"] for item in answer.json()["items"]]

    assert await found() == ["CS-1", "CS-2", "CS-3"]
    assert await found(sort="-identity") == ["CS-3", "CS-2", "CS-1"]
    assert await found(search="cs-2") == ["CS-2"]
    assert await found(search="100%") == ["CS-1"]
    assert await found(search="_") == []
    assert await found(location_id=location) == ["CS-1"]
    assert await found(status="faulted") == ["CS-2"]
    assert await found(online="true") == ["CS-1"]
    assert await found(online="false") == ["CS-2", "CS-3"]
    assert await found(registration="rejected") == ["CS-3"]
    assert await found(sort="location") == ["CS-1", "CS-2", "CS-3"]
    assert await found(sort="-seen_at", online="false") == ["CS-2", "CS-3"]
    assert (await admin.get("/api/v1/stations", params={"status": "sleepy"})).status_code == 422


async def test_a_station_moves_and_is_put_out_of_use(
    admin: httpx.AsyncClient, world: Any, rings: list[str], clock: Any
) -> None:
    location = await world.location()
    await world.station("CS-1")
    rings.clear()
    clock.pass_by(minutes=5)
    moved = await admin.patch("/api/v1/stations/CS-1", json={"location_id": location, "registration": "rejected"})
    assert (moved.json()["location"]["id"], moved.json()["registration"]) == (location, "rejected")
    assert moved.json()["updated_at"] > moved.json()["created_at"]
    assert rings == ["stations.1", "live.1"]

    same = await admin.patch("/api/v1/stations/CS-1", json={"registration": "rejected"})
    assert same.status_code == 200
    nowhere = {"location_id": "018f0000-0000-7000-8000-000000000000"}
    assert (await admin.patch("/api/v1/stations/CS-1", json=nowhere)).json()["code"] == "unknown_location"
    assert (await admin.patch("/api/v1/stations/CS-1", json={"registration": None})).status_code == 422
    assert rings == ["stations.1", "live.1"], "nothing changed, nothing rings"


async def test_a_station_with_sessions_is_never_deleted(admin: httpx.AsyncClient, world: Any, rings: list[str]) -> None:
    await world.station("CS-1")
    await world.station("CS-2", online=True)
    await world.connector("CS-2", 1, "available")
    await world.ended("CS-1", 900)
    rings.clear()

    kept = await admin.delete("/api/v1/stations/CS-1")
    assert (kept.status_code, kept.json()["code"]) == (409, "station_in_use")
    assert rings == []
    assert (await admin.delete("/api/v1/stations/CS-2")).status_code == 204
    assert rings == ["stations.2", "live.2"]
    assert [item["identity"] for item in (await admin.get("/api/v1/stations")).json()["items"]] == ["CS-1"]
    assert (await admin.get("/api/v1/stations/CS-2")).json()["code"] == "station_not_found"


async def test_the_frames_of_a_deleted_station_are_not_its_successors(admin: httpx.AsyncClient, world: Any) -> None:
    await world.station("CS-1")
    await world.frame("CS-1", b'[2,"1","Heartbeat",{}]')
    await admin.delete("/api/v1/stations/CS-1")
    await world.station("CS-2")
    assert (await admin.get("/api/v1/stations/CS-2/frames")).json()["items"] == []
    [frame] = (await admin.get("/api/v1/frames")).json()["items"]
    assert frame["station"] is None


async def test_many_stations_are_imported_at_once(
    admin: httpx.AsyncClient, context: ApiContext, world: Any, rings: list[str]
) -> None:
    await world.unknown("CS-2")
    items = [
        {"identity": "CS-1"},
        {"identity": "CS-2", "password": "correct horse"},
        {"identity": "CS-3", "open": True},
    ]
    answer = await admin.post("/api/v1/stations/import", json={"items": items})
    assert answer.status_code == 201
    made = {item["identity"]: item["password"] for item in answer.json()["items"]}
    assert check_generated(await credential_of(context, "CS-1"), context.station_key, "CS-1", made["CS-1"])
    assert check_chosen(await credential_of(context, "CS-2"), "correct horse")
    assert made["CS-3"] is None
    assert sorted(rings) == ["live.1", "live.2", "live.3", "stations.1", "stations.2", "stations.3"]
    assert (await admin.get("/api/v1/inbox")).json()["total"] == 0


async def test_an_import_names_every_row_that_is_wrong_and_changes_nothing(
    admin: httpx.AsyncClient, world: Any, rings: list[str]
) -> None:
    await world.station("CS-0")
    rings.clear()
    nowhere = "018f0000-0000-7000-8000-000000000000"
    items = [
        {"identity": "CS-1"},
        {"identity": "CS-1"},
        {"identity": "CS-0"},
        {"identity": "CS-4", "location_id": nowhere},
    ]
    answer = await admin.post("/api/v1/stations/import", json={"items": items})
    assert answer.status_code == 422
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [
        ("items[1].identity", "repeated"),
        ("items[2].identity", "station_exists"),
        ("items[3].location_id", "unknown_location"),
    ]
    wrong = [{"identity": "a/b"}, {"identity": "CS-5", "password": "short"}, {"identity": "CS-6", "name": "a\u0007"}]
    answer = await admin.post("/api/v1/stations/import", json={"items": wrong})
    assert [error["field"] for error in answer.json()["errors"]] == ["items[0].identity", "items[2].name"]
    answer = await admin.post("/api/v1/stations/import", json={"items": wrong[1:2]})
    assert answer.json()["errors"][0]["field"] == "items[0].password"
    assert (await admin.get("/api/v1/stations")).json()["total"] == 1
    assert rings == []


async def test_configuration_is_shown_without_its_secrets(viewer: httpx.AsyncClient, world: Any, clock: Any) -> None:
    await world.station("CS-1")
    assert (await viewer.get("/api/v1/stations/CS-1/configuration")).json() == {"items": [], "reported_at": None}
    await world.configuration("CS-1", "HeartbeatInterval", "300")
    await world.configuration("CS-1", "NoSuchKey", None)
    clock.pass_by(seconds=timedelta(minutes=1).total_seconds())
    await world.configuration("CS-1", "AuthorizationKey", "topsecret")
    shown = (await viewer.get("/api/v1/stations/CS-1/configuration")).json()
    assert [(key["key"], key["value"], key["known"]) for key in shown["items"]] == [
        ("AuthorizationKey", "••••••••", True),
        ("HeartbeatInterval", "300", True),
        ("NoSuchKey", None, False),
    ]
    assert shown["reported_at"] == "2030-01-31T12:01:00Z"
    assert (await viewer.get("/api/v1/stations/CS-9/configuration")).status_code == 404


async def test_a_viewer_changes_nothing(viewer: httpx.AsyncClient, world: Any) -> None:
    await world.station("CS-1")
    tries = [
        await viewer.post("/api/v1/stations", json={"identity": "CS-2"}),
        await viewer.post("/api/v1/stations/import", json={"items": [{"identity": "CS-2"}]}),
        await viewer.patch("/api/v1/stations/CS-1", json={"name": "mine"}),
        await viewer.post("/api/v1/stations/CS-1/password", json={}),
        await viewer.delete("/api/v1/stations/CS-1"),
    ]
    assert [answer.status_code for answer in tries] == [403] * len(tries)
    [station] = (await viewer.get("/api/v1/stations")).json()["items"]
    assert (station["identity"], station["name"]) == ("CS-1", None)
