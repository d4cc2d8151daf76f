"""Roles in an organisation and at a location, as the people who have them see it."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from csms.api.context import ApiContext
from csms.domain.accounts import service as accounts
from csms.domain.accounts.grants import NewGrant
from csms.domain.accounts.rules import Role
from csms.domain.firmware.model import StoredFile

from .conftest import World

BASE = "http://bluesky.test"
PASSWORD = "a long password"


async def organisation(admin: httpx.AsyncClient, name: str, parent_id: str | None = None) -> str:
    made = await admin.post("/api/v1/organisations", json={"name": name, "parent_id": parent_id})
    return str(made.json()["id"])


async def location(admin: httpx.AsyncClient, name: str, organisation_id: str) -> str:
    body = {"name": name, "time_zone": "UTC", "organisation_id": organisation_id}
    return str((await admin.post("/api/v1/locations", json=body)).json()["id"])


async def person(admin: httpx.AsyncClient, connect: Any, name: str, *grants: dict[str, Any]) -> httpx.AsyncClient:
    """Somebody with these roles, signed in."""
    email = f"{name}@example.org"
    body = {"email": email, "name": name, "password": PASSWORD, "grants": list(grants)}
    made = await admin.post("/api/v1/users", json=body)
    assert made.status_code == 201, made.text
    browser: httpx.AsyncClient = connect(headers={"Origin": BASE})
    await browser.post("/api/v1/sign-in", json={"email": email, "password": PASSWORD})
    return browser


async def found(client: httpx.AsyncClient, path: str) -> list[str]:
    items = (await client.get(f"/api/v1/{path}")).json()["items"]
    return [item.get("identity") or item.get("name") or item.get("station") for item in items]


async def test_a_site_host_sees_the_own_premises_and_helps_a_guest(
    admin: httpx.AsyncClient, connect: Any, world: World
) -> None:
    owner = await organisation(admin, "Blue Charging")
    hotel, market = await location(admin, "Hotel", owner), await location(admin, "Market", owner)
    await world.station("HOTEL-1", online=True, location_id=hotel)
    await world.station("MARKET-1", online=True, location_id=market)
    await world.session("HOTEL-1", id_token="04A2B7C9D1E3", power_w=7_000.0)
    theirs = await world.session("MARKET-1", power_w=11_000.0)
    host = await person(admin, connect, "host", {"role": "site_host", "location_id": hotel})

    assert await found(host, "stations") == ["HOTEL-1"]
    assert await found(host, "locations") == ["Hotel"]
    [session] = (await host.get("/api/v1/sessions")).json()["items"]
    assert (session["station"], session["id_token"]) == ("HOTEL-1", "••••D1E3")
    [running] = (await host.get("/api/v1/stations/HOTEL-1")).json()["sessions"]
    assert running["id_token"] == "••••D1E3"
    overview = (await host.get("/api/v1/overview")).json()
    assert (overview["stations"], overview["active_sessions"], overview["power_w"]) == (1, 1, 7_000.0)
    assert (await host.get("/api/v1/sessions/summary")).json()["sessions"] == 1
    assert (await host.get("/api/v1/sessions", params={"id_token": "04A2B7C9D1E3"})).status_code == 403

    for verb, body in (("unlock", {"evse": 1}), ("stop", {"session": session["uid"]})):
        assert (await host.post(f"/api/v1/stations/HOTEL-1/commands/{verb}", json=body)).status_code == 202
    assert (await host.post("/api/v1/stations/HOTEL-1/commands/stop", json={"session": theirs})).status_code == 404
    refused = await host.post("/api/v1/stations/HOTEL-1/commands/reset", json={"kind": "soft"})
    assert (
        refused.json()["detail"]
        == "This takes one of the roles administrator, operator, technician here; yours is site host."
    )
    assert (await host.post("/api/v1/stations/MARKET-1/commands/unlock", json={"evse": 1})).status_code == 404


async def test_an_operator_sees_all_below_the_organisation(
    admin: httpx.AsyncClient, connect: Any, world: World
) -> None:
    root = await organisation(admin, "Root")
    north, south = await organisation(admin, "North", root), await organisation(admin, "South", root)
    far_north = await organisation(admin, "Far north", north)
    for identity, owner in (("R-1", root), ("N-1", north), ("FN-1", far_north), ("S-1", south)):
        await world.station(identity, location_id=await location(admin, identity, owner))
    operator = await person(admin, connect, "op", {"role": "operator", "organisation_id": north})
    assert await found(operator, "stations") == ["FN-1", "N-1"]
    assert await found(operator, "organisations") == ["Far north", "North"]
    [scope] = (await operator.get("/api/v1/me")).json()["scopes"]
    assert set(scope["organisation_ids"]) == {north, far_north}

    nowhere = await operator.post("/api/v1/stations", json={"identity": "NEW"})
    assert (nowhere.status_code, nowhere.json()["code"]) == (422, "place_needed")
    token = await operator.post("/api/v1/id-tokens", json={"uid": "CARD"})
    assert token.json()["organisation_id"] == north
    assert (await operator.post("/api/v1/id-tokens", json={"uid": "C2", "organisation_id": south})).status_code == 404


async def test_who_sees_more_than_they_may_change_is_told_why(
    admin: httpx.AsyncClient, connect: Any, world: World
) -> None:
    north, south = await organisation(admin, "North"), await organisation(admin, "South")
    for identity, owner in (("N-1", north), ("S-1", south)):
        await world.station(identity, location_id=await location(admin, identity, owner))
    mixed = await person(admin, connect, "mixed", {"role": "viewer"}, {"role": "operator", "organisation_id": north})
    assert await found(mixed, "stations") == ["N-1", "S-1"]
    assert (await mixed.patch("/api/v1/stations/N-1", json={"name": "One"})).status_code == 200
    refused = await mixed.patch("/api/v1/stations/S-1", json={"name": "One"})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")


async def test_an_administrator_of_an_organisation_grants_roles_within_it(
    admin: httpx.AsyncClient, connect: Any
) -> None:
    north, south = await organisation(admin, "North"), await organisation(admin, "South")
    nora = await person(admin, connect, "nora", {"role": "administrator", "organisation_id": north})
    both = [{"role": "viewer", "organisation_id": north}, {"role": "viewer", "organisation_id": south}]
    await person(admin, connect, "both", *both)
    new = {"email": "new@example.org", "name": "New", "password": PASSWORD}

    for grants, status in (
        ([{"role": "viewer"}], 403),
        ([{"role": "viewer", "organisation_id": south}], 404),
        ([{"role": "operator", "organisation_id": north}], 201),
    ):
        assert (await nora.post("/api/v1/users", json={**new, "grants": grants})).status_code == status, grants
        assert (await nora.post("/api/v1/api-keys", json={"name": "K", "grants": grants})).status_code == status, grants

    people = {item["name"]: item["id"] for item in (await nora.get("/api/v1/users")).json()["items"]}
    assert set(people) == {"nora", "both", "New"}
    taken = await nora.patch(f"/api/v1/users/{people['both']}", json={"password": "another password"})
    assert (taken.status_code, taken.json()["code"]) == (403, "beyond_reach")
    raised = await nora.patch(f"/api/v1/users/{people['New']}", json={"role": "administrator"})
    assert (raised.status_code, raised.json()["code"]) == (403, "beyond_reach")


async def test_the_audit_trail_of_an_organisation_outlives_its_subjects(
    admin: httpx.AsyncClient, connect: Any, world: World
) -> None:
    north, south = await organisation(admin, "North"), await organisation(admin, "South")
    for identity, owner in (("N-1", north), ("S-1", south)):
        await world.station(identity, location_id=await location(admin, identity, owner))
        await admin.delete(f"/api/v1/stations/{identity}")
    nora = await person(admin, connect, "nora", {"role": "administrator", "organisation_id": north})

    async def removed(client: httpx.AsyncClient, **query: str) -> list[str]:
        items = (await client.get("/api/v1/audit", params={"action": "remove", **query})).json()["items"]
        return sorted(item["subject_id"] for item in items)

    assert await removed(nora) == ["N-1"]
    assert await removed(admin) == ["N-1", "S-1"]
    assert await removed(admin, organisation_id=south) == ["S-1"]
    assert (await nora.get("/api/v1/audit", params={"organisation_id": south})).status_code == 404


async def test_a_change_of_roles_is_in_the_audit_trail(admin: httpx.AsyncClient, connect: Any) -> None:
    north = await organisation(admin, "North")
    await person(admin, connect, "nora", {"role": "viewer"})
    [user] = (await admin.get("/api/v1/users")).json()["items"]
    grants = [{"role": "operator", "organisation_id": north}]
    changed = await admin.patch(f"/api/v1/users/{user['id']}", json={"grants": grants})
    assert changed.json()["grants"] == [{"role": "operator", "organisation_id": north, "location_id": None}]
    trail = (await admin.get("/api/v1/audit", params={"action": "change", "subject_kind": "user"})).json()["items"]
    assert trail[0]["before"]["grants"] == [{"role": "viewer", "organisation_id": None, "location_id": None}]
    assert trail[0]["after"]["grants"] == changed.json()["grants"]


@pytest.mark.parametrize(
    "grants",
    [[], [{"role": "king"}], [{"role": "viewer", "organisation_id": "{}", "location_id": "{}"}]],
)
async def test_what_is_no_grant_is_refused(admin: httpx.AsyncClient, grants: list[dict[str, str]]) -> None:
    nil = "00000000-0000-0000-0000-000000000000"
    given = [{name: nil if value == "{}" else value for name, value in grant.items()} for grant in grants]
    body = {"email": "a@example.org", "name": "A", "password": PASSWORD, "grants": given}
    assert (await admin.post("/api/v1/users", json=body)).status_code == 422


async def test_a_role_or_grants_not_both_and_not_neither(admin: httpx.AsyncClient) -> None:
    body = {"email": "a@example.org", "name": "A", "password": PASSWORD}
    for more, code in (({}, "no_grant"), ({"role": "viewer", "grants": [{"role": "viewer"}]}, "ambiguous_grant")):
        refused = await admin.post("/api/v1/users", json={**body, **more})
        assert (refused.status_code, refused.json()["code"]) == (422, code)


async def test_what_a_station_uploaded_stays_hidden_when_it_is_gone(
    admin: httpx.AsyncClient, connect: Any, context: ApiContext, world: World
) -> None:
    north = await organisation(admin, "North")
    mine = await world.station("N-1", location_id=await location(admin, "N", north))
    files = {"image": (None, "ac22.bin"), "upload": (mine, "n-1.log"), "orphan": (None, "secret-site.log")}
    async with context.database.unit() as session:
        for number, (kind, (station_id, name)) in enumerate(files.items()):
            session.add(
                StoredFile(
                    id=UUID(int=number), kind=kind, name=name, content_type="text/plain", size=1, sha256="x",
                    station_id=station_id, job_id=None, created_at=context.clock.now(),
                )
            )  # fmt: skip
    technician = await person(admin, connect, "tech", {"role": "technician", "organisation_id": north})
    assert sorted(await found(technician, "files")) == ["ac22.bin", "n-1.log"]
    assert len(await found(admin, "files")) == 3


async def test_live_data_shows_only_the_own_places(
    app: Any, admin: httpx.AsyncClient, context: ApiContext, connect: Any, world: World
) -> None:
    owner = await organisation(admin, "Blue Charging")
    hotel = await location(admin, "Hotel", owner)
    await world.station("HOTEL-1", online=True, location_id=hotel)
    await world.station("ELSEWHERE", online=True)
    await world.session("HOTEL-1", id_token="04A2B7C9D1E3")
    async with context.database.unit() as session:
        grant = NewGrant(Role.SITE_HOST, location_id=UUID(hotel))
        _, text = await accounts.create_api_key(session, "host", [grant], context.clock.now())
    host = connect(headers={"Authorization": f"Bearer {text}"})
    app.state.live._pace = app.state.live._pace._replace(longest_s=0.2, heartbeat_s=0.05)
    heard = (await host.get("/api/v1/live")).text
    assert "HOTEL-1" in heard
    assert "ELSEWHERE" not in heard
    assert "04A2B7C9D1E3" not in heard
    assert "D1E3" in heard
    assert (await host.get("/api/v1/live", params={"station": "ELSEWHERE"})).text.count("ELSEWHERE") == 0
