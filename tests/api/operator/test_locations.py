"""Locations over HTTP."""

from typing import Any

import httpx
import pytest

BERLIN: dict[str, Any] = {
    "name": "Hafen Nord",
    "time_zone": "Europe/Berlin",
    "address": "Kai 1",
    "city": "Hamburg",
    "country": "de",
    "latitude": 53.54,
    "longitude": 9.98,
}


@pytest.fixture
async def organisation(admin: httpx.AsyncClient) -> str:
    return str((await admin.post("/api/v1/organisations", json={"name": "Blue Charging"})).json()["id"])


async def test_a_location_is_made_changed_found_and_removed(
    admin: httpx.AsyncClient, viewer: httpx.AsyncClient, organisation: str
) -> None:
    made = await admin.post("/api/v1/locations", json=BERLIN)
    assert made.status_code == 201
    location = made.json()
    assert location["organisation_id"] == organisation
    assert location["country"] == "DE"
    assert (location["stations"], location["online"]) == (0, 0)
    url = f"/api/v1/locations/{location['id']}"

    changed = await admin.patch(url, json={"name": "  Hafen Süd ", "address": None})
    assert (changed.json()["name"], changed.json()["address"], changed.json()["city"]) == ("Hafen Süd", None, "Hamburg")
    assert (await viewer.get(url)).json() == changed.json()
    assert (await viewer.get("/api/v1/locations", params={"search": "hamb"})).json()["items"] == [changed.json()]
    assert (await viewer.get("/api/v1/locations", params={"country": "FR"})).json()["total"] == 0

    assert (await admin.delete(url)).status_code == 204
    assert (await viewer.get(url)).json()["code"] == "location_not_found"
    trail = (await admin.get("/api/v1/audit", params={"subject_kind": "location"})).json()["items"]
    assert [entry["action"] for entry in trail] == ["remove", "change", "create"]
    assert trail[1]["before"]["name"] == "Hafen Nord"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("time_zone", "Berlin", "invalid_time_zone"),
        ("time_zone", "../etc/passwd", "invalid_time_zone"),
        ("country", "XX", "invalid_country"),
        ("name", "Ha\u0007fen", "invalid_text"),
        ("city", "\u009bHamburg", "invalid_text"),
        ("latitude", 91, "less_than_equal"),
        ("latitude", None, "invalid_coordinates"),
        ("organisation_id", "018f0000-0000-7000-8000-000000000000", "unknown_organisation"),
        ("stations", 3, "extra_forbidden"),
    ],
)
async def test_what_cannot_be_is_refused_by_field(
    admin: httpx.AsyncClient, organisation: str, field: str, value: Any, code: str
) -> None:
    answer = await admin.post("/api/v1/locations", json={**BERLIN, field: value})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    [error] = answer.json()["errors"]
    assert (error["field"], error["code"]) == (field, code)
    assert (await admin.get("/api/v1/locations")).json()["total"] == 0


async def test_half_a_pair_of_coordinates_is_refused_on_change_too(admin: httpx.AsyncClient, organisation: str) -> None:
    location = (await admin.post("/api/v1/locations", json=BERLIN)).json()
    answer = await admin.patch(f"/api/v1/locations/{location['id']}", json={"longitude": None})
    assert answer.json()["code"] == "invalid_coordinates"
    both = {"longitude": None, "latitude": None}
    assert (await admin.patch(f"/api/v1/locations/{location['id']}", json=both)).status_code == 200


async def test_before_there_is_an_organisation_there_is_no_location(admin: httpx.AsyncClient) -> None:
    answer = await admin.post("/api/v1/locations", json=BERLIN)
    assert (answer.status_code, answer.json()["code"]) == (409, "no_organisation")


async def test_a_location_with_stations_stays(admin: httpx.AsyncClient, organisation: str) -> None:
    location = (await admin.post("/api/v1/locations", json=BERLIN)).json()
    await admin.post("/api/v1/stations", json={"identity": "CS-1", "location_id": location["id"]})
    answer = await admin.delete(f"/api/v1/locations/{location['id']}")
    assert (answer.status_code, answer.json()["code"]) == (409, "location_in_use")
    assert (await admin.get(f"/api/v1/locations/{location['id']}")).json()["stations"] == 1


async def test_lists_are_paged_and_sorted_with_what_has_no_value_last(
    admin: httpx.AsyncClient, organisation: str
) -> None:
    for name, city in (("A", "Ulm"), ("B", None), ("C", "Aachen")):
        await admin.post("/api/v1/locations", json={"name": name, "time_zone": "UTC", "city": city})

    async def names(**params: Any) -> list[str]:
        return [item["name"] for item in (await admin.get("/api/v1/locations", params=params)).json()["items"]]

    assert await names() == ["A", "B", "C"]
    assert await names(sort="city") == ["C", "A", "B"]
    assert await names(sort="-city") == ["A", "C", "B"]
    assert await names(sort="-name", offset=1, limit=1) == ["B"]
    assert (await admin.get("/api/v1/locations", params={"sort": "stations"})).status_code == 422


async def test_a_viewer_changes_nothing_and_nobody_reads_nothing(
    client: httpx.AsyncClient, viewer: httpx.AsyncClient, organisation: str
) -> None:
    assert (await viewer.post("/api/v1/locations", json=BERLIN)).status_code == 403
    assert (await client.get("/api/v1/locations")).status_code == 401
