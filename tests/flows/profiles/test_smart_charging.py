"""Charging profiles, from the API to a strict station and back."""

from datetime import UTC, datetime, timedelta

import pytest

from csms.simulator import ConnectorSpec

from ...harness.waiting import until

HERE = "/stations/CS-1/charging-profiles"
TWO = (ConnectorSpec(), ConnectorSpec())


def profile(purpose, limit, **more):
    start = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    return {
        "purpose": purpose,
        "kind": "absolute",
        "unit": "W",
        "start_at": start,
        "periods": [{"start_s": 0, "limit": limit}],
        **more,
    }


def relative(limit, **more):
    return {"purpose": "session", "kind": "relative", "unit": "A", "periods": [{"start_s": 0, "limit": limit}], **more}


async def place(stage, evse, wished, **more):
    return await stage.post(HERE, {"evse": evse, "profile": wished, **more}, wait=10)


async def held(stage):
    return [
        (
            item["evse"],
            item["profile"]["purpose"],
            item["profile"]["stack_level"],
            item["profile"]["periods"][0]["limit"],
        )
        for item in await stage.get(HERE)
    ]


async def test_what_a_station_holds_follows_its_answers(stage):
    station = await stage.station("CS-1", *TWO)
    assert (await place(stage, 0, profile("station_max", 15000)))["state"] == "accepted"
    assert (await place(stage, 0, profile("session_default", 9000)))["state"] == "accepted"
    assert (await place(stage, 2, profile("session_default", 7000, stack_level=3)))["state"] == "accepted"
    assert len(station.profiles) == 3
    replaced = await place(stage, 0, profile("session_default", 8000.5))  # same place, purpose and level
    assert replaced["payload"]["profile"]["number"] == 2
    assert len(station.profiles) == 3
    refused = await place(stage, 1, profile("session_default", 1, stack_level=99))  # beyond ChargeProfileMaxStackLevel
    assert (refused["state"], refused["answer"]["status"]) == ("rejected", "Rejected")
    impossible = await place(stage, 9, profile("session_default", 1))
    assert (impossible["state"], impossible["error_code"]) == ("failed", "PropertyConstraintViolation")
    assert await held(stage) == [
        (0, "session_default", 0, 8000.5),
        (0, "station_max", 0, 15000),
        (2, "session_default", 3, 7000),
    ]


@pytest.mark.behaviour("B-080")
async def test_clearing_clears_what_its_filter_says_and_no_more(stage):
    station = await stage.station("CS-1", *TWO)
    await place(stage, 0, profile("station_max", 15000))
    await place(stage, 0, profile("session_default", 9000, stack_level=1))
    await place(stage, 1, profile("session_default", 8000, stack_level=1))
    await place(stage, 1, profile("session_default", 7000, stack_level=2))
    both = await stage.post(f"{HERE}/clear", {"evse": 1, "stack_level": 1}, wait=10)
    assert both["answer"]["status"] == "Accepted"
    assert [item[0] for item in await held(stage)] == [0, 0, 1]
    assert len(station.profiles) == 3
    number = (await stage.get(HERE))[-1]["number"]
    await stage.post(f"{HERE}/clear", {"number": number}, wait=10)
    assert [item[1] for item in await held(stage)] == ["session_default", "station_max"]
    unknown = await stage.post(f"{HERE}/clear", {"number": 4711}, wait=10)
    assert (unknown["state"], unknown["answer"]["status"]) == ("rejected", "Unknown")
    assert len(await held(stage)) == len(station.profiles) == 2
    await stage.post(f"{HERE}/clear", {}, wait=10)
    assert await held(stage) == []
    assert len(station.profiles) == 0


