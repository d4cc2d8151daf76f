"""Stored frames over HTTP."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from csms.domain.stations.store import frames as store


async def ids(client: httpx.AsyncClient, url: str = "/api/v1/frames", **params: Any) -> list[int]:
    return [item["id"] for item in (await client.get(url, params=params)).json()["items"]]


async def test_a_call_and_its_answer_are_shown_as_they_were(viewer: httpx.AsyncClient, world: Any, clock: Any) -> None:
    await world.station("CS-1")
    uid = await world.session("CS-1")
    frame_id = await world.frame(
        "CS-1",
        b'[2,"m7","StatusNotification",{"connectorId":1,"errorCode":"NoError","status":"Charging"}]',
        action="StatusNotification",
        message_id="m7",
        answer=b'[3,"m7",{}]',
        answered_at=clock.now() + timedelta(milliseconds=3.5),
        session_id=1,
    )
    [frame] = (await viewer.get("/api/v1/stations/CS-1/frames")).json()["items"]
    assert frame == {
        "id": frame_id,
        "at": "2030-01-31T12:00:00Z",
        "station": "CS-1",
        "direction": "in",
        "action": "StatusNotification",
        "message_id": "m7",
        "outcome": "result",
        "error_code": None,
        "call": [2, "m7", "StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Charging"}],
        "answer": [3, "m7", {}],
        "answered_at": "2030-01-31T12:00:00.003500Z",
        "latency_ms": 3.5,
        "session_uid": uid,
        "repairs": [],
    }


@pytest.mark.parametrize(
    ("wire", "shown"),
    [
        (b"\xff\xfe no frame", "\ufffd\ufffd no frame"),
        (b'[2,"m1","Heartbeat",{}', '[2,"m1","Heartbeat",{}'),
        (b"[NaN]", "[NaN]"),
        (b'["\\ud800"]', '["\\ud800"]'),
        (b"", ""),
        (b"[" * 300 + b"]" * 300, "[" * 300 + "]" * 300),
        (b"[12345678901234567890123]", [12345678901234567890123]),
    ],
)
async def test_what_was_no_frame_is_shown_as_text(
    viewer: httpx.AsyncClient, world: Any, wire: bytes, shown: Any
) -> None:
    await world.station("CS-1")
    await world.frame("CS-1", wire, outcome="malformed", action=None, message_id=None)
    [frame] = (await viewer.get("/api/v1/frames")).json()["items"]
    assert frame["call"] == shown


async def test_secrets_on_their_way_to_a_station_are_hidden(viewer: httpx.AsyncClient, world: Any) -> None:
    await world.station("CS-1")
    call = b'[2,"m1","ChangeConfiguration",{"key":"authorizationkey","value":"topsecret"}]'
    await world.frame("CS-1", call, direction="out", action="ChangeConfiguration")
    answer = await viewer.get("/api/v1/frames")
    assert "topsecret" not in answer.text
    assert answer.json()["items"][0]["call"][3] == {"key": "authorizationkey", "value": "••••••••"}


async def test_frames_are_found_by_what_they_are_and_say(viewer: httpx.AsyncClient, world: Any, clock: Any) -> None:
    await world.station("CS-1")
    await world.station("CS-2")
    began = clock.now()
    boot = await world.frame("CS-1", b'{"vendor":"Blue_100%"}', action="BootNotification", at=began)
    reset = await world.frame(
        "CS-1", b"reset", direction="out", action="Reset", outcome="timeout", at=began + timedelta(minutes=1)
    )
    refused = await world.frame(
        "CS-2", b"x", outcome="error", error_code="NotSupported", answer=b"sorry", at=began + timedelta(minutes=2)
    )
    assert await ids(viewer) == [refused, reset, boot]
    assert await ids(viewer, station="CS-1") == [reset, boot]
    assert await ids(viewer, "/api/v1/stations/CS-1/frames") == [reset, boot]
    assert await ids(viewer, action="BootNotification") == [boot]
    assert await ids(viewer, direction="out") == [reset]
    assert await ids(viewer, outcome="timeout") == [reset]
    assert await ids(viewer, error_code="NotSupported") == [refused]
    assert await ids(viewer, text="Blue_100%") == [boot]
    assert await ids(viewer, text="Blue%") == []
    assert await ids(viewer, text="sorry") == [refused]
    assert await ids(viewer, **{"from": "2030-01-31T12:01:00Z"}) == [refused, reset]
    assert await ids(viewer, to="2030-01-31T12:01:00Z") == [boot]
    assert await ids(viewer, before=reset) == [boot]
    assert (await viewer.get("/api/v1/frames", params={"station": "CS-9"})).status_code == 404
    assert (await viewer.get("/api/v1/stations/CS-9/frames")).status_code == 404


async def test_a_long_history_is_walked_through_without_gap_or_repeat(viewer: httpx.AsyncClient, world: Any) -> None:
    await world.station("CS-1")
    all_ids = [await world.frame("CS-1", b"x", id=number, action="AB"[number % 2]) for number in range(1, 24)]
    seen: list[int] = []
    before = None
    while True:
        params = {"limit": 5, **({"before": before} if before is not None else {})}
        page = (await viewer.get("/api/v1/frames", params=params)).json()
        seen += [item["id"] for item in page["items"]]
        before = page["before"]
        if before is None:
            break
    assert seen == all_ids[::-1]


async def test_a_search_for_something_rare_stops_and_goes_on(
    viewer: httpx.AsyncClient, world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MOST_SCANNED", 10)
    await world.station("CS-1")
    for number in range(1, 36):
        await world.frame("CS-1", b"x", id=number, action="Rare" if number in (3, 26) else "Common")
    pages = []
    params: dict[str, Any] = {"action": "Rare"}
    while params.get("before", 0) is not None:
        page = (await viewer.get("/api/v1/stations/CS-1/frames", params=params)).json()
        pages.append([item["id"] for item in page["items"]])
        params["before"] = page["before"]
    assert pages == [[26], [], [], [3]]
