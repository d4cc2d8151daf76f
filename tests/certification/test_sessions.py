"""Booting, and sessions that a driver starts at the station."""

from datetime import UTC, datetime, timedelta

import pytest

from csms.simulator import Car, ConnectorSpec
from csms.simulator.connector import Fault

from ..harness.conversation import ANY, NONE, reports, says
from .conftest import BRISK

pytestmark = pytest.mark.asyncio(loop_scope="module")

ACCEPTED = {"idTagInfo": {"status": "Accepted"}}


@pytest.mark.case("TC_001")
@pytest.mark.behaviour("B-058")
async def test_tc_001_cold_boot(case):
    """Cold Boot Charging Station"""
    await case.station(ConnectorSpec(), ConnectorSpec(), firmware="3.1.4")
    accepted = {"status": "Accepted", "interval": ANY, "currentTime": ANY}
    boot, *_ = await case.conversation(
        says("BootNotification", accepted, chargePointVendor="Skylark", chargePointModel="AC22"),
        reports("Available", 0),
        reports("Available", 1),
        reports("Available", 2),
    )
    answer = boot["answer"][2]
    assert answer["interval"] > 0
    assert answer["currentTime"].endswith("Z")
    assert abs(datetime.fromisoformat(answer["currentTime"]) - datetime.now(UTC)) < timedelta(minutes=1)
    shown = await case.shows(2, status="available")
    assert shown["presence"]["online"]
    assert (shown["registration"], shown["status"]["status"]) == ("accepted", "available")
    assert (shown["boot"]["vendor"], shown["boot"]["firmware_version"]) == ("Skylark", "3.1.4")


@pytest.mark.case("TC_003")
async def test_tc_003_plugin_first(case):
    """Regular Session - Plugin First"""
    card, station = await case.card(), await case.station()
    await station.plug_in(1, Car())
    await station.swipe(1, card)
    await station.delivered()
    start = {"idTagInfo": {"status": "Accepted"}, "transactionId": ANY}
    await case.conversation(
        reports("Preparing"),
        says("Authorize", ACCEPTED, idTag=card),
        says("StartTransaction", start, connectorId=1, idTag=card, meterStart=5000, reservationId=NONE),
        reports("Charging"),
    )
    await case.shows(1, status="charging")
    running = await case.session(state="active")
    assert (running["id_token"], running["authorization"]) == (card, "accepted")
    await station.swipe(1, card)
    await station.unplug(1)
    await station.delivered()
    await case.conversation(
        reports("Charging"),
        says("StopTransaction", ACCEPTED, idTag=card, reason="Local", transactionId=running["transaction_id"]),
        reports("Finishing"),
        reports("Available"),
    )
    ended = await case.session(state="ended")
    [record] = station.world.journal.records()
    assert (ended["energy_wh"], ended["stop_reason"]) == (record.energy_wh, "local")
    assert datetime.fromisoformat(ended["started_at"]) == record.started_at
    assert datetime.fromisoformat(ended["ended_at"]) == record.stopped_at
    await case.nothing_to_review()


@pytest.mark.case("TC_004_1")
async def test_tc_004_1_identification_first(case):
    """Regular Session - Identification First"""
    card, station = await case.card(), await case.station()
    await station.swipe(1, card)
    await station.plug_in(1)
    await station.delivered()
    await case.conversation(
        says("Authorize", ACCEPTED, idTag=card),
        reports("Preparing"),
        says("StartTransaction", ACCEPTED, connectorId=1, idTag=card),
        reports("Charging"),
    )
    await case.session(state="active", id_token=card)


@pytest.mark.case("TC_004_2")
async def test_tc_004_2_connection_time_out(case):
    """Regular Session - Identification First - ConnectionTimeOut"""
    card, station = await case.card(), await case.station(speed=BRISK, configuration={"ConnectionTimeOut": "30"})
    await station.swipe(1, card)
    await case.conversation(
        says("Authorize", ACCEPTED, idTag=card), reports("Preparing"), reports("Available", timestamp=ANY)
    )
    await case.shows(1, status="available")
    assert await case.sessions() == []
    assert await case.said("StartTransaction") == []


@pytest.mark.case("TC_005_1")
async def test_tc_005_1_ev_side_disconnected(case):
    """EV Side Disconnected"""
    card, station = await case.card(), await case.station()
    await station.plug_in(1)
    await station.swipe(1, card)
    await station.meter(1, 700)
    await station.unplug(1)
    await station.delivered()
    await case.conversation(
        reports("Charging"),
        says("StopTransaction", reason="EVDisconnected", meterStop=5700, idTag=NONE),
        reports("Finishing", info="EV side disconnected"),
        reports("Available"),
    )
    await case.session(state="ended", stop_reason="ev_disconnected", energy_wh=700, stop_id_token=None)
    await case.shows(1, status="available")


@pytest.mark.case("TC_007")
async def test_tc_007_cached_id(case):
    """Regular Start Session - Cached Id"""
    card, station = await case.card(), await case.station(configuration={"LocalPreAuthorize": "true"})
    await station.swipe(1, card)
    await station.plug_in(1)
    await station.swipe(1, card)
    await station.unplug(1)
    await station.delivered()
    before = await case.said("Authorize")
    assert before == [{"idTag": card}]
    await station.plug_in(1)
    await station.swipe(1, card)
    await station.delivered()
    await case.conversation(
        says("StopTransaction"),
        reports("Preparing"),
        says("StartTransaction", ACCEPTED, idTag=card),
        reports("Charging"),
    )
    assert await case.said("Authorize") == before  # the cache was asked, not we
    assert [one["state"] for one in await case.sessions()] == ["active", "ended"]


async def refused_at_authorize(case, card, status):
    """The station asks, hears why not, and starts nothing."""
    station = await case.station()
    await station.plug_in(1)
    assert (await station.swipe(1, card)).status == status
    await station.unplug(1)
    await station.delivered()
    await case.conversation(says("Authorize", {"idTagInfo": {"status": status}}, idTag=card))
    assert await case.said("StartTransaction") == []
    assert await case.sessions() == []


@pytest.mark.case("TC_023_1")
@pytest.mark.behaviour("B-029", "B-031")
async def test_tc_023_1_authorize_invalid(case):
    """Start Session - Authorize Invalid"""
    await refused_at_authorize(case, "NOBODY-KNOWS-ME", "Invalid")


@pytest.mark.case("TC_023_2")
@pytest.mark.behaviour("B-029", "B-031")
async def test_tc_023_2_authorize_expired(case):
    """Start Session - Authorize Expired"""
    card = await case.card(expires_at=datetime(2021, 1, 1, tzinfo=UTC))
    await refused_at_authorize(case, card, "Expired")


@pytest.mark.case("TC_023_3")
@pytest.mark.behaviour("B-029", "B-031")
async def test_tc_023_3_authorize_blocked(case):
    """Start Session - Authorize Blocked"""
    await refused_at_authorize(case, await case.card(status="blocked"), "Blocked")


@pytest.mark.case("TC_024")
async def test_tc_024_lock_failure(case):
    """Start Session Lock Failure"""
    card, station = await case.card(), await case.station()
    await station.swipe(1, card)
    station.fail(1, Fault("ConnectorLockFailure"))
    await station.plug_in(1)
    await station.delivered()
    await case.conversation(
        says("Authorize", ACCEPTED, idTag=card),
        reports("Preparing"),
        reports("Faulted", errorCode="ConnectorLockFailure"),
    )
    await case.shows(1, status="faulted", error_code="ConnectorLockFailure")
    assert len(await case.facts("ConnectorFaulted")) == 1
    assert await case.sessions() == []
