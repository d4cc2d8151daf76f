"""Signing in, staying signed in, and leaving."""

import asyncio
from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from csms.api.app import create_app
from csms.api.context import ApiContext, ApiSettings
from csms.domain.accounts import service as accounts
from csms.domain.accounts.model import SignInFailure, WebSession
from csms.kit.tables import Base

BASE = "http://bluesky.test"
ANA = {"email": "ana@example.org", "password": "three random words"}
WRONG = {**ANA, "password": "three other words"}


async def everything_stored(context: ApiContext) -> str:
    """Every row of every table."""
    async with context.database.view() as session:
        return repr([(await session.execute(select(table))).all() for table in Base.metadata.sorted_tables])


async def test_ana_signs_in_and_out(ana: httpx.AsyncClient) -> None:
    me = (await ana.get("/api/v1/me")).json()
    assert (me["kind"], me["name"], me["email"], me["role"]) == ("user", "Ana Meyer", ANA["email"], "administrator")
    assert {"users.write", "inbox.write", "stations.read"} < set(me["rights"])
    [scope] = me["scopes"]
    assert (scope["role"], scope["everything"], scope["rights"]) == ("administrator", True, me["rights"])

    left = await ana.post("/api/v1/sign-out")
    assert left.status_code == 204
    assert "csms_session" not in ana.cookies
    assert (await ana.get("/api/v1/me")).json()["code"] == "not_signed_in"
    assert (await ana.post("/api/v1/sign-out")).status_code == 204


async def test_a_stolen_cookie_is_worth_nothing_after_sign_out(ana: httpx.AsyncClient, connect: Any) -> None:
    thief = connect(cookies={"csms_session": ana.cookies["csms_session"]})
    assert (await thief.get("/api/v1/me")).status_code == 200
    await ana.post("/api/v1/sign-out")
    assert (await thief.get("/api/v1/me")).status_code == 401


async def test_the_cookie_is_out_of_reach(ana: httpx.AsyncClient, context: ApiContext) -> None:
    answer = await ana.post("/api/v1/sign-in", json={**ANA, "email": "  ANA@Example.org "})
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Path=/" in cookie
    assert "Secure" not in cookie
    token = ana.cookies["csms_session"]
    assert len(token) >= 43
    assert token not in answer.text
    stored = await everything_stored(context)
    assert ANA["email"] in stored
    assert token not in stored
    assert ANA["password"] not in stored


