"""Facts over HTTP."""

from typing import Any

import httpx


async def test_what_happened_is_listed_newest_first(viewer: httpx.AsyncClient, world: Any, clock: Any) -> None:
    await world.station("CS-1")
    await world.station("CS-2")
    uid = await world.session("CS-1")
    await world.fact("CS-1", "StationBooted", detail={"registration": "accepted"})
    clock.pass_by(minutes=1)
    await world.fact("CS-1", "SessionStarted", session_id=1, detail={"evse": 1})
    clock.pass_by(minutes=1)
    await world.fact("CS-2", "StationBooted")
    await world.fact(None, "SomethingElse")

    async def kinds(**params: Any) -> list[tuple[str, str | None]]:
        items = (await viewer.get("/api/v1/facts", params=params)).json()["items"]
        return [(item["kind"], item["station"]) for item in items]

    booted_1, started, booted_2 = ("StationBooted", "CS-1"), ("SessionStarted", "CS-1"), ("StationBooted", "CS-2")
    assert await kinds() == [("SomethingElse", None), booted_2, started, booted_1]
    assert await kinds(kind="StationBooted") == [booted_2, booted_1]
    assert await kinds(station="CS-1") == [started, booted_1]
    assert await kinds(**{"from": "2030-01-31T12:01:00Z", "to": "2030-01-31T12:02:00Z"}) == [started]
    assert await kinds(sort="id", limit=1) == [booted_1]
    [fact] = (await viewer.get("/api/v1/facts", params={"kind": "SessionStarted"})).json()["items"]
    assert (fact["session_uid"], fact["detail"]) == (uid, {"evse": 1})
