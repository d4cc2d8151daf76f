"""Stories of one scripted station: what it says, in which order, and what it remembers."""

import asyncio
from datetime import timedelta

from csms.simulator import Car, ConnectorSpec

from .conftest import SILENCE


async def test_boots_and_reports_itself_and_every_connector(stage, csms):
    station = await stage.station(ConnectorSpec(), ConnectorSpec())

    boot, *statuses = csms.received
    assert boot.action == "BootNotification"
    assert boot.payload["chargePointModel"] == "AC22"
    assert [(s.payload["connectorId"], s.payload["status"]) for s in statuses[:3]] == [
        (0, "Available"),
        (1, "Available"),
        (2, "Available"),
    ]
    assert station.ready


async def test_a_charge_from_plug_to_unplug(stage, csms):
    station = await stage.station()
    await station.plug_in(1)
    info = await station.swipe(1, "TAG")
    assert info.status == "Accepted"
    await station.meter(1, wh=1500)
    await station.meter(1, wh=500)
    await station.swipe(1, "TAG")
    await station.unplug(1)
    await stage.clock.advance(1)

    story = [received.action for received in csms.received if received.action != "StatusNotification"]
    assert story == [
        "BootNotification",
        "Authorize",
        "StartTransaction",
        "MeterValues",
        "MeterValues",
        "StopTransaction",
    ]
    assert csms.statuses(1) == ["Available", "Preparing", "Charging", "Finishing", "Available"]
    start, stop = csms.payloads("StartTransaction")[0], csms.payloads("StopTransaction")[0]
    assert (start["meterStart"], stop["meterStop"]) == (5000, 7000)
    assert (start["idTag"], stop["idTag"], stop["reason"]) == ("TAG", "TAG", "Local")
    assert stop["transactionId"] == 1001
    assert {m["transactionId"] for m in csms.payloads("MeterValues")} == {1001}


async def test_a_start_is_said_before_the_status_that_follows_from_it(stage, csms):
    station = await stage.station()
    await station.plug_in(1)
    await station.start(1, "TAG")
    await stage.clock.advance(1)

    order = [(r.action, r.payload.get("status")) for r in csms.received[-2:]]
    assert order == [("StartTransaction", None), ("StatusNotification", "Charging")]


async def test_the_journal_knows_what_was_acknowledged(stage):
    station = await stage.station()
    record = await station.start(1, "TAG")
    await station.meter(1, wh=1234)
    assert (record.transaction_id, record.stop_acknowledged) == (1001, False)
    await station.stop(1, reason="EVDisconnected")

    (record,) = stage.fleets[0].journal.records("CS-1")
    assert record.energy_wh == 1234
    assert (record.meter_start_wh, record.meter_stop_wh) == (5000, 6234)
    assert (record.readings, record.readings_acknowledged, record.meter_acknowledged_wh) == (1, 1, 6234)
    assert (record.reason, record.stop_acknowledged) == ("EVDisconnected", True)


async def test_a_car_fills_up_and_then_pauses_the_charge(stage, csms, clock):
    station = await stage.station(ConnectorSpec("DC", 150_000))
    await station.plug_in(1, Car(capacity_wh=50_000, soc_percent=60, max_dc_w=100_000))
    await station.swipe(1, "TAG")
    await clock.advance(2 * 3600)

    assert csms.statuses(1)[-2:] == ["Charging", "SuspendedEV"]
    readings = [
        {v["measurand"]: v["value"] for v in m["meterValue"][0]["sampledValue"]} for m in csms.payloads("MeterValues")
    ]
    energy = [int(reading["Energy.Active.Import.Register"]) for reading in readings]
    power = [float(reading["Power.Active.Import"]) for reading in readings]
    assert energy == sorted(energy)
    assert energy[-1] == round(50_000 * 0.4 / 0.93, -1) or abs(energy[-1] - 50_000 * 0.4 / 0.93) < 10
    assert power[0] > 60_000  # near its best at 60 %
    assert power[0] > power[5] > power[10]  # and tapering
    assert power[-1] == 0
    assert float(readings[-1]["SoC"]) == 100


async def test_readings_come_at_the_interval_with_every_phase(stage, csms, clock):
    station = await stage.station(configuration={"MeterValueSampleInterval": "300"})
    await station.plug_in(1, Car(max_ac_w=11_000))
    await station.start(1, "TAG")
    await clock.advance(901)

    readings = csms.payloads("MeterValues")
    assert [m["meterValue"][0]["timestamp"] for m in readings] == [
        "2026-03-02T08:05:00Z",
        "2026-03-02T08:10:00Z",
        "2026-03-02T08:15:00Z",
    ]
    values = readings[0]["meterValue"][0]["sampledValue"]
    assert [v.get("phase") for v in values if v["measurand"] == "Current.Import"] == ["L1", "L2", "L3"]
    assert [v.get("phase") for v in values if v["measurand"] == "Voltage"] == ["L1", "L2", "L3"]
    ampere = next(float(v["value"]) for v in values if v["measurand"] == "Current.Import")
    assert 15 < ampere < 17  # 11 kW over three phases


