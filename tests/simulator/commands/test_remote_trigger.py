"""TriggerMessage and ExtendedTriggerMessage."""

import pytest

from csms.simulator import ConnectorSpec


@pytest.mark.parametrize("action", ["TriggerMessage", "ExtendedTriggerMessage"])
async def test_every_message_can_be_asked_for(stage, csms, action):
    station = await stage.station(ConnectorSpec(), ConnectorSpec())
    last = "DiagnosticsStatusNotification" if action == "TriggerMessage" else "LogStatusNotification"
    for message in ("Heartbeat", "MeterValues", "StatusNotification", "FirmwareStatusNotification", last):
        heard = csms.heard(message)
        assert await csms.call("CS-1", action, {"requestedMessage": message}) == {"status": "Accepted"}
        await heard
    await station.delivered()
    assert [p["connectorId"] for p in csms.payloads("MeterValues")] == [1, 2]
    assert [p["connectorId"] for p in csms.payloads("StatusNotification")[-3:]] == [0, 1, 2]
    assert csms.payloads("FirmwareStatusNotification") == [{"status": "Idle"}]


async def test_one_connector_only(stage, csms):
    station = await stage.station(ConnectorSpec(), ConnectorSpec())
    await station.start(2, "TAG")
    heard = csms.heard("MeterValues")
    await csms.call("CS-1", "TriggerMessage", {"requestedMessage": "MeterValues", "connectorId": 2})
    reading = (await heard).payload
    assert (reading["connectorId"], reading["transactionId"]) == (2, 1001)
    assert {value["context"] for value in reading["meterValue"][0]["sampledValue"]} == {"Trigger"}


async def test_what_is_not_sent(stage, csms):
    await stage.station()

    async def ask(action, message, **more):
        return (await csms.call("CS-1", action, {"requestedMessage": message, **more}))["status"]

    assert await ask("TriggerMessage", "StatusNotification", connectorId=7) == "Rejected"
    assert await ask("TriggerMessage", "BootNotification") == "Rejected"