@pytest.mark.behaviour("B-077", "B-078")
async def test_a_remote_start_carries_connector_and_profile_all_the_way(stage):
    await stage.id_token("ALICE")
    station = await stage.station("CS-1", *TWO)
    await station.plug_in(2)
    kept = await stage.post("/charging-profiles", {"name": "Gently", "profile": relative(10)})
    start = {"id_token": "ALICE", "evse": 2, "charging_profile_id": kept["id"]}
    started = await stage.post("/stations/CS-1/commands/start", start, wait=10)
    assert started["state"] == "accepted"
    await until(lambda: station.connector(2).transaction)
    await station.delivered()
    [call] = [row["call"] for row in await stage.rows("frames", action="RemoteStartTransaction")]
    assert b'"connectorId":2' in call
    assert b'"TxProfile"' in call
    assert b"transactionId" not in call  # errata 3.41
    assert await held(stage) == [(2, "session", 0, 10)]
    later = await place(stage, 2, relative(8))  # same level: takes the place of the first (errata 3.42)
    [session] = await stage.rows("sessions")
    assert later["payload"]["transaction_id"] == session["id"]
    assert (later["state"], len(station.profiles)) == ("accepted", 1)
    await station.stop(2)
    await station.delivered()
    assert await held(stage) == []  # ended with its session
    late = await place(stage, 2, relative(6))
    assert (late["state"], late["answer"]["status"]) == ("rejected", "Rejected")


async def test_the_stations_schedule_is_laid_beside_ours(stage):
    await stage.id_token("ALICE")
    station = await stage.station("CS-1", *TWO, speed=1.0)
    await place(stage, 0, profile("station_max", 15000))
    steps = [{"start_s": 0, "limit": 9000}, {"start_s": 3600 + 600, "limit": 4000}]
    await place(stage, 0, profile("session_default", 0, periods=steps))
    weekly = profile("session_default", 0, kind="recurring", recurrence="daily", duration_s=3600 + 1200, stack_level=2,
                     periods=[{"start_s": 0, "limit": 6000.5}])  # fmt: skip
    await place(stage, 1, weekly)
    for evse in (0, 1, 2):
        shown = await stage.post("/stations/CS-1/composite-schedule", {"evse": evse, "duration_s": 7200, "unit": "W"})
        assert shown["answer"] == "accepted"
        assert shown["exceeded"] == []
        ours, theirs = shown["computed"], shown["reported"]
        assert [item["limit"] for item in ours] == [item["limit"] for item in theirs]
        gaps = [abs(one["start_s"] - two["start_s"]) for one, two in zip(ours, theirs, strict=True)]
        assert max(gaps) <= 1
    station.profiles.clear(_everything())  # the station lost its profiles and said nothing
    shown = await stage.post("/stations/CS-1/composite-schedule", {"evse": 2, "duration_s": 7200, "unit": "W"})
    assert shown["exceeded"][0]["limit"] == 9000
    refused = await stage.post("/stations/CS-1/composite-schedule", {"evse": 7, "duration_s": 60})
    assert (refused["answer"], refused["reported"]) == ("rejected", None)


def _everything():
    from csms.ocpp import v16

    return v16.ClearChargingProfile()


async def test_a_station_that_takes_amperes_only_gets_amperes(stage):
    await stage.station("CS-1", *TWO, configuration={"ChargingScheduleAllowedChargingRateUnit": "Current"})
    await stage.post("/stations/CS-1/commands/get-configuration", {}, wait=10)
    sent = await place(stage, 1, profile("session_default", 11000), voltage_v=230, phases=3)
    assert sent["payload"]["profile"]["unit"] == "A"
    assert sent["payload"]["profile"]["periods"][0]["limit"] == 15.9  # 15.94 A, rounded down


async def test_nonsense_is_refused_before_it_is_sent(stage):
    await stage.station("CS-1")
    for body in (
        {"evse": 1, "profile": profile("station_max", 100)},
        {"evse": 0, "profile": relative(10)},
        {"evse": 1, "profile": relative(10.05)},
        {"evse": 1, "profile": relative(10, recurrence="daily")},
        {"evse": 1},
    ):
        refused = await stage.api.post(f"/api/v1{HERE}", json=body)
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid_charging_profile"), body
    wrong = {"id_token": "ALICE", "evse": 1, "charging_profile": {**profile("session_default", 5), "stack_level": 0}}
    refused = await stage.api.post("/api/v1/stations/CS-1/commands/start", json=wrong)
    assert refused.status_code == 422
    assert await stage.rows("commands") == []
