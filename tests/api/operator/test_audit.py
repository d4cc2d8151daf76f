"""Who changed what, and when."""

from typing import Any

import httpx


async def entries(client: httpx.AsyncClient, **query: str) -> list[dict[str, Any]]:
    return (await client.get("/api/v1/audit", params=query)).json()["items"]


async def test_a_change_is_told_with_before_and_after(ana: httpx.AsyncClient, clock: Any) -> None:
    made = (await ana.post("/api/v1/organisations", json={"name": "Sky"})).json()
    clock.pass_by(minutes=5)
    await ana.patch(f"/api/v1/organisations/{made['id']}", json={"name": "Blue Sky"})
    await ana.delete(f"/api/v1/organisations/{made['id']}")

    told = await entries(ana, subject_kind="organisation", sort="at")
    assert [(entry["action"], entry["before"], entry["after"]) for entry in told] == [
        ("create", None, {"name": "Sky", "parent_id": None}),
        ("change", {"name": "Sky", "parent_id": None}, {"name": "Blue Sky", "parent_id": None}),
        ("remove", {"name": "Blue Sky", "parent_id": None}, None),
    ]
    assert {entry["actor"] for entry in told} == {"Ana Meyer <ana@example.org>"}
    assert {entry["actor_kind"] for entry in told} == {"user"}
    assert {entry["subject_id"] for entry in told} == {made["id"]}
    assert told[0]["at"] == "2030-01-31T12:00:00Z"


async def test_what_changes_nothing_is_not_told(ana: httpx.AsyncClient) -> None:
    made = (await ana.post("/api/v1/organisations", json={"name": "Sky"})).json()
    same = await ana.patch(f"/api/v1/organisations/{made['id']}", json={"name": "Sky"})
    assert same.json()["updated_at"] == made["updated_at"]
    assert await entries(ana, action="change") == []


async def test_what_failed_is_not_told(ana: httpx.AsyncClient) -> None:
    before = await entries(ana)
    made = await ana.post("/api/v1/organisations", json={"name": "Sky", "parent_id": "0" * 32})
    assert made.status_code == 404
    assert await entries(ana) == before


async def test_no_secret_is_told(ana: httpx.AsyncClient) -> None:
    key = (await ana.post("/api/v1/api-keys", json={"name": "K", "role": "viewer"})).json()["key"]
    bob = {"email": "bob@example.org", "name": "Bob", "role": "viewer", "password": "bob's long password"}
    user = (await ana.post("/api/v1/users", json=bob)).json()
    await ana.patch(f"/api/v1/users/{user['id']}", json={"password": "another long password"})
    told = (await ana.get("/api/v1/audit")).text
    assert '"change_password"' in told
    for secret in (key, bob["password"], "another long password", "argon2"):
        assert secret not in told


async def test_the_trail_is_searched(ana: httpx.AsyncClient, admin: httpx.AsyncClient, clock: Any) -> None:
    await ana.post("/api/v1/organisations", json={"name": "A"})
    clock.pass_by(hours=1)
    await admin.post("/api/v1/organisations", json={"name": "B"})

    async def found(**query: str) -> list[str]:
        query["subject_kind"] = "organisation"
        return [entry["after"]["name"] for entry in await entries(admin, **query)]

    assert await found() == ["B", "A"]
    assert await found(actor="ana@example") == ["A"]
    assert await found(actor="tests' administrator <csms_") == ["B"]
    assert await found(**{"from": "2030-01-31T13:00:00Z"}) == ["B"]
    assert await found(to="2030-01-31T14:00:00+01:00") == ["A"]
    assert await found(action="remove") == []


async def test_times_need_a_zone(admin: httpx.AsyncClient) -> None:
    refused = await admin.get("/api/v1/audit", params={"from": "2030-01-31T13:00:00"})
    [error] = refused.json()["errors"]
    assert error["message"] == "must be a time with its zone, such as 2030-01-31T12:00:00Z"


async def test_viewers_do_not_read_it(viewer: httpx.AsyncClient) -> None:
    assert (await viewer.get("/api/v1/audit")).status_code == 403
