"""The overview: the network in numbers, and what needs a person now, the worst first."""

from datetime import timedelta

import httpx

from csms.api.context import ApiContext

from .conftest import World


async def test_an_empty_network_needs_nobody(viewer: httpx.AsyncClient) -> None:
    found = (await viewer.get("/api/v1/overview")).json()
    assert (found["stations"], found["active_sessions"], found["power_w"]) == (0, 0, 0)
    assert found["needs"] == []
    assert len(found["curve"]) in (96, 97)


async def test_numbers_of_today_stand_beside_the_same_hours_a_week_ago(
    viewer: httpx.AsyncClient, world: World, context: ApiContext
) -> None:
    now = context.clock.now()  # 12:00 UTC
    await world.station("CS-1", online=True)
    await world.connector("CS-1", 1, "charging")
    await world.connector("CS-1", 2, "available")
    await world.ended("CS-1", 8_000, started_at=now - timedelta(hours=3))
    await world.ended("CS-1", 5_000, started_at=now - timedelta(days=7, hours=2))
    await world.ended("CS-1", 99_000, started_at=now - timedelta(days=7) + timedelta(hours=1))
    await world.session(
        "CS-1", power_w=11_000.0, started_at=now - timedelta(minutes=30), reading_at=now, energy_wh=5_500
    )
    found = (await viewer.get("/api/v1/overview")).json()
    assert found["today"] == {"energy_wh": 13_500, "sessions": 2}
    assert found["week_ago"] == {"energy_wh": 5_000, "sessions": 1}
    assert (found["active_sessions"], found["power_w"]) == (1, 11_000)
    assert found["connectors"] == {"charging": 1, "available": 1}
    assert found["curve"][-1]["power_w"] == 11_000 or found["curve"][-2]["power_w"] == 11_000


async def test_a_day_begins_in_the_zone_that_is_asked_for(
    viewer: httpx.AsyncClient, world: World, context: ApiContext
) -> None:
    await world.station("CS-1", online=True)
    await world.ended("CS-1", 1_000, started_at=context.clock.now() - timedelta(hours=3))  # 09:00 UTC
    in_kiritimati = (await viewer.get("/api/v1/overview", params={"time_zone": "Pacific/Kiritimati"})).json()
    assert in_kiritimati["today"]["sessions"] == 0  # there it is 02:00 and a new day


async def test_what_needs_a_person_comes_with_the_worst_first(viewer: httpx.AsyncClient, world: World) -> None:
    await world.unknown("STRANGER")
    await world.station("CS-2", online=False)
    await world.station("CS-1", online=True)
    await world.connector("CS-1", 1, "faulted", error_code="GroundFailure")
    uid = await world.session("CS-1", evse=2, authorization="invalid")
    await world.review("CS-1", "unknown_transaction", "77")
    await world.station("CS-NEW")
    found = (await viewer.get("/api/v1/overview")).json()
    assert [(need["kind"], need["station"], need["detail"]) for need in found["needs"]] == [
        ("faulted", "CS-1", "GroundFailure"),
        ("offline", "CS-2", None),
        ("review", "CS-1", "unknown_transaction"),
        ("refused", "CS-1", "invalid"),
        ("unknown", "STRANGER", "198.51.100.23"),
    ]
    assert found["needs"][3]["session_uid"] == uid
    assert (found["stations"], found["online"], found["never_connected"]) == (3, 1, 1)


async def test_a_time_zone_that_does_not_exist_is_refused(viewer: httpx.AsyncClient) -> None:
    answer = await viewer.get("/api/v1/overview", params={"time_zone": "Moon/Crater"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "time_zone"


async def test_strangers_see_nothing(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/overview")).status_code == 401
