"""Looking at one place only: a header narrows lists and figures, and never shows more than the caller may see."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from csms.api import scoping
from csms.api.context import ApiContext
from csms.domain.accounts.grants import NewGrant
from csms.domain.accounts.rules import Role

from .conftest import Connect
from .test_rights import keyed


async def _places(admin: httpx.AsyncClient) -> dict[str, str]:
    """Two organisations, one below the other, with a location and a station each."""
    places: dict[str, str] = {}
    parent = None
    for name in ("above", "below"):
        body: dict[str, Any] = {"name": name, "parent_id": parent}
        parent = places[name] = (await admin.post("/api/v1/organisations", json=body)).json()["id"]
        place = {"name": f"at {name}", "time_zone": "UTC", "organisation_id": parent}
        places[f"at {name}"] = (await admin.post("/api/v1/locations", json=place)).json()["id"]
        station = {"identity": f"CS-{name}", "location_id": places[f"at {name}"]}
        assert (await admin.post("/api/v1/stations", json=station)).status_code == 201
    return places


async def _seen(client: httpx.AsyncClient, within: str) -> set[str]:
    listed = (await client.get("/api/v1/stations", headers={"Bluesky-Within": within})).json()["items"]
    last = {"sort": "-created_at", "offset": len(listed) // 2}
    again = (await client.get("/api/v1/stations", params=last, headers={"Bluesky-Within": within})).json()
    figures = (await client.get("/api/v1/overview", headers={"Bluesky-Within": within})).json()
    assert figures["stations"] == again["total"] == len(listed)
    assert {station["identity"] for station in again["items"]} <= {station["identity"] for station in listed}
    return {station["identity"] for station in listed}


@pytest.mark.parametrize("few", [scoping.FEW, 0], ids=["few stations", "many stations"])
async def test_an_organisation_is_seen_with_all_below_and_a_location_alone(
    admin: httpx.AsyncClient, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoping, "FEW", few)
    places = await _places(admin)

    assert await _seen(admin, f"organisation={places['above']}") == {"CS-above", "CS-below"}
    assert await _seen(admin, f"organisation={places['below']}") == {"CS-below"}
    assert await _seen(admin, f"location={places['at above']}") == {"CS-above"}
    assert await _seen(admin, "location=00000000-0000-0000-0000-000000000000") == set()


async def test_it_shows_nothing_beyond_what_the_caller_may_see(
    context: ApiContext, admin: httpx.AsyncClient, connect: Connect
) -> None:
    places = await _places(admin)
    host = await keyed(context, connect, NewGrant(Role.OPERATOR, location_id=UUID(places["at below"])))

    assert await _seen(host, f"organisation={places['above']}") == {"CS-below"}
    assert await _seen(host, f"location={places['at above']}") == set()


async def test_id_tokens_are_those_of_the_organisation_and_at_a_location_of_its_organisation(
    context: ApiContext, admin: httpx.AsyncClient, connect: Connect
) -> None:
    places = await _places(admin)
    for uid, whose in (("ABOVE", places["above"]), ("BELOW", places["below"]), ("NOBODYS", None)):
        body = {"uid": uid, "organisation_id": whose}
        assert (await admin.post("/api/v1/id-tokens", json=body)).status_code == 201

    async def seen(client: httpx.AsyncClient, within: str) -> set[str]:
        listed = await client.get("/api/v1/id-tokens", headers={"Bluesky-Within": within})
        return {token["uid"] for token in listed.json()["items"]}

    assert await seen(admin, f"organisation={places['above']}") == {"ABOVE", "BELOW"}
    assert await seen(admin, f"location={places['at above']}") == {"ABOVE"}
    assert await seen(admin, f"location={places['at below']}") == {"BELOW"}
    assert await seen(admin, "location=00000000-0000-0000-0000-000000000000") == set()
    below = await keyed(context, connect, NewGrant(Role.OPERATOR, organisation_id=UUID(places["below"])))
    assert await seen(below, f"location={places['at below']}") == {"BELOW"}
    assert await seen(below, f"location={places['at above']}") == set()
    host = await keyed(context, connect, NewGrant(Role.OPERATOR, location_id=UUID(places["at below"])))
    assert await seen(host, f"location={places['at below']}") == set()  # has the place, not what its organisation has


async def test_people_and_the_audit_trail_are_those_of_the_place(admin: httpx.AsyncClient) -> None:
    places = await _places(admin)
    for name, where in (
        ("everywhere", {}),
        ("above", {"organisation_id": places["above"]}),
        ("below", {"location_id": places["at below"]}),
    ):
        body = {
            "email": f"{name}@example.org", "name": name, "password": "three random words",
            "grants": [{"role": "operator", **where}],
        }  # fmt: skip
        assert (await admin.post("/api/v1/users", json=body)).status_code == 201

    async def listed(path: str, within: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = (await admin.get(path, headers={"Bluesky-Within": within})).json()["items"]
        return items

    above, at_below = f"organisation={places['above']}", f"location={places['at below']}"
    assert {user["name"] for user in await listed("/api/v1/users", above)} == {"above", "below"}
    assert {user["name"] for user in await listed("/api/v1/users", at_below)} == {"below"}
    changed = await listed("/api/v1/audit", at_below)
    assert {entry["subject_id"] for entry in changed if entry["subject_kind"] == "station"} == {"CS-below"}


async def test_nonsense_is_refused(admin: httpx.AsyncClient) -> None:
    for wanted in ("everything", "location=here", "planet=00000000-0000-0000-0000-000000000000"):
        answer = await admin.get("/api/v1/stations", headers={"Bluesky-Within": wanted})
        assert (answer.status_code, answer.json()["code"]) == (422, "unclear_place")
