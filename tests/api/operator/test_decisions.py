"""Why was this card refused, and why did nobody charge?"""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import update

from csms.api.context import ApiContext
from csms.domain.commands.model import Command
from csms.domain.sessions import starts

from .conftest import Gateway, World


async def decisions(client: httpx.AsyncClient, path: str, **query: Any) -> list[tuple[str, str, str]]:
    answer = await client.get(f"/api/v1/id-tokens/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return [(item["station"], item["asked"], item["authorization"]) for item in answer.json()["items"]]


async def test_the_history_of_a_card_tells_why_it_was_refused(
    admin: httpx.AsyncClient, world: World, context: ApiContext, clock: Any
) -> None:
    await world.station("CS-1")
    await world.station("CS-2")
    token = (await admin.post("/api/v1/id-tokens", json={"uid": "Card"})).json()["id"]
    uid = await world.ended("CS-1", 5_000, id_token="CARD")
    clock.pass_by(days=1)
    await world.refused("CS-2", "card", "blocked", frame_id=7)
    clock.pass_by(days=1)
    await world.session("CS-2", id_token="CARD", authorization="blocked")
    await world.session("CS-1", id_token="OTHER")

    newest_first = [
        ("CS-2", "start", "blocked"), ("CS-2", "authorize", "blocked"), ("CS-1", "start", "accepted")
    ]  # fmt: skip
    assert await decisions(admin, f"{token}/decisions") == newest_first
    assert await decisions(admin, "decisions", uid="cARD") == newest_first
    assert await decisions(admin, "decisions", uid="CARD", offset=1, limit=1) == newest_first[1:2]
    page = (await admin.get("/api/v1/id-tokens/decisions", params={"uid": "CARD"})).json()
    assert page["total"] == 3
    assert page["items"][1] | {"frame_id": 7, "words": "This id token was blocked."} == page["items"][1]
    assert page["items"][2]["session_uid"] == uid


async def test_a_card_that_nobody_knows_has_a_history_too(admin: httpx.AsyncClient, world: World) -> None:
    await world.station("CS-1")
    await world.refused("CS-1", "STRANGER", "invalid")
    assert await decisions(admin, "decisions", uid="STRANGER") == [("CS-1", "authorize", "invalid")]
    assert await decisions(admin, "decisions", uid="NEVER-SEEN") == []


async def failures(admin: httpx.AsyncClient) -> list[dict[str, Any]]:
    items = (await admin.get("/api/v1/facts", params={"kind": "StartFailed"})).json()["items"]
    return [item["detail"] for item in items]


async def start(admin: httpx.AsyncClient, identity: str, wait: int = 5) -> dict[str, Any]:
    body = {"id_token": "CARD-1", "evse": 1}
    answer = await admin.post(f"/api/v1/stations/{identity}/commands/start", json=body, params={"wait": wait})
    made: dict[str, Any] = answer.json()
    return made


async def test_a_start_that_the_station_rejects_is_a_fact_once(
    admin: httpx.AsyncClient, world: World, gateway: Gateway, context: ApiContext, clock: Any
) -> None:
    await world.station("CS-1", online=True)
    gateway.answers = lambda _action, _payload: {"state": "rejected", "answer": {"status": "Rejected"}}
    command = await start(admin, "CS-1")
    for _ in range(2):
        await starts.due(context.database, clock.now())
    said = {"cause": "rejected", "command": command["id"], "evse": 1, "words": "The station answered Rejected."}
    assert await failures(admin) == [said]
    overview = (await admin.get("/api/v1/overview")).json()
    assert overview["failed_starts"] == 1
    assert [(need["kind"], need["detail"], need["evse"]) for need in overview["needs"]] == [
        ("failed_start", "rejected", 1)
    ]


async def test_an_accepted_start_without_a_session_fails_after_a_while(
    admin: httpx.AsyncClient, world: World, gateway: Gateway, context: ApiContext, clock: Any
) -> None:
    await world.station("CS-1", online=True)
    await start(admin, "CS-1")
    await starts.due(context.database, clock.now())
    assert await failures(admin) == []
    clock.pass_by(minutes=5)
    await starts.due(context.database, clock.now())
    assert [said["cause"] for said in await failures(admin)] == ["no_session"]


async def test_a_start_that_led_to_its_session_is_no_failure(
    admin: httpx.AsyncClient, world: World, gateway: Gateway, context: ApiContext, clock: Any
) -> None:
    await world.station("CS-1", online=True)
    await world.session("CS-1", id_token="card-1", started_received_at=clock.now() - timedelta(hours=1), evse=1)
    command = await start(admin, "CS-1")
    clock.pass_by(seconds=20)
    await world.session("CS-1", id_token="card-1", evse=2)
    await starts.due(context.database, clock.now())
    assert await failures(admin) == []
    async with context.database.view() as session:
        assert (await session.get_one(Command, UUID(command["id"]))).led_to is None
    await world.session("CS-1", id_token="card-1", evse=1)
    await starts.due(context.database, clock.now())
    clock.pass_by(hours=1)
    await starts.due(context.database, clock.now())
    assert await failures(admin) == []


async def test_what_was_never_sent_fails_too(
    admin: httpx.AsyncClient, world: World, context: ApiContext, clock: Any
) -> None:
    await world.station("CS-1", online=False)
    await start(admin, "CS-1", wait=0)
    async with context.database.unit() as session:
        await session.execute(update(Command).values(state="expired", settled_at=clock.now()))
    await starts.due(context.database, clock.now())
    assert [said["cause"] for said in await failures(admin)] == ["expired"]
