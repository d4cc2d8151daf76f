"""Looking at one place only: a header narrows lists and figures, and never shows more than the caller may see."""

from typing import Any
from uuid import UUID

import httpx

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
    figures = (await client.get("/api/v1/overview", headers={"Bluesky-Within": within})).json()
    assert figures["stations"] == len(listed)
    return {station["identity"] for station in listed}


async def test_an_organisation_is_seen_with_all_below_and_a_location_alone(admin: httpx.AsyncClient) -> None:
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


async def test_nonsense_is_refused(admin: httpx.AsyncClient) -> None:
    for wanted in ("everything", "location=here", "planet=00000000-0000-0000-0000-000000000000"):
        answer = await admin.get("/api/v1/stations", headers={"Bluesky-Within": wanted})
        assert (answer.status_code, answer.json()["code"]) == (422, "unclear_place")
