"""Charging profiles: set, obeyed, cleared, reported."""

from datetime import timedelta

import pytest

from csms.simulator import Car, ConnectorSpec


def profile(number, purpose, *periods, **more):
    schedule = {"chargingRateUnit": more.pop("unit", "A"), "chargingSchedulePeriod": list(periods)}
    schedule |= {key: more.pop(key) for key in ("duration", "startSchedule") if key in more}
    return {
        "chargingProfileId": number,
        "stackLevel": more.pop("level", 0),
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": more.pop("kind", "Relative"),
        "chargingSchedule": schedule,
        **more,
    }


def period(start, limit):
    return {"startPeriod": start, "limit": limit}


@pytest.fixture
def install(csms):
    async def install(connector_id, body):
        answer = await csms.call(
            "CS-1", "SetChargingProfile", {"connectorId": connector_id, "csChargingProfiles": body}
        )
        return answer["status"] if isinstance(answer, dict) else answer.code

    return install


async def test_a_transaction_profile_limits_the_power_and_ends_with_it(stage, csms, clock, install):
    station = await stage.station()
    await station.plug_in(1, Car(max_ac_w=22_000, capacity_wh=90_000))
    record = await station.start(1, "TAG")
    body = profile(1, "TxProfile", period(0, 10), period(1800, 0), transactionId=record.transaction_id)
    assert await install(1, body) == "Accepted"
    await clock.advance(1800)
    assert station.connector(1).meter_wh == pytest.approx(5000 + 6900 / 2, abs=5)
    await clock.advance(1800)
    assert csms.statuses(1)[-1] == "SuspendedEVSE"
    assert station.connector(1).meter_wh == pytest.approx(5000 + 6900 / 2, abs=40)

    await station.stop(1)
    assert len(station.profiles) == 0


async def test_defaults_hold_where_no_transaction_profile_does(stage, csms, clock, install):
    station = await stage.station(ConnectorSpec(), ConnectorSpec())
    assert await install(0, profile(1, "TxDefaultProfile", period(0, 6))) == "Accepted"
    assert await install(2, profile(2, "TxDefaultProfile", period(0, 16))) == "Accepted"
    for connector_id in (1, 2):
        await station.plug_in(connector_id, Car(max_ac_w=22_000, capacity_wh=90_000))
        await station.start(connector_id, "TAG")
    assert [connector.power_w for connector in station.connectors] == [6 * 690, 16 * 690]

    assert await csms.call("CS-1", "ClearChargingProfile", {"connectorId": 2}) == {"status": "Accepted"}
    await clock.advance(1)
    assert station.connector(2).power_w == 6 * 690
    assert await csms.call("CS-1", "ClearChargingProfile", {"id": 77}) == {"status": "Unknown"}


async def test_a_remote_start_brings_its_own_profile(stage, csms):
    station = await stage.station()
    await station.plug_in(1, Car())
    request = {"idTag": "APP", "connectorId": 1, "chargingProfile": profile(1, "TxProfile", period(0, 8))}
    heard = csms.heard("StatusNotification", status="Charging")
    assert await csms.call("CS-1", "RemoteStartTransaction", request) == {"status": "Accepted"}
    await heard
    assert station.connector(1).offered_w == 8 * 690

    wrong = {"idTag": "APP", "chargingProfile": profile(1, "TxDefaultProfile", period(0, 8))}
    assert await csms.call("CS-1", "RemoteStartTransaction", wrong) == {"status": "Rejected"}


async def test_profiles_that_cannot_be(stage, install):
    await stage.station()
    assert await install(1, profile(1, "TxProfile", period(0, 8))) == "Rejected"
    assert await install(1, profile(1, "ChargePointMaxProfile", period(0, 8))) == "Rejected"
    assert await install(1, profile(1, "TxDefaultProfile", period(60, 8))) == "Rejected"
    assert await install(1, profile(1, "TxDefaultProfile", period(0, 8), level=99)) == "Rejected"
    assert await install(1, profile(1, "TxDefaultProfile", period(0, 8), kind="Recurring")) == "Rejected"
    assert await install(5, profile(1, "TxDefaultProfile", period(0, 8))) == "PropertyConstraintViolation"


async def test_the_composite_schedule_is_the_least_of_all(stage, csms, clock, install):
    await stage.station()
    start = clock.now().isoformat()
    overall = profile(
        1,
        "ChargePointMaxProfile",
        period(0, 11_000),
        period(600, 7_000),
        unit="W",
        kind="Absolute",
        startSchedule=start,
    )
    await install(0, overall)
    await install(1, profile(2, "TxDefaultProfile", period(0, 20.0), period(900, 6.5)))
    request = {"connectorId": 1, "duration": 1800, "chargingRateUnit": "W"}
    answer = await csms.call("CS-1", "GetCompositeSchedule", request)
    assert answer["status"] == "Accepted"
    periods = answer["chargingSchedule"]["chargingSchedulePeriod"]
    assert [(p["startPeriod"], float(p["limit"])) for p in periods] == [(0, 11_000), (600, 7_000), (900, 4_485)]

    whole = await csms.call("CS-1", "GetCompositeSchedule", {"connectorId": 0, "duration": 300})
    assert [float(p["limit"]) for p in whole["chargingSchedule"]["chargingSchedulePeriod"]] == [11_000]
    unknown = await csms.call("CS-1", "GetCompositeSchedule", {"connectorId": 9, "duration": 300})
    assert unknown == {"status": "Rejected"}


async def test_nights_are_for_charging(stage, csms, clock, install):
    station = await stage.station()
    midnight = clock.now().replace(hour=0) - timedelta(days=3)
    nights = profile(
        1,
        "TxDefaultProfile",
        period(0, 16),
        period(6 * 3600, 0),
        period(22 * 3600, 16),
        kind="Recurring",
        recurrencyKind="Daily",
        startSchedule=midnight.isoformat(),
    )
    assert await install(0, nights) == "Accepted"
    await station.plug_in(1, Car(capacity_wh=90_000))
    await station.start(1, "TAG")
    await clock.advance(13 * 3600)
    assert station.connector(1).meter_wh == 5000
    await clock.advance(2 * 3600)
    assert csms.statuses(1)[-2:] == ["SuspendedEVSE", "Charging"]
    assert station.connector(1).meter_wh == pytest.approx(5000 + 11_000, rel=0.02)
