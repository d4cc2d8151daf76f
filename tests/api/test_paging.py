"""Lists in pages."""

from typing import Any

import httpx
import pytest


@pytest.fixture
async def five(admin: httpx.AsyncClient, clock: Any) -> httpx.AsyncClient:
    for name in ("C", "A", "E", "B", "D"):
        clock.pass_by(seconds=1)
        await admin.post("/api/v1/organisations", json={"name": name})
    return admin


async def names(client: httpx.AsyncClient, **query: object) -> str:
    answer = await client.get("/api/v1/organisations", params=query)
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert page["total"] == 5
    return "".join(item["name"] for item in page["items"])


async def test_pages_follow_one_another(five: httpx.AsyncClient) -> None:
    assert await names(five) == "ABCDE"
    assert await names(five, limit=2) == "AB"
    assert await names(five, limit=2, offset=4) == "E"
    assert await names(five, offset=5) == ""
    assert await names(five, sort="-name") == "EDCBA"
    assert await names(five, sort="created_at", limit=3) == "CAE"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"limit": 0}, "must be at least 1"),
        ({"limit": 501}, "must be at most 500"),
        ({"offset": -1}, "must be at least 0"),
        ({"offset": 10**30}, "must be at most 1000000000"),
        ({"limit": "many"}, "must be a whole number"),
        ({"sort": "colour"}, "must be one of name, -name, created_at, -created_at"),
        ({"sort": "--name"}, "must be one of name, -name, created_at, -created_at"),
    ],
)
async def test_what_is_no_page_is_refused(admin: httpx.AsyncClient, query: dict[str, object], message: str) -> None:
    refused = await admin.get("/api/v1/organisations", params=query)
    assert refused.status_code == 422
    [error] = refused.json()["errors"]
    assert (error["in"], error["field"], error["message"]) == ("query", next(iter(query)), message)


async def test_a_search_takes_its_signs_literally(admin: httpx.AsyncClient) -> None:
    for name in ("100 % sun", "100 watt"):
        await admin.post("/api/v1/organisations", json={"name": name})
    found = (await admin.get("/api/v1/organisations", params={"search": "0 % S"})).json()
    assert [item["name"] for item in found["items"]] == ["100 % sun"]
