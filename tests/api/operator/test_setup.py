"""A stranger with the printed link sets the system up, once."""

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from csms.api.context import ApiContext
from csms.domain.accounts import service as accounts
from csms.domain.accounts.errors import SetupDone
from csms.domain.accounts.model import Organisation, User


@pytest.fixture
async def form(context: ApiContext) -> dict[str, Any]:
    async with context.database.unit() as session:
        token = await accounts.new_setup_link(session, context.clock.now())
    return {
        "token": token,
        "email": "Ana@Example.org",
        "name": "Ana Meyer",
        "password": "three random words",
        "organisation_name": "Sky Power",
    }


async def test_the_link_makes_the_first_administrator_and_signs_in(
    client: httpx.AsyncClient, form: dict[str, Any]
) -> None:
    assert (await client.get("/api/v1/setup")).json() == {"needed": True}
    done = await client.post("/api/v1/setup", json=form)
    assert done.status_code == 201
    assert done.json()["email"] == "ana@example.org"

    me = (await client.get("/api/v1/me")).json()
    assert (me["name"], me["role"]) == ("Ana Meyer", "administrator")
    [organisation] = (await client.get("/api/v1/organisations")).json()["items"]
    [user] = (await client.get("/api/v1/users")).json()["items"]
    assert user["organisation_id"] == organisation["id"]
    trail = (await client.get("/api/v1/audit", params={"sort": "at"})).json()["items"]
    assert [(entry["action"], entry["subject_kind"]) for entry in trail] == [
        ("create", "organisation"),
        ("create", "user"),
        ("sign_in", "user"),
    ]
    assert {entry["actor"] for entry in trail} == {"Ana Meyer <ana@example.org>"}
    assert (await client.get("/api/v1/setup")).json() == {"needed": False}


async def test_the_link_works_once(client: httpx.AsyncClient, form: dict[str, Any]) -> None:
    await client.post("/api/v1/setup", json=form)
    again = await client.post("/api/v1/setup", json={**form, "email": "eve@example.org"})
    assert (again.status_code, again.json()["code"]) == (409, "setup_done")


async def test_of_two_at_the_same_moment_one_wins(
    client: httpx.AsyncClient, context: ApiContext, form: dict[str, Any]
) -> None:
    both = [client.post("/api/v1/setup", json={**form, "email": f"{name}@example.org"}) for name in ("ana", "eve")]
    statuses = sorted(answer.status_code for answer in await asyncio.gather(*both))
    assert statuses == [201, 409]
    async with context.database.view() as session:
        assert await session.scalar(select(func.count()).select_from(User)) == 1
        assert await session.scalar(select(func.count()).select_from(Organisation)) == 1


async def test_a_mistake_does_not_use_the_link_up(client: httpx.AsyncClient, form: dict[str, Any]) -> None:
    short = await client.post("/api/v1/setup", json={**form, "password": "short"})
    assert (short.status_code, short.json()["errors"][0]["field"]) == (422, "password")
    odd = await client.post("/api/v1/setup", json={**form, "email": "ana"})
    assert (odd.status_code, odd.json()["errors"][0]["field"]) == (422, "email")
    assert (await client.post("/api/v1/setup", json=form)).status_code == 201


async def test_an_unknown_link_opens_nothing(client: httpx.AsyncClient, form: dict[str, Any]) -> None:
    refused = await client.post("/api/v1/setup", json={**form, "token": "guess"})
    assert (refused.status_code, refused.json()["code"]) == (404, "setup_link_unknown")


async def test_a_newer_link_replaces_the_older(
    client: httpx.AsyncClient, context: ApiContext, form: dict[str, Any]
) -> None:
    async with context.database.unit() as session:
        newer = await accounts.new_setup_link(session, context.clock.now())
    assert (await client.post("/api/v1/setup", json=form)).status_code == 404
    assert (await client.post("/api/v1/setup", json={**form, "token": newer})).status_code == 201


async def test_no_link_once_there_is_a_user(ana: httpx.AsyncClient, context: ApiContext) -> None:
    async with context.database.unit() as session:
        with pytest.raises(SetupDone):
            await accounts.new_setup_link(session, context.clock.now())


async def test_the_organisation_may_come_later(client: httpx.AsyncClient, form: dict[str, Any]) -> None:
    del form["organisation_name"]
    assert (await client.post("/api/v1/setup", json=form)).status_code == 201
    assert (await client.get("/api/v1/organisations")).json()["total"] == 0


async def test_the_environment_makes_the_first_administrator_once(
    client: httpx.AsyncClient, context: ApiContext
) -> None:
    async def ensure(password: str) -> bool:
        return await accounts.ensure_first_administrator(
            context.database, context.passwords, context.clock, email="Root@Example.org", password=password
        )

    assert await ensure("from the environment")
    assert not await ensure("another one, later")
    body = {"email": "root@example.org", "password": "from the environment"}
    assert (await client.post("/api/v1/sign-in", json=body)).status_code == 200
