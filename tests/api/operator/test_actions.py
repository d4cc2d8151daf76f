"""Whatever an operator does to a station has an endpoint of its own; nothing needs raw OCPP."""

from typing import Any

import httpx
import pytest

from .conftest import World

LIMIT = {"purpose": "session_default", "kind": "relative", "unit": "W", "periods": [{"start_s": 0, "limit": 7_000}]}
STATION = "/api/v1/stations/CS-1"
ACTIONS: list[tuple[str, dict[str, Any], str]] = [
    (f"{STATION}/commands/start", {"id_token": "CARD-1", "evse": 1}, "start"),
    (f"{STATION}/commands/stop", {"session": "{uid}"}, "stop"),
    (f"{STATION}/commands/unlock", {"evse": 1}, "unlock"),
    (f"{STATION}/commands/reset", {"kind": "soft"}, "reset"),
    (f"{STATION}/commands/reset", {"kind": "hard"}, "reset"),
    (f"{STATION}/commands/change-availability", {"evse": 1, "available": False}, "change-availability"),
    (f"{STATION}/commands/trigger", {"message": "status", "evse": 1}, "trigger"),
    ("/api/v1/reservations", {"station": "CS-1", "evse": 1, "id_token": "CARD-1", "expires_at": "2031-01-01T00:00:00Z"},
     "reserve"),
    (f"{STATION}/charging-profiles", {"evse": 1, "profile": LIMIT}, "set-charging-profile"),
    (f"{STATION}/firmware", {"location": "https://firmware.example.org/ac22-2.1.bin"}, "update-firmware"),
    (f"{STATION}/diagnostics", {}, "get-diagnostics"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "body", "verb"), ACTIONS, ids=[f"{verb}-{index}" for index, (_, _, verb) in enumerate(ACTIONS)]
)
async def test_each_action_is_a_command_in_our_words_that_says_what_it_waits_for(
    admin: httpx.AsyncClient, world: World, path: str, body: dict[str, Any], verb: str
) -> None:
    await world.station("CS-1", online=False)
    uid = await world.session("CS-1")
    wish = {name: uid if value == "{uid}" else value for name, value in body.items()}
    answer = await admin.post(path, json=wish)
    assert answer.status_code in (201, 202), answer.text
    [placed] = (await admin.get("/api/v1/commands")).json()["items"]
    assert (placed["verb"], placed["state"]) == (verb, "pending")
    shown = (await admin.get(f"/api/v1/commands/{placed['id']}")).json()
    assert shown["explanation"].startswith("The station is offline; this waits for it until ")


@pytest.mark.parametrize(("path", "body"), [action[:2] for action in ACTIONS])
async def test_what_cannot_be_done_says_why(admin: httpx.AsyncClient, path: str, body: dict[str, Any]) -> None:
    nil = "00000000-0000-0000-0000-000000000000"
    refused = await admin.post(path, json={name: nil if value == "{uid}" else value for name, value in body.items()})
    assert (refused.status_code, refused.json()["code"]) == (404, "station_not_found")
    assert refused.json()["detail"] == "There is no such station."
