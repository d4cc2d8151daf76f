"""Whole charges: power cuts, offline queues, two cars on one station (OCPP 1.6 §3.6, §3.7, §4)."""

import pytest

from .conftest import Play


async def test_a_whole_charge(play: Play) -> None:
    await play(
        """
        >> StatusNotification {"connectorId": 1, "errorCode": "NoError", "status": "Preparing"}
        << {}
        >> Authorize {"idTag": "FRIEND"}
        << {"idTagInfo": {"status": "Accepted"}}
        >> StartTransaction {"connectorId": 1, "idTag": "FRIEND", "meterStart": 1000, "timestamp": "2030-01-01T10:00:00Z"}
        << {"transactionId": $tx, "idTagInfo": {"status": "Accepted"}}
        >> StatusNotification {"connectorId": 1, "errorCode": "NoError", "status": "Charging"}
        << {}
        >> MeterValues {"connectorId": 1, "transactionId": $tx, "meterValue": [{"timestamp": "2030-01-01T10:15:00Z",
             "sampledValue": [{"value": "2750"}, {"value": "7000", "measurand": "Power.Active.Import"}]}]}
        << {}
        == sessions [{"state": "active", "energy_wh": 1750, "power_w": 7000.0}]
        >> StatusNotification {"connectorId": 1, "errorCode": "NoError", "status": "Finishing"}
        << {}
        >> StopTransaction {"transactionId": $tx, "meterStop": 4500, "timestamp": "2030-01-01T10:30:00Z", "idTag": "FRIEND"}
        << {"idTagInfo": {"status": "Accepted"}}
        >> StatusNotification {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
        << {}
        == sessions [{"state": "ended", "energy_wh": 3500, "power_w": 0.0, "started_at": "2030-01-01T10:00:00Z",
             "ended_at": "2030-01-01T10:30:00Z"}]
        == connectors [{"status": "available"}]
        == review_items []
        """
    )


@pytest.mark.behaviour("B-016")
async def test_a_transaction_goes_on_after_a_reboot(play: Play) -> None:
    """BootNotification ends nothing: after a power cut a station may continue a transaction."""
    await play(
        """
        >> StartTransaction {"connectorId": 1, "idTag": "FRIEND", "meterStart": 0, "timestamp": "2030-01-01T10:00:00Z"}
        << {"transactionId": $tx, "idTagInfo": {"status": "Accepted"}}
        -- reconnect
        >> BootNotification {"chargePointVendor": "Vendor", "chargePointModel": "Model"}
        << {"status": "Accepted", "currentTime": $_, "interval": 300}
        >> MeterValues {"connectorId": 1, "transactionId": $tx, "meterValue": [{"timestamp": "2030-01-01T10:20:00Z",
             "sampledValue": [{"value": "500", "context": "Interruption.End"}]}]}
        << {}
        == sessions [{"id": $tx, "state": "active", "energy_wh": 500}]
        -- restart
        >> StopTransaction {"transactionId": $tx, "meterStop": 900, "timestamp": "2030-01-01T11:00:00Z"}
        << {}
        == sessions [{"id": $tx, "state": "ended", "energy_wh": 900}]
        == review_items []
        """
    )


@pytest.mark.behaviour("B-017")
async def test_a_power_cut_may_end_it_instead(play: Play) -> None:
    await play(
        """
        >> StartTransaction {"connectorId": 1, "idTag": "FRIEND", "meterStart": 0, "timestamp": "2030-01-01T10:00:00Z"}
        << {"transactionId": $tx, "idTagInfo": {"status": "Accepted"}}
        -- reconnect
        >> BootNotification {"chargePointVendor": "Vendor", "chargePointModel": "Model"}
        << {"status": "Accepted", "currentTime": $_, "interval": 300}
        >> StatusNotification {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
        << {}
        >> StopTransaction {"transactionId": $tx, "meterStop": 450, "timestamp": "2030-01-01T10:10:00Z", "reason": "PowerLoss"}
        << {}
        == sessions [{"state": "ended", "energy_wh": 450, "stop_reason": "power_loss", "ended_at": "2030-01-01T10:10:00Z"}]
        """
    )


