"""Charging profiles: placed, sent with a start, cleared, and what they allow together."""

from datetime import UTC, datetime, timedelta

import pytest

from csms.simulator import ConnectorSpec

from ..harness.conversation import ANY, NONE, hears, reports, says

pytestmark = pytest.mark.asyncio(loop_scope="module")

ACCEPTED = {"status": "Accepted"}
TWO = (ConnectorSpec(), ConnectorSpec())


def default(limit, **more):
    """For every session, in A for each phase."""
    start = (datetime.now(UTC) - timedelta(hours=1)).replace(microsecond=0).isoformat()
    periods = [{"start_s": 0, "limit": limit}]
    return {"purpose": "session_default", "kind": "absolute", "unit": "A", "start_at": start, "periods": periods} | more


def of_session(*limits, **more):
    periods = [{"start_s": 600 * place, "limit": limit} for place, limit in enumerate(limits)]
    return {"purpose": "session", "kind": "relative", "unit": "A", "periods": periods} | more


async def place(case, evse, profile, **more):
    asked = await case.post("/charging-profiles", {"evse": evse, "profile": profile, **more})
    assert (asked["state"], asked["answer"]) == ("accepted", ACCEPTED)
    return asked


async def held(case):
    found = await case.stage.get(case.path("/charging-profiles"))
    return [(one["evse"], one["profile"]["purpose"], one["profile"]["periods"][0]["limit"]) for one in found]


@pytest.mark.case("TC_056")
async def test_tc_056_tx_default_profile(case):
    """Central Smart Charging - TxDefaultProfile"""
    station = await case.station(*TWO)
    kept = await case.stage.post("/charging-profiles", {"name": case.identity, "profile": default(10)})
    asked = await case.post("/charging-profiles", {"evse": 1, "charging_profile_id": kept["id"]})
    assert asked["state"] == "accepted"
    profile = {
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Absolute",
        "stackLevel": 0,
        "transactionId": NONE,
        "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 10.0}]},
    }
    await case.conversation(hears("SetChargingProfile", ACCEPTED, connectorId=1, csChargingProfiles=profile))
    assert await held(case) == [(1, "session_default", 10)]
    await station.start(1, await case.card())
    assert station.connector(1).offered_w == pytest.approx(10 * 3 * 230)


@pytest.mark.case("TC_057")
@pytest.mark.behaviour("B-078")
async def test_tc_057_tx_profile(case):
    """Central Smart Charging - TxProfile"""
    card, station = await case.card(), await case.station(*TWO)
    await station.start(1, card)
    running = await case.session(state="active")
    await place(case, 1, of_session(8, 12))
    transaction = running["transaction_id"]
    profile = {
        "chargingProfilePurpose": "TxProfile",
        "transactionId": transaction,
        "chargingSchedule": {
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 8.0}, {"startPeriod": 600, "limit": 12.0}],
        },
    }
    await case.conversation(
        says("StartTransaction", {"transactionId": transaction}),
        hears("SetChargingProfile", ACCEPTED, connectorId=1, csChargingProfiles=profile),
    )
    assert await held(case) == [(1, "session", 8)]
    assert station.connector(1).offered_w == pytest.approx(8 * 3 * 230)
    await station.stop(1)
    await case.session(state="ended")
    assert await held(case) == []  # it ended with its session


@pytest.mark.case("TC_059")
@pytest.mark.behaviour("B-077")
async def test_tc_059_remote_start_with_profile(case):
    """Remote Start Transaction with Charging Profile"""
    card, station = await case.card(), await case.station(*TWO)
    await station.plug_in(1)
    asked = await case.command("start", id_token=card, evse=1, charging_profile=of_session(6))
    assert (asked["state"], asked["answer"]) == ("accepted", ACCEPTED)
    profile = {"chargingProfilePurpose": "TxProfile", "transactionId": NONE, "chargingProfileId": ANY}
    await case.conversation(
        hears("RemoteStartTransaction", ACCEPTED, idTag=card, connectorId=1, chargingProfile=profile),
        says("Authorize", {"idTagInfo": {"status": "Accepted"}}, idTag=card),
        says("StartTransaction", {"idTagInfo": {"status": "Accepted"}}, connectorId=1, idTag=card),
        reports("Charging"),
    )
    await case.session(state="active", id_token=card)
    assert await held(case) == [(1, "session", 6)]
    assert station.connector(1).offered_w == pytest.approx(6 * 3 * 230)


@pytest.mark.case("TC_066")
async def test_tc_066_composite_schedule(case):
    """Get Composite Schedule"""
    await case.station(*TWO, speed=1.0)
    await place(case, 0, default(16))
    await place(case, 1, default(10, stack_level=1, periods=[{"start_s": 0, "limit": 10}]))
    shown = await case.post("/composite-schedule", {"evse": 1, "duration_s": 300, "unit": "A"})
    assert (shown["answer"], shown["exceeded"]) == ("accepted", [])
    assert [step["limit"] for step in shown["reported"]] == [step["limit"] for step in shown["computed"]] == [10]
    schedule = {"chargingRateUnit": "A", "duration": 300, "chargingSchedulePeriod": ANY}
    await case.conversation(
        hears("SetChargingProfile", ACCEPTED, connectorId=0),
        hears("SetChargingProfile", ACCEPTED, connectorId=1),
        hears(
            "GetCompositeSchedule",
            {"status": "Accepted", "connectorId": 1, "scheduleStart": ANY, "chargingSchedule": schedule},
            connectorId=1,
            duration=300,
            chargingRateUnit="A",
        ),
    )


@pytest.mark.case("TC_067")
async def test_tc_067_clear_charging_profile(case):
    """Clear Charging Profile"""
    station = await case.station(*TWO)
    first = await place(case, 1, default(10))
    await place(case, 2, default(12))
    number = first["payload"]["profile"]["number"]
    cleared = await case.post("/charging-profiles/clear", {"number": number})
    assert (cleared["state"], cleared["answer"]) == ("accepted", ACCEPTED)
    await case.conversation(
        hears("SetChargingProfile", ACCEPTED, connectorId=1, csChargingProfiles={"chargingProfileId": number}),
        hears("ClearChargingProfile", ACCEPTED, id=number, connectorId=NONE, stackLevel=NONE),
    )
    assert await held(case) == [(2, "session_default", 12)]
    assert len(station.profiles) == 1
    unknown = await case.post("/charging-profiles/clear", {"number": 999_999})
    assert (unknown["state"], unknown["answer"]) == ("rejected", {"status": "Unknown"})
