"""For load balancers and supervisors."""

from dataclasses import replace

import httpx

from csms.api.app import create_app
from csms.api.context import ApiContext, ApiSettings


async def test_live_and_ready(client: httpx.AsyncClient) -> None:
    assert (await client.get("/health/live")).json() == {"status": "live"}
    assert (await client.get("/health/ready")).json() == {"status": "ready"}


async def test_not_ready_says_why(context: ApiContext) -> None:
    app = create_app(replace(context, settings=ApiSettings(ready=lambda: "the disk is full")))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bluesky.test") as client:
        assert (await client.get("/health/live")).status_code == 200
        answer = await client.get("/health/ready")
        assert answer.status_code == 503
        assert answer.json()["detail"] == "The system cannot serve at the moment: the disk is full."
        assert "retry-after" in answer.headers