async def test_over_https_the_cookie_is_secure(context: ApiContext, ana: httpx.AsyncClient) -> None:
    app = create_app(replace(context, settings=ApiSettings(secure_cookies=True)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://bluesky.test") as client:
        assert "Secure" in (await client.post("/api/v1/sign-in", json=ANA)).headers["set-cookie"]


async def test_unknown_wrong_and_disabled_sound_the_same(ana: httpx.AsyncClient, client: httpx.AsyncClient) -> None:
    bob = {"email": "bob@example.org", "password": "bob's long password"}
    made = await ana.post("/api/v1/users", json={**bob, "name": "Bob", "role": "viewer"})
    await ana.patch(f"/api/v1/users/{made.json()['id']}", json={"disabled": True})
    told = []
    for attempt in (WRONG, {**ANA, "email": "nobody@example.org"}, bob):
        answer = await client.post("/api/v1/sign-in", json=attempt)
        assert answer.status_code == 401
        assert "set-cookie" not in answer.headers
        told.append({**answer.json(), "request_id": None})
    assert told[0] == told[1] == told[2]
    assert told[0]["code"] == "wrong_sign_in"


async def test_guessing_slows_down_by_address_of_mail(ana: httpx.AsyncClient, connect: Any, clock: Any) -> None:
    async def attempt(body: dict[str, str], network: int) -> httpx.Response:
        return await connect(address=f"198.51.100.{network}").post("/api/v1/sign-in", json=body)

    for guess in range(5):
        assert (await attempt(WRONG, guess)).status_code == 401
    locked = await attempt(ANA, 6)
    assert (locked.status_code, locked.json()["code"]) == (429, "too_many_attempts")
    assert locked.headers["retry-after"] == "15"
    assert "15 seconds" in locked.json()["detail"]
    assert (await attempt({**WRONG, "email": "bob@example.org"}, 7)).status_code == 401

    clock.pass_by(seconds=15)
    assert (await attempt(WRONG, 8)).status_code == 401
    assert (await attempt(WRONG, 9)).headers["retry-after"] == "30"
    clock.pass_by(seconds=30)
    assert (await attempt(ANA, 10)).status_code == 200
    assert (await attempt(WRONG, 11)).status_code == 401
    assert (await attempt(ANA, 12)).status_code == 200


async def test_guessing_slows_down_by_network(connect: Any, clock: Any) -> None:
    for guess in range(30):
        host = connect(address=f"2001:db8::{guess:x}")
        tried = await host.post("/api/v1/sign-in", json={**WRONG, "email": f"u{guess}@example.org"})
        assert tried.status_code == 401
    neighbour = connect(address="2001:db8::ffff:1")
    assert (await neighbour.post("/api/v1/sign-in", json={**WRONG, "email": "x@example.org"})).status_code == 429
    stranger = connect(address="2001:db8:0:1::1")
    assert (await stranger.post("/api/v1/sign-in", json={**WRONG, "email": "x@example.org"})).status_code == 401


async def test_many_guesses_at_once_gain_nothing(ana: httpx.AsyncClient, client: httpx.AsyncClient) -> None:
    guesses = [client.post("/api/v1/sign-in", json={**WRONG, "password": f"guess number {n}"}) for n in range(20)]
    statuses = [answer.status_code for answer in await asyncio.gather(*guesses)]
    assert sorted(statuses) == [401] * 5 + [429] * 15


async def test_failures_are_forgotten_after_a_day(
    ana: httpx.AsyncClient, client: httpx.AsyncClient, context: ApiContext, clock: Any
) -> None:
    await client.post("/api/v1/sign-in", json={**WRONG, "email": "nobody@example.org"})
    clock.pass_by(hours=25)
    await client.post("/api/v1/sign-in", json=ANA)
    await accounts.forget_old(context.database, clock.now())
    async with context.database.view() as session:
        rows = (await session.scalars(select(SignInFailure))).all()
    assert [(row.subject, row.failures) for row in rows] == [("address:203.0.113.7", 0)]


async def test_an_unused_web_session_runs_out(ana: httpx.AsyncClient, clock: Any) -> None:
    clock.pass_by(hours=12, seconds=1)
    assert (await ana.get("/api/v1/me")).json()["detail"] == "You are not signed in any more; sign in again."


async def test_a_used_web_session_lives_on_but_not_for_ever(ana: httpx.AsyncClient, clock: Any, settle: Any) -> None:
    hours = 0
    while (await ana.get("/api/v1/me")).status_code == 200:
        await settle()
        clock.pass_by(hours=6)
        hours += 6
    assert hours == 30 * 24


async def test_reading_is_not_writing(ana: httpx.AsyncClient, context: ApiContext, clock: Any, settle: Any) -> None:
    async def seen_at() -> object:
        await settle()
        async with context.database.view() as session:
            return await session.scalar(select(func.max(WebSession.seen_at)))

    first = await seen_at()
    clock.pass_by(seconds=59)
    await asyncio.gather(*(ana.get("/api/v1/me") for _ in range(5)))
    assert await seen_at() == first
    clock.pass_by(seconds=1)
    await asyncio.gather(*(ana.get("/api/v1/me") for _ in range(5)))
    assert await seen_at() == clock.now()


async def test_web_sessions_are_listed_and_ended(ana: httpx.AsyncClient, connect: Any, clock: Any) -> None:
    clock.pass_by(minutes=1)
    phone = connect(address="192.0.2.9", headers={"User-Agent": "Phone", "Origin": BASE})
    await phone.post("/api/v1/sign-in", json=ANA)

    listed = (await ana.get("/api/v1/me/web-sessions")).json()["items"]
    assert [(item["user_agent"], item["address"], item["current"]) for item in listed] == [
        ("Phone", "192.0.2.9", False),
        ("Firefox", "203.0.113.7", True),
    ]
    assert (await ana.delete(f"/api/v1/me/web-sessions/{listed[0]['id']}")).status_code == 204
    assert (await phone.get("/api/v1/me")).status_code == 401
    again = await ana.delete(f"/api/v1/me/web-sessions/{listed[0]['id']}")
    assert (again.status_code, again.json()["code"]) == (404, "web_session_not_found")


async def test_nobody_ends_the_web_session_of_another(ana: httpx.AsyncClient, connect: Any) -> None:
    bob = {"email": "bob@example.org", "password": "bob's long password"}
    await ana.post("/api/v1/users", json={**bob, "name": "Bob", "role": "viewer"})
    browser = connect(headers={"Origin": BASE})
    await browser.post("/api/v1/sign-in", json=bob)
    [hers] = (await ana.get("/api/v1/me/web-sessions")).json()["items"]
    assert (await browser.delete(f"/api/v1/me/web-sessions/{hers['id']}")).status_code == 404
    assert (await ana.get("/api/v1/me")).status_code == 200


async def test_a_new_password_signs_the_other_browsers_out(ana: httpx.AsyncClient, connect: Any) -> None:
    phone = connect(headers={"Origin": BASE})
    await phone.post("/api/v1/sign-in", json=ANA)
    change = {"current_password": ANA["password"], "new_password": "four quite random words"}

    wrong = await ana.put("/api/v1/me/password", json={**change, "current_password": "something else"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "current_password")
    short = await ana.put("/api/v1/me/password", json={**change, "new_password": "short"})
    assert (short.status_code, short.json()["errors"][0]["field"]) == (422, "new_password")

    assert (await ana.put("/api/v1/me/password", json=change)).status_code == 204
    assert (await ana.get("/api/v1/me")).status_code == 200
    assert (await phone.get("/api/v1/me")).status_code == 401
    assert (await phone.post("/api/v1/sign-in", json=ANA)).status_code == 401
    assert (await phone.post("/api/v1/sign-in", json={**ANA, "password": change["new_password"]})).status_code == 200


@pytest.mark.parametrize("body", [{"email": "x", "password": "y" * 1001}, {"email": "x" * 255, "password": "y"}, {}])
async def test_nonsense_costs_no_attempt(client: httpx.AsyncClient, context: ApiContext, body: dict[str, str]) -> None:
    assert (await client.post("/api/v1/sign-in", json=body)).status_code == 422
    async with context.database.view() as session:
        assert await session.scalar(select(func.count()).select_from(SignInFailure)) == 0


async def test_a_key_has_no_password_and_no_web_sessions(admin: httpx.AsyncClient) -> None:
    assert (await admin.get("/api/v1/me")).json()["email"] is None
    refused = await admin.get("/api/v1/me/web-sessions")
    assert (refused.status_code, refused.json()["code"]) == (403, "people_only")
