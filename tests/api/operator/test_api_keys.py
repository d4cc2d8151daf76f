"""How scripts sign in."""

from typing import Any

import httpx
from sqlalchemy import select

from csms.api.context import ApiContext
from csms.domain.accounts.model import ApiKey
from csms.kit.tables import Base


async def everything_stored(context: ApiContext) -> str:
    """Every row of every table."""
    async with context.database.view() as session:
        return repr([(await session.execute(select(table))).all() for table in Base.metadata.sorted_tables])


async def test_a_key_is_made_used_and_revoked(ana: httpx.AsyncClient, connect: Any, settle: Any) -> None:
    made = await ana.post("/api/v1/api-keys", json={"name": "Nightly export", "role": "viewer"})
    assert made.status_code == 201
    key = made.json()
    assert key["key"].startswith(key["hint"])
    assert key["key"].startswith("csms_")

    script = connect(headers={"Authorization": f"Bearer {key['key']}"})
    me = (await script.get("/api/v1/me")).json()
    assert (me["kind"], me["name"], me["role"]) == ("api_key", "Nightly export", "viewer")

    await settle()
    shown = await ana.get(f"/api/v1/api-keys/{key['id']}")
    assert shown.json()["used_at"] == "2030-01-31T12:00:00Z"
    assert key["key"] not in shown.text

    assert (await ana.delete(f"/api/v1/api-keys/{key['id']}")).status_code == 204
    refused = await script.get("/api/v1/me")
    assert (refused.status_code, refused.json()["detail"]) == (401, "This API key is not known or was revoked.")
    listed = (await ana.get("/api/v1/api-keys", params={"revoked": "true"})).json()
    assert [item["name"] for item in listed["items"]] == ["Nightly export"]


async def test_revoking_twice_is_one_revocation(admin: httpx.AsyncClient, clock: Any) -> None:
    key = (await admin.post("/api/v1/api-keys", json={"name": "K", "role": "viewer"})).json()
    for _ in range(2):
        assert (await admin.delete(f"/api/v1/api-keys/{key['id']}")).status_code == 204
        clock.pass_by(minutes=1)
    assert (await admin.get(f"/api/v1/api-keys/{key['id']}")).json()["revoked_at"] == "2030-01-31T12:00:00Z"
    trail = (await admin.get("/api/v1/audit", params={"action": "revoke"})).json()
    assert trail["total"] == 1


async def test_the_key_itself_is_kept_nowhere(admin: httpx.AsyncClient, context: ApiContext) -> None:
    text = (await admin.post("/api/v1/api-keys", json={"name": "K", "role": "viewer"})).json()["key"]
    stored = await everything_stored(context)
    assert text[:11] in stored
    assert text not in stored


async def test_use_is_noted_once_a_minute(
    admin: httpx.AsyncClient, context: ApiContext, clock: Any, settle: Any
) -> None:
    async def used_at() -> object:
        await settle()
        async with context.database.view() as session:
            return await session.scalar(select(ApiKey.used_at))

    await admin.get("/api/v1/me")
    first = await used_at()
    assert first == clock.now()
    clock.pass_by(seconds=59)
    await admin.get("/api/v1/me")
    assert await used_at() == first
    clock.pass_by(seconds=1)
    await admin.get("/api/v1/me")
    assert await used_at() == clock.now()
