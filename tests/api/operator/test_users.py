"""The people who work with the console."""

from typing import Any

import httpx
import pytest

BASE = "http://bluesky.test"
BOB = {"email": "Bob@Example.org", "name": "Bob", "role": "viewer", "password": "bob's long password"}


async def my_id(client: httpx.AsyncClient) -> str:
    return str((await client.get("/api/v1/me")).json()["id"])


async def test_bob_comes_works_and_goes(ana: httpx.AsyncClient, connect: Any) -> None:
    made = await ana.post("/api/v1/users", json=BOB)
    assert made.status_code == 201
    bob = made.json()
    assert (bob["email"], bob["role"], bob["disabled"]) == ("bob@example.org", "viewer", False)
    assert "password" not in made.text

    browser = connect(headers={"Origin": BASE})
    await browser.post("/api/v1/sign-in", json={"email": BOB["email"], "password": BOB["password"]})
    assert (await browser.get("/api/v1/organisations")).status_code == 200
    assert (await browser.get("/api/v1/users")).status_code == 403

    await ana.patch(f"/api/v1/users/{bob['id']}", json={"role": "administrator", "name": "Bob Lee"})
    assert (await browser.get("/api/v1/users")).json()["total"] == 2

    assert (await ana.delete(f"/api/v1/users/{bob['id']}")).status_code == 204
    assert (await browser.get("/api/v1/me")).status_code == 401
    assert (await ana.get(f"/api/v1/users/{bob['id']}")).status_code == 404


async def test_who_is_disabled_is_out_at_once(ana: httpx.AsyncClient, connect: Any) -> None:
    bob = (await ana.post("/api/v1/users", json=BOB)).json()
    browser = connect(headers={"Origin": BASE})
    await browser.post("/api/v1/sign-in", json={"email": BOB["email"], "password": BOB["password"]})

    disabled = await ana.patch(f"/api/v1/users/{bob['id']}", json={"disabled": True})
    assert disabled.json()["disabled"] is True
    assert (await browser.get("/api/v1/me")).status_code == 401
    await ana.patch(f"/api/v1/users/{bob['id']}", json={"disabled": False})
    assert (await browser.get("/api/v1/me")).status_code == 401
    assert (
        await browser.post("/api/v1/sign-in", json={"email": BOB["email"], "password": BOB["password"]})
    ).status_code == 200


async def test_a_password_set_by_another_signs_out_everywhere(ana: httpx.AsyncClient, connect: Any) -> None:
    bob = (await ana.post("/api/v1/users", json=BOB)).json()
    browser = connect(headers={"Origin": BASE})
    await browser.post("/api/v1/sign-in", json={"email": BOB["email"], "password": BOB["password"]})
    await ana.patch(f"/api/v1/users/{bob['id']}", json={"password": "a new long password"})
    assert (await browser.get("/api/v1/me")).status_code == 401


@pytest.mark.parametrize("change", [{"disabled": True}, {"role": "viewer"}, None])
async def test_the_last_administrator_stays(ana: httpx.AsyncClient, change: dict[str, object] | None) -> None:
    path = f"/api/v1/users/{await my_id(ana)}"
    refused = await (ana.delete(path) if change is None else ana.patch(path, json=change))
    assert (refused.status_code, refused.json()["code"]) == (409, "last_administrator")
    assert (await ana.get("/api/v1/me")).json()["role"] == "administrator"


async def test_a_disabled_administrator_does_not_count(ana: httpx.AsyncClient) -> None:
    other = (await ana.post("/api/v1/users", json={**BOB, "role": "administrator"})).json()
    await ana.patch(f"/api/v1/users/{other['id']}", json={"disabled": True})
    path = f"/api/v1/users/{await my_id(ana)}"
    assert (await ana.patch(path, json={"role": "viewer"})).status_code == 409
    await ana.patch(f"/api/v1/users/{other['id']}", json={"disabled": False})
    assert (await ana.patch(path, json={"role": "viewer"})).status_code == 200


async def test_an_address_belongs_to_one_user(ana: httpx.AsyncClient) -> None:
    bob = (await ana.post("/api/v1/users", json=BOB)).json()
    taken = await ana.post("/api/v1/users", json={**BOB, "email": " ANA@example.org"})
    assert (taken.status_code, taken.json()["code"]) == (409, "email_taken")
    taken = await ana.patch(f"/api/v1/users/{bob['id']}", json={"email": "ana@example.org"})
    assert taken.status_code == 409
    assert (await ana.patch(f"/api/v1/users/{bob['id']}", json={"email": "BOB@example.org"})).status_code == 200


@pytest.mark.parametrize("email", ["", "ana", "a@", "@b", "a b@c", "a@b@c", "a\n@b.c", "<a@b.c>"])
async def test_what_is_no_address_is_refused(admin: httpx.AsyncClient, email: str) -> None:
    refused = await admin.post("/api/v1/users", json={**BOB, "email": email})
    assert (refused.status_code, refused.json()["code"]) == (422, "unusable_email")


async def test_null_is_not_a_name(admin: httpx.AsyncClient, ana: httpx.AsyncClient) -> None:
    for field in ("name", "email", "role", "disabled", "password"):
        refused = await admin.patch(f"/api/v1/users/{await my_id(ana)}", json={field: None})
        assert refused.status_code == 422, field


async def test_an_organisation_that_is_not_there_is_refused(admin: httpx.AsyncClient) -> None:
    nil = "00000000-0000-0000-0000-000000000000"
    refused = await admin.post("/api/v1/users", json={**BOB, "organisation_id": nil})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (404, "organisation_id")
    assert (await admin.get("/api/v1/users")).json()["total"] == 0


async def test_users_are_found_by_part_role_and_state(ana: httpx.AsyncClient) -> None:
    await ana.post("/api/v1/users", json=BOB)

    async def found(**query: str) -> list[str]:
        return [item["name"] for item in (await ana.get("/api/v1/users", params=query)).json()["items"]]

    assert await found() == ["Ana Meyer", "Bob"]
    assert await found(search="OB@EX") == ["Bob"]
    assert await found(role="administrator") == ["Ana Meyer"]
    assert await found(disabled="true") == []
    assert await found(sort="-email") == ["Bob", "Ana Meyer"]
