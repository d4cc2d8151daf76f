"""Who is asking, and from where."""

from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from csms.api.app import create_app
from csms.api.context import ApiContext, ApiSettings

BASE = "http://bluesky.test"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.test"},
        {"Origin": "http://bluesky.test.evil.test"},
        {"Origin": "null"},
        {"Origin": "http://[bad"},
        {"Origin": BASE, "Sec-Fetch-Site": "cross-site"},
        {"Origin": BASE, "Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {},
    ],
)
async def test_another_site_cannot_use_the_cookie(
    ana: httpx.AsyncClient, connect: Any, headers: dict[str, str]
) -> None:
    lured = connect(cookies=dict(ana.cookies), headers=headers)
    refused = await lured.post("/api/v1/organisations", json={"name": "Evil"})
    assert (refused.status_code, refused.json()["code"]) == (403, "foreign_origin")
    assert (await ana.get("/api/v1/organisations")).json()["total"] == 0


@pytest.mark.parametrize("headers", [{"Origin": BASE}, {"Sec-Fetch-Site": "same-origin"}])
async def test_our_own_pages_may_use_the_cookie(ana: httpx.AsyncClient, connect: Any, headers: dict[str, str]) -> None:
    browser = connect(cookies=dict(ana.cookies), headers=headers)
    assert (await browser.post("/api/v1/organisations", json={"name": "Ours"})).status_code == 201


async def test_behind_a_proxy_the_public_address_counts(ana: httpx.AsyncClient, context: ApiContext) -> None:
    app = create_app(replace(context, settings=ApiSettings(public_url="https://sky.example.org")))
    browser = httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://inside:8080",
        cookies=dict(ana.cookies),
        headers={"Origin": "https://sky.example.org"},
    )
    async with browser:
        assert (await browser.post("/api/v1/organisations", json={"name": "Ours"})).status_code == 201


async def test_another_site_cannot_sign_its_visitors_in_here(client: httpx.AsyncClient) -> None:
    for path in ("sign-in", "setup", "sign-out"):
        body = {
            "sign-in": {"email": "a@b", "password": "x"},
            "setup": {"token": "t", "email": "a@b", "name": "A", "password": "x"},
        }.get(path)
        refused = await client.post(f"/api/v1/{path}", json=body, headers={"Origin": "http://evil.test"})
        assert refused.json()["code"] == "foreign_origin", path


async def test_a_key_needs_no_origin(admin: httpx.AsyncClient) -> None:
    assert (await admin.post("/api/v1/organisations", json={"name": "Ours"})).status_code == 201


@pytest.mark.parametrize("sent", ["Bearer csms_nothing", "Bearer ", "Bearer", "Basic YTpi", "Bearer ключ".encode()])
async def test_a_wrong_key_is_refused_even_beside_a_good_cookie(ana: httpx.AsyncClient, sent: str | bytes) -> None:
    refused = await ana.get("/api/v1/me", headers={"Authorization": sent})
    assert (refused.status_code, refused.json()["code"]) == (401, "not_signed_in")
    assert refused.headers["www-authenticate"].startswith("Bearer")


async def test_a_role_nobody_knows_allows_nothing(admin: httpx.AsyncClient, context: ApiContext) -> None:
    async with context.database.unit() as session:
        await session.execute(text("UPDATE grants SET role = 'emperor'"))
    assert (await admin.get("/api/v1/organisations")).json()["code"] == "not_allowed"
