"""Facts over HTTP."""

from typing import Any

import httpx

from csms.api.context import ApiContext
from csms.domain.facts.reaction import Reaction
from csms.jobs.relay import Relay
from csms.kit.ids import uuid7


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


async def test_what_became_of_a_fact_and_a_second_chance_for_what_failed(
    viewer: httpx.AsyncClient, admin: httpx.AsyncClient, world: Any, clock: Any, context: ApiContext
) -> None:
    async def fails(_session: object, _fact: object, _now: object) -> None:
        raise RuntimeError("not today")

    await world.station("CS-1")
    await world.fact("CS-1", "StationBooted")
    await world.fact("CS-1", "ConnectorFaulted")
    reactions = {"tell_somebody": Reaction(frozenset({"ConnectorFaulted"}), fails)}
    await Relay(database=context.database, clock=clock, reactions=reactions, worker=uuid7(clock.now())).relay()
    [faulted] = (await viewer.get("/api/v1/facts", params={"relayed": "false"})).json()["items"]
    [told] = faulted["reactions"]
    assert (told["state"], told["attempts"], told["error"]) == ("failing", 1, "RuntimeError: not today")
    [booted] = (await viewer.get("/api/v1/facts", params={"relayed": "true"})).json()["items"]
    assert (booted["kind"], booted["reactions"]) == ("StationBooted", [])
    backlog = (await viewer.get("/api/v1/facts/backlog")).json()
    assert (backlog["waiting"], backlog["failing"], backlog["first_failing_fact"]) == (1, 1, faulted["id"])

    url = f"/api/v1/facts/{faulted['id']}/reactions/tell_somebody/retry"
    assert (await viewer.post(url)).status_code == 403
    assert (await admin.post(url.replace("tell", "ask"))).status_code == 404
    clock.pass_by(seconds=1)
    assert (await admin.post(url)).json()["next_try_at"] == "2030-01-31T12:00:01Z"
    assert (await admin.get("/api/v1/audit", params={"action": "retry"})).json()["total"] == 1
