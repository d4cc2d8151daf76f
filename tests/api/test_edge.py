"""Every request gets an id and safe headers."""

from dataclasses import replace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from csms.api.app import create_app
from csms.api.context import ApiContext, ApiSettings


@pytest.mark.parametrize("path", ["/", "/docs", "/api/v1/me", "/nowhere", "/health/live", "/static/base.css"])
async def test_every_answer_has_safe_headers(client: httpx.AsyncClient, path: str) -> None:
    headers = (await client.get(path)).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy.get("script-src", policy["default-src"]) == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "strict-transport-security" not in headers


async def test_answers_about_people_are_not_kept_by_caches(viewer: httpx.AsyncClient) -> None:
    assert (await viewer.get("/api/v1/me")).headers["cache-control"] == "no-store"


async def test_over_https_the_browser_is_told_to_stay_there(connect: Any) -> None:
    secure = connect(base_url="https://bluesky.test")
    assert "max-age=31536000" in (await secure.get("/")).headers["strict-transport-security"]


async def test_behind_a_proxy_that_ends_tls_too(context: ApiContext) -> None:
    app = create_app(replace(context, settings=ApiSettings(secure_cookies=True)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://inside") as client:
        assert "strict-transport-security" in (await client.get("/")).headers


async def test_a_request_id_is_taken_over_when_it_looks_like_one(client: httpx.AsyncClient) -> None:
    async def given(text: str) -> str:
        return (await client.get("/health/live", headers={"X-Request-Id": text})).headers["x-request-id"]

    assert await given("trace-17.a_b") == "trace-17.a_b"
    assert await given("a b") != "a b"
    assert len(await given("x" * 65)) == 32
    made = {(await client.get("/health/live")).headers["x-request-id"] for _ in range(3)}
    assert len(made) == 3


async def test_who_leaves_in_the_middle_gets_no_answer_and_breaks_nothing(app: FastAPI) -> None:
    sent: list[object] = []
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/api/v1/sign-in",
        "raw_path": b"/api/v1/sign-in",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
        "client": ("203.0.113.7", 1),
        "server": ("bluesky.test", 80),
    }

    async def receive() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def send(message: object) -> None:
        sent.append(message)

    await app(scope, receive, send)
    assert sent == []
