"""Messages asked for, the authorization cache, and vendors' own messages."""

import pytest

from csms.ocpp import v16
from csms.simulator import ConnectorSpec

from ..harness.conversation import NONE, hears, says

pytestmark = pytest.mark.asyncio(loop_scope="module")

ACCEPTED = {"status": "Accepted"}


@pytest.mark.case("TC_054")
async def test_tc_054_trigger_message(case):
    """Trigger Message"""
    card, station = await case.card(), await case.station(ConnectorSpec(), ConnectorSpec())
    await station.start(1, card)
    running = await case.session(state="active")
    asked = {
        "meter-values": says("MeterValues", {}, connectorId=1, transactionId=running["transaction_id"]),
        "heartbeat": says("Heartbeat"),
        "status": says("StatusNotification", {}, connectorId=1, status="Charging"),
        "diagnostics-status": says("DiagnosticsStatusNotification", {}, status="Idle"),
        "firmware-status": says("FirmwareStatusNotification", {}, status="Idle"),
    }
    expected = []
    for message, said in asked.items():
        evse = {"evse": 1} if message in ("meter-values", "status") else {}
        command = await case.command("trigger", message=message, **evse)
        assert command["state"] == "accepted", message
        wire = {"connectorId": evse.get("evse", NONE), "requestedMessage": said.action}
        expected += [hears("TriggerMessage", ACCEPTED, **wire), said]
        await case.conversation(*expected)
    readings = (await case.stage.get(f"/sessions/{running['uid']}/readings"))["items"]
    assert readings[-1]["context"] == "Trigger"


@pytest.mark.case("TC_055")
@pytest.mark.behaviour("B-070")
async def test_tc_055_trigger_message_rejected(case):
    """Trigger Message - Rejected"""
    await case.station()
    asked = await case.command("trigger", message="meter-values", evse=9)
    assert (asked["state"], asked["answer"]) == ("rejected", {"status": "Rejected"})
    rejected = hears("TriggerMessage", {"status": "Rejected"}, requestedMessage="MeterValues", connectorId=9)
    await case.conversation(rejected)


@pytest.mark.case("TC_061")
async def test_tc_061_clear_cache(case):
    """Clear Authorization Data in Authorization Cache"""
    card, three = await case.card(), (ConnectorSpec(), ConnectorSpec(), ConnectorSpec())
    station = await case.station(*three, configuration={"LocalPreAuthorize": "true"})
    await station.swipe(1, card)
    await station.swipe(2, card)
    await station.delivered()
    assert await case.said("Authorize") == [{"idTag": card}]  # the second time the cache was asked
    asked = await case.command("clear-cache")
    assert (asked["state"], asked["answer"]) == ("accepted", ACCEPTED)
    await station.swipe(3, card)
    await case.conversation(says("Authorize", idTag=card), hears("ClearCache", ACCEPTED), says("Authorize", idTag=card))


@pytest.mark.case("TC_064")
@pytest.mark.behaviour("B-091")
async def test_tc_064_data_transfer(case):
    """Data Transfer to a CS"""
    station = await case.station()
    told = await station.call(v16.DataTransfer(vendor_id="org.skylark", message_id="DoorStatus", data='{"open": true}'))
    assert told.status == "Accepted"
    strange = await station.call(v16.DataTransfer(vendor_id="com.nobody", message_id="Hello", data="?"))
    assert strange.status == "UnknownVendorId"
    await case.conversation(
        says("DataTransfer", ACCEPTED, vendorId="org.skylark", messageId="DoorStatus", data='{"open": true}'),
        says("DataTransfer", {"status": "UnknownVendorId"}, vendorId="com.nobody"),
    )
    kept = await case.facts("DataReceived")
    assert [fact["vendor_id"] for fact in kept] == ["com.nobody", "org.skylark"]
