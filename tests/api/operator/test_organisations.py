"""The tree of organisations."""

import httpx


async def test_a_tree_grows_and_is_pruned(admin: httpx.AsyncClient) -> None:
    root = (await admin.post("/api/v1/organisations", json={"name": "Sky Power"})).json()
    made = await admin.post("/api/v1/organisations", json={"name": "  Harbour site ", "parent_id": root["id"]})
    assert made.status_code == 201
    child = made.json()
    assert child["name"] == "Harbour site"

    below = (await admin.get("/api/v1/organisations", params={"parent_id": root["id"]})).json()
    assert below == {"items": [child], "total": 1, "offset": 0, "limit": 50}

    refused = await admin.delete(f"/api/v1/organisations/{root['id']}")
    assert (refused.status_code, refused.json()["code"]) == (409, "organisation_in_use")

    assert (await admin.delete(f"/api/v1/organisations/{child['id']}")).status_code == 204
    assert (await admin.get(f"/api/v1/organisations/{child['id']}")).status_code == 404


async def test_no_organisation_stands_below_itself(admin: httpx.AsyncClient) -> None:
    root = (await admin.post("/api/v1/organisations", json={"name": "Root"})).json()
    child = (await admin.post("/api/v1/organisations", json={"name": "Child", "parent_id": root["id"]})).json()
    for below in (child["id"], root["id"]):
        refused = await admin.patch(f"/api/v1/organisations/{root['id']}", json={"parent_id": below})
        assert (refused.status_code, refused.json()["code"]) == (422, "organisation_cycle")
        assert refused.json()["errors"][0]["field"] == "parent_id"


async def test_a_viewer_looks_and_does_not_touch(viewer: httpx.AsyncClient) -> None:
    assert (await viewer.get("/api/v1/organisations")).status_code == 200
    refused = await viewer.post("/api/v1/organisations", json={"name": "Mine"})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")


async def test_nobody_sees_nothing(client: httpx.AsyncClient) -> None:
    refused = await client.get("/api/v1/organisations")
    assert (refused.status_code, refused.json()["code"]) == (401, "not_signed_in")
    assert refused.headers["www-authenticate"].startswith("Bearer")