@pytest.mark.behaviour("B-004", "B-005")
async def test_an_offline_queue_replayed_keeps_the_stations_times(play: Play) -> None:
    """Status notifications of the offline time come first: they are not transaction-related messages."""
    await play(
        """
        >> StatusNotification {"connectorId": 1, "errorCode": "NoError", "status": "Charging", "timestamp": "2030-01-01T03:00:01Z"}
        << {}
        >> StatusNotification {"connectorId": 1, "errorCode": "NoError", "status": "Finishing", "timestamp": "2030-01-01T04:00:00Z"}
        << {}
        >> StartTransaction {"connectorId": 1, "idTag": "FRIEND", "meterStart": 100, "timestamp": "2030-01-01T03:00:00Z"}
        << {"transactionId": $a, "idTagInfo": {"status": "Accepted"}}
        >> MeterValues {"connectorId": 1, "transactionId": $a, "meterValue": [
             {"timestamp": "2030-01-01T03:30:00Z", "sampledValue": [{"value": "400"}]}]}
        << {}
        >> StopTransaction {"transactionId": $a, "meterStop": 700, "timestamp": "2030-01-01T04:00:00Z"}
        << {}
        >> StartTransaction {"connectorId": 1, "idTag": "FRIEND", "meterStart": 700, "timestamp": "2030-01-01T05:00:00Z"}
        << {"transactionId": $b, "idTagInfo": {"status": "Accepted"}}
        >> StopTransaction {"transactionId": $b, "meterStop": 1500, "timestamp": "2030-01-01T06:00:00Z"}
        << {}
        == sessions [
             {"id": $a, "started_at": "2030-01-01T03:00:00Z", "ended_at": "2030-01-01T04:00:00Z", "energy_wh": 600},
             {"id": $b, "started_at": "2030-01-01T05:00:00Z", "ended_at": "2030-01-01T06:00:00Z", "energy_wh": 800}]
        == connectors [{"status": "finishing", "status_at": "2030-01-01T04:00:00Z"}]
        == review_items []
        """
    )


@pytest.mark.behaviour("B-027")
async def test_two_cars_on_one_station_never_mix(play: Play) -> None:
    await play(
        """
        >> StartTransaction {"connectorId": 1, "idTag": "FRIEND", "meterStart": 1000, "timestamp": "2030-01-01T10:00:00Z"}
        << {"transactionId": $a, "idTagInfo": {"status": "Accepted"}}
        >> StartTransaction {"connectorId": 2, "idTag": "OTHER", "meterStart": 5000, "timestamp": "2030-01-01T10:00:00Z"}
        << {"transactionId": $b, "idTagInfo": {"status": "Accepted"}}
        >> MeterValues {"connectorId": 2, "transactionId": $b, "meterValue": [
             {"timestamp": "2030-01-01T10:10:00Z", "sampledValue": [{"value": "5700"}]}]}
        << {}
        >> MeterValues {"connectorId": 1, "transactionId": $a, "meterValue": [
             {"timestamp": "2030-01-01T10:10:00Z", "sampledValue": [{"value": "1100"}]}]}
        << {}
        -- reconnect
        >> StopTransaction {"transactionId": $b, "meterStop": 6000, "timestamp": "2030-01-01T10:20:00Z"}
        << {}
        == sessions [{"id": $a, "evse": 1, "state": "active", "energy_wh": 100},
             {"id": $b, "evse": 2, "state": "ended", "energy_wh": 1000}]
        >> StartTransaction {"connectorId": 2, "idTag": "OTHER", "meterStart": 6000, "timestamp": "2030-01-01T10:30:00Z"}
        << {"transactionId": $c, "idTagInfo": {"status": "Accepted"}}
        >> StopTransaction {"transactionId": $a, "meterStop": 1200, "timestamp": "2030-01-01T10:40:00Z"}
        << {}
        >> StopTransaction {"transactionId": $c, "meterStop": 6001, "timestamp": "2030-01-01T10:50:00Z"}
        << {}
        == sessions [{"id": $a, "energy_wh": 200, "state": "ended"}, {"id": $b, "energy_wh": 1000, "state": "ended"},
             {"id": $c, "energy_wh": 1, "state": "ended"}]
        == review_items []
        """
    )


async def test_readings_go_to_the_transaction_they_name_whatever_connector_they_name(play: Play) -> None:
    await play(
        """
        >> StartTransaction {"connectorId": 1, "idTag": "FRIEND", "meterStart": 0, "timestamp": "2030-01-01T10:00:00Z"}
        << {"transactionId": $a, "idTagInfo": {"status": "Accepted"}}
        >> MeterValues {"connectorId": 0, "transactionId": $a, "meterValue": [
             {"timestamp": "2030-01-01T10:10:00Z", "sampledValue": [{"value": "70"}]}]}
        << {}
        == readings [{"session_id": $a, "energy_wh": 70.0}]
        == sessions [{"energy_wh": 70}]
        """
    )


@pytest.mark.behaviour("B-047")
async def test_calls_that_were_pipelined_are_answered_in_order(play: Play) -> None:
    """A station that does not wait for answers breaks the rule, and is served all the same."""
    await play(
        """
        >> StartTransaction {"connectorId": 1, "idTag": "FRIEND", "meterStart": 0, "timestamp": "2030-01-01T10:00:00Z"}
        >> StartTransaction {"connectorId": 2, "idTag": "OTHER", "meterStart": 0, "timestamp": "2030-01-01T10:00:00Z"}
        >> StatusNotification {"connectorId": 1, "errorCode": "NoError", "status": "Charging"}
        >> StartTransaction {"connectorId": 1, "idTag": "FRIEND", "meterStart": 0, "timestamp": "2030-01-01T10:00:00Z"}
        << {"transactionId": $a, "idTagInfo": {"status": "Accepted"}}
        << {"transactionId": $b, "idTagInfo": {"status": "Accepted"}}
        << {}
        << {"transactionId": $a, "idTagInfo": {"status": "Accepted"}}
        == sessions [{"id": $a, "evse": 1}, {"id": $b, "evse": 2}]
        """
    )
