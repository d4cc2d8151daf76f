"""Sessions that an operator starts and stops from afar."""

import pytest

from csms.simulator import ConnectorSpec
from csms.simulator.connector import Fault

from ..harness.conversation import ANY, NONE, hears, reports, says
from .conftest import BRISK

pytestmark = pytest.mark.asyncio(loop_scope="module")

ACCEPTED = {"status": "Accepted"}
VALID = {"idTagInfo": {"status": "Accepted"}}


@pytest.mark.case("TC_010")
async def test_tc_010_remote_start_cable_first(case):
    """Remote Start Session - Cable Plugged in First"""
    card, station = await case.card(), await case.station(ConnectorSpec(), ConnectorSpec())
    await station.plug_in(2)
    asked = await case.command("start", id_token=card, evse=2)
    assert (asked["state"], asked["answer"]) == ("accepted", ACCEPTED)
    await case.conversation(
        reports("Preparing", 2),
        hears("RemoteStartTransaction", ACCEPTED, idTag=card, connectorId=2, chargingProfile=NONE),
        says("Authorize", VALID, idTag=card),
        says("StartTransaction", VALID, idTag=card, connectorId=2),
        reports("Charging", 2),
    )
    await case.session(state="active", evse=2, id_token=card)


@pytest.mark.case("TC_011_1")
async def test_tc_011_1_remote_start_first(case):
    """Remote Start Session - Remote Start First"""
    card, station = await case.card(), await case.station()
    await case.command("start", id_token=card, evse=1)
    await case.conversation(
        hears("RemoteStartTransaction", ACCEPTED, idTag=card, connectorId=1),
        says("Authorize", VALID, idTag=card),
        reports("Preparing"),
    )
    assert await case.sessions() == []
    await station.plug_in(1)
    await case.conversation(
        reports("Preparing"), says("StartTransaction", VALID, idTag=card, connectorId=1), reports("Charging")
    )
    await case.session(state="active", id_token=card)


@pytest.mark.case("TC_011_2")
async def test_tc_011_2_remote_start_time_out(case):
    """Remote Start Session - Time Out"""
    card = await case.card()
    await case.station(speed=BRISK, configuration={"ConnectionTimeOut": "30"})
    await case.command("start", id_token=card, evse=1)
    await case.conversation(
        hears("RemoteStartTransaction", ACCEPTED, idTag=card), reports("Preparing"), reports("Available")
    )
    await case.shows(1, status="available")
    assert await case.sessions() == []


@pytest.mark.case("TC_012")
async def test_tc_012_remote_stop(case):
    """Remote Stop Session"""
    card, station = await case.card(), await case.station()
    await station.start(1, card)
    await station.meter(1, 1200)
    running = await case.session(state="active")
    asked = await case.command("stop", session=running["uid"])
    assert (asked["state"], asked["answer"]) == ("accepted", ACCEPTED)
    transaction = running["transaction_id"]
    await case.conversation(
        hears("RemoteStopTransaction", ACCEPTED, transactionId=transaction),
        says("StopTransaction", transactionId=transaction, reason="Remote", meterStop=6200),
        reports("Finishing"),
    )
    await case.session(state="ended", stop_reason="remote", energy_wh=1200)
    await station.unplug(1)
    await case.conversation(reports("Finishing"), reports("Available"))
    await case.nothing_to_review()


@pytest.mark.case("TC_026")
@pytest.mark.behaviour("B-067")
async def test_tc_026_remote_start_rejected(case):
    """Remote Start Session - Rejected"""
    card, station = await case.card(), await case.station()
    station.fail(1, Fault("GroundFailure"))
    asked = await case.command("start", id_token=card, evse=1)
    assert (asked["state"], asked["answer"]) == ("rejected", {"status": "Rejected"})
    await case.conversation(hears("RemoteStartTransaction", {"status": "Rejected"}, idTag=card, connectorId=1))
    assert await case.sessions() == []


@pytest.mark.case("TC_028")
@pytest.mark.behaviour("B-068")
async def test_tc_028_remote_stop_rejected(case):
    """Remote Stop Transaction - Rejected"""
    card, station = await case.card(), await case.station()
    await station.start(1, card)
    running = await case.session(state="active")
    other = running["transaction_id"] + 1_000_000
    asked = await case.command("stop", transaction_id=other)
    assert (asked["state"], asked["answer"]) == ("rejected", {"status": "Rejected"})
    await case.conversation(
        says("StartTransaction", {"transactionId": ANY}),
        hears("RemoteStopTransaction", {"status": "Rejected"}, transactionId=other),
    )
    await case.session(state="active")  # it goes on until its station says that it stopped
    assert await case.said("StopTransaction") == []