async def test_clock_aligned_readings_also_without_a_transaction(stage, csms, clock):
    await stage.station(configuration={"ClockAlignedDataInterval": "900"})
    await clock.advance(1801)

    readings = csms.payloads("MeterValues")
    assert len(readings) == 2
    assert "transactionId" not in readings[0]
    assert readings[0]["meterValue"][0]["sampledValue"][0]["context"] == "Sample.Clock"


async def test_readings_for_the_bill_travel_inside_the_stop(stage, csms, clock):
    station = await stage.station(configuration={"StopTxnSampledData": "Energy.Active.Import.Register"})
    await station.plug_in(1, Car())
    await station.start(1, "TAG")
    await clock.advance(121)
    await station.stop(1)

    data = csms.payloads("StopTransaction")[0]["transactionData"]
    contexts = [value["sampledValue"][0]["context"] for value in data]
    assert contexts == ["Transaction.Begin", "Sample.Periodic", "Sample.Periodic", "Transaction.End"]


async def test_heartbeats_keep_the_interval_of_the_central_system(stage, csms, clock):
    csms.boot["interval"] = 120
    station = await stage.station()
    await clock.advance(601)
    assert len(csms.of("Heartbeat")) == 5

    await csms.call("CS-1", "ChangeConfiguration", {"key": "HeartbeatInterval", "value": "10"})
    await clock.advance(61)
    assert len(csms.of("Heartbeat")) == 5 + 6
    assert station.configuration.number("HeartbeatInterval") == 10


async def test_a_card_without_a_cable_times_out(stage, csms, clock):
    station = await stage.station()
    await station.swipe(1, "TAG")
    assert csms.statuses(1)[-1] == "Available"  # still on its way
    await clock.advance(61)

    assert csms.statuses(1) == ["Available", "Preparing", "Available"]
    assert csms.of("StartTransaction") == []


async def test_card_first_then_cable(stage, csms):
    station = await stage.station()
    await station.swipe(1, "TAG")
    await station.plug_in(1)
    assert csms.payloads("StartTransaction")[0]["idTag"] == "TAG"


async def test_a_refused_card_starts_nothing(stage, csms):
    csms.id_tags["BAD"] = {"status": "Blocked"}
    station = await stage.station()
    await station.plug_in(1)
    assert (await station.swipe(1, "BAD")).status == "Blocked"
    assert csms.of("StartTransaction") == []


async def test_a_tag_refused_at_the_start_is_stopped_as_deauthorized(stage, csms):
    csms.id_tags["LATE"] = {"status": "ConcurrentTx"}
    station = await stage.station()
    record = await station.start(1, "LATE")
    await station.delivered()

    stop = csms.payloads("StopTransaction")[0]
    assert (stop["reason"], stop["transactionId"]) == ("DeAuthorized", record.transaction_id)


async def test_a_refused_tag_may_take_a_little_energy_home(stage, csms, clock):
    csms.id_tags["LATE"] = {"status": "Invalid"}
    station = await stage.station(configuration={"MaxEnergyOnInvalidId": "500"})
    await station.plug_in(1, Car())
    await station.start(1, "LATE")
    await clock.advance(1800)

    stop = csms.payloads("StopTransaction")[0]
    assert (stop["reason"], stop["meterStop"]) == ("DeAuthorized", 5500)


async def test_without_stopping_a_refused_tag_the_energy_just_ends(stage, csms, clock):
    csms.id_tags["LATE"] = {"status": "Invalid"}
    station = await stage.station(configuration={"StopTransactionOnInvalidId": "false"})
    await station.plug_in(1, Car())
    await station.start(1, "LATE")
    await clock.advance(600)

    assert csms.statuses(1)[-1] == "SuspendedEVSE"
    assert csms.of("StopTransaction") == []
    assert station.connector(1).meter_wh == 5000


async def test_the_group_of_the_starter_may_stop(stage, csms):
    csms.id_tags["ANNA"] = {"status": "Accepted", "parentIdTag": "FAMILY"}
    csms.id_tags["BERT"] = {"status": "Accepted", "parentIdTag": "FAMILY"}
    station = await stage.station()
    await station.plug_in(1)
    await station.swipe(1, "ANNA")
    assert (await station.swipe(1, "STRANGER")).status == "Invalid"
    await station.swipe(1, "BERT")

    assert csms.payloads("StopTransaction")[0]["idTag"] == "BERT"
    assert [p["idTag"] for p in csms.payloads("Authorize")] == ["ANNA", "STRANGER", "BERT"]


