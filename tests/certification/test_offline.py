"""Power cuts, and what happens while a station is offline."""

from datetime import datetime

import pytest

from ..harness.conversation import reports, says

pytestmark = pytest.mark.asyncio(loop_scope="module")

VALID = {"idTagInfo": {"status": "Accepted"}}


def of_record(shown, record):
    """Whether a session is shown as its station knows it."""
    assert shown["energy_wh"] == record.energy_wh
    assert datetime.fromisoformat(shown["started_at"]) == record.started_at
    assert datetime.fromisoformat(shown["ended_at"]) == record.stopped_at


async def offline(case, station):
    await station.go_offline()
    await case.stage.becomes(case.path(), lambda shown: not shown["presence"]["online"])


@pytest.mark.case("TC_032_1")
@pytest.mark.behaviour("B-017")
async def test_tc_032_1_power_failure(case):
    """Power Failure Boot - Stop Transactions"""
    card, station = await case.card(), await case.station()
    await station.start(1, card)
    await station.meter(1, 400)
    station.power_loss()
    await case.stage.becomes(case.path(), lambda shown: not shown["presence"]["online"])
    await case.session(state="active")  # not for us to end
    station.power_up()
    await case.conversation(
        says("StartTransaction"),
        says("BootNotification", {"status": "Accepted"}),
        says("StopTransaction", reason="PowerLoss", meterStop=5400),
    )
    of_record(await case.session(state="ended", stop_reason="power_loss"), station.world.journal.records()[0])
    await case.conversation(says("BootNotification"), reports("Available", 0), reports("Finishing", 1))


@pytest.mark.case("TC_037_1")
async def test_tc_037_1_offline_start(case):
    """Offline Start Transaction - Valid IdTag"""
    card = await case.card()
    station = await case.station(configuration={"AllowOfflineTxForUnknownId": "true"})
    await offline(case, station)
    await station.plug_in(1)
    await station.swipe(1, card)
    await station.come_online()
    [record] = station.world.journal.records()
    [start] = await case.conversation(says("StartTransaction", VALID, idTag=card, meterStart=5000))
    assert datetime.fromisoformat(start["call"][3]["timestamp"]) == record.started_at
    await case.conversation(reports("Charging"))
    running = await case.session(state="active", id_token=card)
    assert datetime.fromisoformat(running["started_at"]) == record.started_at
    assert await case.said("Authorize") == []


@pytest.mark.case("TC_037_3")
@pytest.mark.behaviour("B-015")
async def test_tc_037_3_offline_start_invalid(case):
    """Offline Start Transaction - Invalid IdTag - StopTransactionOnInvalidId"""
    keys = {"AllowOfflineTxForUnknownId": "true", "StopTransactionOnInvalidId": "true", "MaxEnergyOnInvalidId": "0"}
    station = await case.station(configuration=keys)
    await offline(case, station)
    await station.plug_in(1)
    await station.swipe(1, "NOBODY-KNOWS-ME")
    await station.meter(1, 300)
    await station.come_online()
    start, _ = await case.conversation(
        says("StartTransaction", {"idTagInfo": {"status": "Invalid"}}, idTag="NOBODY-KNOWS-ME"),
        says("StopTransaction", reason="DeAuthorized", meterStop=5300),
    )
    ended = await case.session(state="ended", authorization="invalid", stop_reason="de_authorized", energy_wh=300)
    assert start["answer"][2]["transactionId"] == ended["transaction_id"]
    [review] = (await case.stage.get("/review", station=case.identity))["items"]
    assert (review["kind"], review["energy_wh"]) == ("refused_energy", 300)
    await case.conversation(reports("Finishing"))


@pytest.mark.case("TC_039")
@pytest.mark.behaviour("B-004")
async def test_tc_039_offline_transaction(case):
    """Offline Transaction"""
    card = await case.card()
    station = await case.station(configuration={"AllowOfflineTxForUnknownId": "true"})
    await offline(case, station)
    await station.plug_in(1)
    await station.swipe(1, card)
    await station.meter(1, 900)
    await station.swipe(1, card)
    await station.unplug(1)
    assert await case.sessions() == []
    await station.come_online()
    start, _, stop = await case.conversation(
        says("StartTransaction", VALID, idTag=card),
        says("MeterValues"),
        says("StopTransaction", VALID, reason="Local", idTag=card, meterStop=5900),
    )
    assert stop["call"][3]["transactionId"] == start["answer"][2]["transactionId"]
    of_record(await case.session(state="ended", energy_wh=900), station.world.journal.records()[0])
    await case.nothing_to_review()
