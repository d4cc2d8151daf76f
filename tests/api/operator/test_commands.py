"""Commands in our own words over HTTP."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest

from csms.api.context import ApiContext
from csms.domain.commands import service as commands
from csms.domain.commands.expiry import expire_commands

COMMANDS = "/api/v1/stations/CS-1/commands"


async def test_a_reset_is_placed_sent_and_answered(
    admin: httpx.AsyncClient, viewer: httpx.AsyncClient, world: Any, gateway: Any
) -> None:
    await world.station("CS-1", online=True)
    answer = await admin.post(f"{COMMANDS}/reset", params={"wait": 30}, json={"kind": "soft"})
    assert answer.status_code == 200
    command = answer.json()
    assert (command["verb"], command["payload"], command["state"]) == ("reset", {"kind": "soft"}, "accepted")
    assert command["answer"] == {"status": "Accepted"}
    assert command["requested_by"].startswith("the tests' administrator")
    assert gateway.took == [("reset", "reset", {"kind": "soft"})]
    assert (await viewer.get(answer.headers["location"])).json() == command
    assert (await viewer.get(COMMANDS)).json()["items"] == [command]
    [entry] = (await admin.get("/api/v1/audit", params={"action": "command:reset"})).json()["items"]
    assert (entry["subject_kind"], entry["subject_id"]) == ("station", "CS-1")


@pytest.mark.parametrize(
    ("verb", "body", "stored"),
    [
        ("start", {"id_token": "CARD", "evse": 2, "connector": 1}, {"id_token": "CARD", "evse": 2, "connector": 1}),
        ("start", {"id_token": "CARD"}, {"id_token": "CARD"}),
        ("stop", {"transaction_id": 17}, {"transaction_id": 17}),
        ("reset", {"kind": "hard"}, {"kind": "hard"}),
        ("unlock", {"evse": 1}, {"evse": 1}),
        ("change-availability", {"evse": 0, "available": False}, {"evse": 0, "available": False}),
        ("trigger", {"message": "meter-values", "evse": 1}, {"message": "meter-values", "evse": 1}),
        ("get-configuration", {"keys": ["HeartbeatInterval"]}, {"keys": ["HeartbeatInterval"]}),
        ("get-configuration", None, {}),
        ("change-configuration", {"key": "A", "value": ""}, {"key": "A", "value": ""}),
        ("clear-cache", {}, {}),
        ("data-transfer", {"vendor_id": "v", "data": "a\nb"}, {"vendor_id": "v", "data": "a\nb"}),
    ],
)
async def test_every_verb_reaches_the_station_in_our_words(
    admin: httpx.AsyncClient, world: Any, gateway: Any, verb: str, body: Any, stored: Any
) -> None:
    await world.station("CS-1", online=True)
    sent = {"json": body} if body is not None else {}
    answer = await admin.post(f"{COMMANDS}/{verb}", params={"wait": 30}, **sent)
    assert answer.status_code == 200, answer.text
    assert gateway.took == [(verb, verb, stored)]


@pytest.mark.parametrize(
    ("verb", "body", "field"),
    [
        ("reset", {"kind": "gentle"}, "kind"),
        ("reset", {}, ""),
        ("reset", {"kind": "soft", "why": "x"}, ""),
        ("start", {"id_token": "x" * 21}, "id_token"),
        ("start", {"id_token": "CARD", "evse": 0}, "evse"),
        ("start", {"id_token": "CARD", "evse": "1"}, "evse"),
        ("stop", {}, "session"),
        ("stop", {"transaction_id": 1, "session": "018f0000-0000-7000-8000-000000000000"}, "session"),
        ("stop", {"session": "mine"}, "session"),
        ("get-configuration", {"keys": ["ok", "a\u0001"]}, "keys[1]"),
        ("change-availability", {"evse": 1, "available": 1}, "available"),
        ("reset", [], ""),
    ],
)
async def test_what_makes_no_sense_is_not_placed(
    admin: httpx.AsyncClient, world: Any, verb: str, body: Any, field: str
) -> None:
    await world.station("CS-1", online=True)
    answer = await admin.post(f"{COMMANDS}/{verb}", json=body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json().get("errors", [{"field": ""}])] == [field]
    assert (await admin.get("/api/v1/commands")).json()["total"] == 0


async def test_a_session_is_stopped_by_its_uid(admin: httpx.AsyncClient, world: Any, gateway: Any) -> None:
    await world.station("CS-1", online=True)
    await world.session("CS-1", evse=2)
    uid = await world.session("CS-1")
    await admin.post(f"{COMMANDS}/stop", params={"wait": 30}, json={"session": uid})
    assert gateway.took == [("stop", "stop", {"session": uid, "transaction_id": 2})]
    nowhere = {"session": "018f0000-0000-7000-8000-000000000000"}
    assert (await admin.post(f"{COMMANDS}/stop", json=nowhere)).json()["code"] == "session_not_found"


async def test_a_refusal_and_an_error_are_told_in_the_stations_own_words(
    admin: httpx.AsyncClient, world: Any, gateway: Any
) -> None:
    await world.station("CS-1", online=True)
    gateway.answers = lambda *_: {"state": "rejected", "answer": {"status": "Rejected"}}
    rejected = await admin.post(f"{COMMANDS}/reset", params={"wait": 30}, json={"kind": "soft"})
    assert (rejected.status_code, rejected.json()["state"]) == (200, "rejected")
    gateway.answers = lambda *_: {"state": "failed", "error_code": "InternalError", "error_description": "no memory"}
    failed = (await admin.post(f"{COMMANDS}/reset", params={"wait": 30}, json={"kind": "soft"})).json()
    assert (failed["state"], failed["error_code"], failed["error_description"]) == (
        "failed",
        "InternalError",
        "no memory",
    )


async def test_an_offline_station_finds_its_command_when_it_comes_back(
    admin: httpx.AsyncClient, context: ApiContext, world: Any, gateway: Any
) -> None:
    await world.station("CS-1", online=False)
    gateway.asleep = True
    placed = await admin.post(f"{COMMANDS}/unlock", params={"expires_in": 60, "wait": 0}, json={"evse": 1})
    assert placed.status_code == 202
    command = placed.json()
    assert (command["state"], command["expires_at"]) == ("pending", "2030-01-31T12:01:00Z")
    assert command["explanation"] == "The station is offline; this waits for it until 2030-01-31 12:01:00 UTC."
    assert placed.headers["location"] == f"/api/v1/commands/{command['id']}"

    waiting = asyncio.create_task(commands.wait_until_settled(context.database, context.bus, UUID(command["id"]), 30))
    gateway.asleep = False
    context.bus.ring("commands.1")
    assert (await waiting).command.state == "accepted"


async def test_what_was_never_sent_expires(
    admin: httpx.AsyncClient, context: ApiContext, world: Any, clock: Any
) -> None:
    await world.station("CS-1", online=False)
    command = (await admin.post(f"{COMMANDS}/clear-cache")).json()
    clock.pass_by(minutes=9)
    assert await expire_commands(context.database, clock.now()) == []
    clock.pass_by(minutes=1)
    assert await expire_commands(context.database, clock.now()) == [UUID(command["id"])]
    shown = (await admin.get(f"/api/v1/commands/{command['id']}")).json()
    assert (shown["state"], shown["explanation"]) == ("expired", None)
    assert shown["error_description"] == "The station did not connect before the command expired."


async def test_a_lost_ring_is_made_good(
    admin: httpx.AsyncClient, context: ApiContext, world: Any, gateway: Any
) -> None:
    await world.station("CS-1", online=True)
    ring = context.bus.ring
    lost: list[str] = []

    def deaf(subject: str) -> None:
        (lost.append if subject.startswith("settled.") else ring)(subject)

    context.bus.ring = deaf
    answer = await admin.post(f"{COMMANDS}/clear-cache", params={"wait": 30})
    assert (answer.status_code, answer.json()["state"]) == (200, "accepted")
    assert len(lost) == 1


async def test_history_is_found(admin: httpx.AsyncClient, viewer: httpx.AsyncClient, world: Any, clock: Any) -> None:
    await world.station("CS-1", online=False)
    await world.station("CS-2", online=False)
    for identity, verb, body in (
        ("CS-1", "reset", {"kind": "soft"}),
        ("CS-2", "clear-cache", {}),
        ("CS-1", "unlock", {"evse": 1}),
    ):
        await admin.post(f"/api/v1/stations/{identity}/commands/{verb}", json=body)
        clock.pass_by(minutes=1)

    async def found(url: str = "/api/v1/commands", **params: Any) -> list[str]:
        return [item["verb"] for item in (await viewer.get(url, params=params)).json()["items"]]

    assert await found() == ["unlock", "clear-cache", "reset"]
    assert await found(COMMANDS) == ["unlock", "reset"]
    assert await found(COMMANDS, verb="reset") == ["reset"]
    assert await found(station="CS-2") == ["clear-cache"]
    assert await found(state="sent") == []
    assert await found(**{"from": "2030-01-31T12:01:00Z", "to": "2030-01-31T12:02:00Z"}) == ["clear-cache"]
    assert await found(sort="station") == ["reset", "unlock", "clear-cache"]
    assert await found(sort="verb", limit=1) == ["clear-cache"]
    assert (await viewer.get("/api/v1/commands/018f0000-0000-7000-8000-000000000000")).status_code == 404


async def test_secrets_are_not_shown_again(admin: httpx.AsyncClient, world: Any) -> None:
    await world.station("CS-1", online=False)
    body = {"key": "AuthorizationKey", "value": "topsecret"}
    placed = await admin.post(f"{COMMANDS}/change-configuration", json=body)
    listed = await admin.get("/api/v1/commands")
    trail = await admin.get("/api/v1/audit")
    assert "topsecret" not in placed.text + listed.text + trail.text


async def test_who_may_and_what_exists(admin: httpx.AsyncClient, viewer: httpx.AsyncClient, world: Any) -> None:
    await world.station("CS-1", online=True)
    assert (await viewer.post(f"{COMMANDS}/clear-cache")).status_code == 403
    assert (await admin.post(f"{COMMANDS}/dance")).status_code == 404
    assert (await admin.post("/api/v1/stations/CS-9/commands/clear-cache")).json()["code"] == "station_not_found"
    for wait in ("121", "-1", "nan", "inf"):
        assert (await admin.post(f"{COMMANDS}/clear-cache", params={"wait": wait})).status_code == 422
    assert (await admin.get("/api/v1/commands")).json()["total"] == 0


async def test_an_api_that_ends_keeps_nobody_waiting(admin: httpx.AsyncClient, world: Any, context: ApiContext) -> None:
    """Whoever waits for a station's answer hears where to look for it."""
    await world.station("CS-1", online=False)
    waiting = asyncio.ensure_future(admin.post(f"{COMMANDS}/clear-cache", params={"wait": 120}, json={}))
    while not (await admin.get(COMMANDS)).json()["items"]:
        assert not waiting.done()
    context.leaving.set()
    answer = await asyncio.wait_for(waiting, 20)
    assert (answer.status_code, answer.json()["state"]) == (202, "pending")