async def test_pulling_the_cable_stops_or_pauses_as_configured(stage, csms, clock):
    station = await stage.station()
    await station.plug_in(1)
    await station.start(1, "TAG")
    await station.unplug(1)
    assert csms.payloads("StopTransaction")[0]["reason"] == "EVDisconnected"

    await csms.call("CS-1", "ChangeConfiguration", {"key": "StopTransactionOnEVSideDisconnect", "value": "false"})
    await station.plug_in(1)
    await station.start(1, "TAG")
    await station.unplug(1)
    await clock.advance(1)
    last = csms.payloads("StatusNotification")[-1]
    assert (last["status"], last["info"]) == ("SuspendedEV", "EV side disconnected")
    assert len(csms.of("StopTransaction")) == 1


async def test_a_fault_says_what_it_is_ends_the_charge_and_recovers(stage, csms, clock):
    station = await stage.station()
    await station.start(1, "TAG")
    await station.status(1, "Faulted", "GroundFailure", info="Residual current", vendor_error_code="E-0102")
    await clock.advance(1)
    fault = csms.payloads("StatusNotification")[-1]
    assert (fault["errorCode"], fault["info"], fault["vendorErrorCode"]) == (
        "GroundFailure",
        "Residual current",
        "E-0102",
    )
    assert csms.payloads("StopTransaction")[0]["reason"] == "Other"

    await station.status(1, "Available")
    await clock.advance(1)
    assert csms.statuses(1)[-2:] == ["Faulted", "Finishing"]


async def test_a_warning_is_said_and_changes_nothing(stage, csms):
    station = await stage.station()
    await station.status(0, "Available", "WeakSignal", info="RSSI -109 dBm")
    assert csms.payloads("StatusNotification")[-1]["errorCode"] == "WeakSignal"
    assert station.main.fault is None


async def test_the_red_button(stage, csms):
    station = await stage.station()
    await station.start(1, "TAG")
    await station.emergency_stop(1)
    assert csms.payloads("StopTransaction")[0]["reason"] == "EmergencyStop"


async def test_a_power_cut_ends_the_charge_at_the_moment_of_the_loss(stage, csms, clock):
    station = await stage.station()
    await station.plug_in(1, Car())
    await station.start(1, "TAG")
    await clock.advance(600)
    lost_at = station.now()
    station.power_loss()
    await clock.advance(300)
    station.power_up()
    await clock.advance(5)

    stop = csms.payloads("StopTransaction")[0]
    assert (stop["reason"], stop["timestamp"]) == ("PowerLoss", lost_at.isoformat().replace("+00:00", "Z"))
    assert len(csms.of("BootNotification")) == 2
    boots_before_stop = [r.action for r in csms.of("BootNotification", "StopTransaction")]
    assert boots_before_stop == ["BootNotification", "BootNotification", "StopTransaction"]


async def test_a_charge_may_go_on_after_a_power_cut(stage, csms, clock):
    station = await stage.station()
    await station.plug_in(1, Car())
    await station.start(1, "TAG")
    await clock.advance(600)
    station.power_loss()
    before_wh = station.connector(1).meter_wh
    await clock.advance(3600)
    assert station.connector(1).meter_wh == before_wh
    station.power_up(resume=True)
    await clock.advance(600)
    await station.stop(1)

    assert station.connector(1).meter_wh > before_wh
    assert csms.payloads("StopTransaction")[0]["transactionId"] == 1001
    assert len(csms.of("StartTransaction")) == 1


async def test_two_cars_share_the_limit_of_the_station(stage, csms, clock):
    station = await stage.station(ConnectorSpec(), ConnectorSpec())
    await _limit_station(csms, clock, 10_000)
    for connector_id in (1, 2):
        await station.plug_in(connector_id, Car(max_ac_w=22_000, capacity_wh=90_000))
        await station.start(connector_id, f"TAG-{connector_id}")
    await clock.advance(3600)
    delivered = [connector.meter_wh for connector in station.connectors]
    assert all(4_900 < wh < 5_100 for wh in delivered)


async def _limit_station(csms, clock, watts):
    profile = {
        "chargingProfileId": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "ChargePointMaxProfile",
        "chargingProfileKind": "Absolute",
        "chargingSchedule": {
            "startSchedule": (clock.now() - timedelta(hours=1)).isoformat(),
            "chargingRateUnit": "W",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": watts}],
        },
    }
    answer = await csms.call("CS-1", "SetChargingProfile", {"connectorId": 0, "csChargingProfiles": profile})
    assert answer == {"status": "Accepted"}


async def test_no_transaction_begins_without_mains(stage, csms):
    """They go while the central system is asked about the card; a start after that would end before it began."""
    station = await stage.station(configuration={"AllowOfflineTxForUnknownId": "true"})
    await station.plug_in(1)
    csms.answer_next("Authorize", SILENCE)
    swiping = asyncio.create_task(station.swipe(1, "ANNA"))
    await csms.heard("Authorize")
    station.power_loss()
    await swiping
    assert station.connector(1).transaction is None
    assert not csms.of("StartTransaction")
