"""Id tokens over HTTP."""

from typing import Any

import httpx
import pytest


async def uids(client: httpx.AsyncClient, **params: Any) -> list[str]:
    answer = (await client.get("/api/v1/id-tokens", params={"sort": "uid", **params})).json()
    assert answer["total"] == len(answer["items"])
    return [item["uid"] for item in answer["items"]]


async def test_a_card_is_issued_blocked_and_removed(admin: httpx.AsyncClient, viewer: httpx.AsyncClient) -> None:
    made = await admin.post(
        "/api/v1/id-tokens", json={"uid": "04Ab12", "group_id": "FLEET", "expires_at": "2031-01-01T01:00:00+01:00"}
    )
    assert made.status_code == 201
    card = made.json()
    assert (card["uid"], card["status"], card["expires_at"]) == ("04Ab12", "active", "2031-01-01T00:00:00Z")
    same = await admin.post("/api/v1/id-tokens", json={"uid": "04AB12"})
    assert (same.status_code, same.json()["code"]) == (409, "id_token_exists")

    url = f"/api/v1/id-tokens/{card['id']}"
    blocked = (await admin.patch(url, json={"status": "blocked", "expires_at": None})).json()
    assert (blocked["status"], blocked["expires_at"], blocked["group_id"]) == ("blocked", None, "FLEET")
    assert (await viewer.get(url)).json() == blocked
    assert (await viewer.patch(url, json={"status": "active"})).status_code == 403
    assert (await admin.patch(url, json={"uid": "other"})).status_code == 422

    assert (await admin.delete(url)).status_code == 204
    assert (await viewer.get(url)).json()["code"] == "id_token_not_found"
    trail = (await admin.get("/api/v1/audit", params={"subject_kind": "id_token"})).json()["items"]
    assert [entry["action"] for entry in trail] == ["remove", "change", "create"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"uid": "x" * 21}, "uid"),
        ({"uid": ""}, "uid"),
        ({"uid": " 04AB"}, "uid"),
        ({"uid": "04\tAB"}, "uid"),
        ({"uid": "卡"}, "uid"),
        ({"uid": "04AB", "group_id": "a\u007f"}, "group_id"),
        ({"uid": "04AB", "label": "a\u0001"}, "label"),
        ({"uid": "04AB", "status": "lost"}, "status"),
        ({"uid": "04AB", "expires_at": "2031-01-01T00:00:00"}, "expires_at"),
        ({"uid": "04AB", "expires_at": "9999-12-31T23:59:59-12:00"}, "expires_at"),
        ({}, "uid"),
    ],
)
async def test_what_no_card_can_be_is_refused(admin: httpx.AsyncClient, body: dict[str, Any], field: str) -> None:
    answer = await admin.post("/api/v1/id-tokens", json=body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert await uids(admin) == []


async def test_cards_are_found(admin: httpx.AsyncClient, clock: Any) -> None:
    for body in (
        {"uid": "AAA", "label": "Anna's car"},
        {"uid": "bbb", "group_id": "FLEET", "status": "blocked"},
        {"uid": "CCC", "group_id": "FLEET", "expires_at": "2030-01-01T00:00:00Z"},
    ):
        await admin.post("/api/v1/id-tokens", json=body)
        clock.pass_by(seconds=1)
    assert await uids(admin) == ["AAA", "bbb", "CCC"]
    assert await uids(admin, search="anna") == ["AAA"]
    assert await uids(admin, search="BBB") == ["bbb"]
    assert await uids(admin, group_id="FLEET") == ["bbb", "CCC"]
    assert await uids(admin, status="blocked") == ["bbb"]
    assert await uids(admin, expired="true") == ["CCC"]
    assert await uids(admin, expired="false") == ["AAA", "bbb"]
    assert await uids(admin, sort="expires_at") == ["CCC", "AAA", "bbb"], "what never expires comes last"


async def test_ten_thousand_cards_are_imported_in_one_go(admin: httpx.AsyncClient) -> None:
    items = [{"uid": f"CARD{number:06}", "label": f"card {number}"} for number in range(10_000)]
    answer = await admin.post("/api/v1/id-tokens/import", json={"items": items})
    assert answer.json() == {"created": 10_000, "updated": 0, "skipped": 0}
    assert (await admin.get("/api/v1/id-tokens")).json()["total"] == 10_000
    one_more = await admin.post("/api/v1/id-tokens/import", json={"items": [*items, {"uid": "X"}]})
    assert one_more.json()["errors"][0]["field"] == "items"
    [entry] = (await admin.get("/api/v1/audit", params={"subject_kind": "id_token"})).json()["items"]
    assert entry["after"] == {"created": 10_000, "updated": 0, "skipped": 0}


async def test_known_cards_are_skipped_updated_or_refused(admin: httpx.AsyncClient) -> None:
    old = (await admin.post("/api/v1/id-tokens", json={"uid": "AAA", "label": "old", "group_id": "G"})).json()
    items = [{"uid": "aaa", "label": "new", "status": "blocked"}, {"uid": "BBB"}]

    refused = await admin.post("/api/v1/id-tokens/import", json={"items": items, "on_existing": "refuse"})
    assert refused.status_code == 422
    [error] = refused.json()["errors"]
    assert (error["field"], error["code"]) == ("items[0].uid", "id_token_exists")
    assert await uids(admin) == ["AAA"]

    skipped = await admin.post("/api/v1/id-tokens/import", json={"items": items})
    assert skipped.json() == {"created": 1, "updated": 0, "skipped": 1}
    assert (await admin.get(f"/api/v1/id-tokens/{old['id']}")).json() == old

    updated = await admin.post("/api/v1/id-tokens/import", json={"items": items, "on_existing": "update"})
    assert updated.json() == {"created": 0, "updated": 2, "skipped": 0}
    new = (await admin.get(f"/api/v1/id-tokens/{old['id']}")).json()
    assert (new["uid"], new["label"], new["status"], new["group_id"]) == ("aaa", "new", "blocked", None)
    assert new["created_at"] == old["created_at"]


async def test_an_import_with_wrong_rows_changes_nothing(admin: httpx.AsyncClient) -> None:
    items = [{"uid": "AAA"}, {"uid": "aaa"}, {"uid": "B\u0000"[:1] + "\u0001"}, {"uid": "CCC"}]
    answer = await admin.post("/api/v1/id-tokens/import", json={"items": items})
    assert answer.status_code == 422
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [
        ("items[1].uid", "repeated"),
        ("items[2].uid", "invalid_uid"),
    ]
    assert await uids(admin) == []
