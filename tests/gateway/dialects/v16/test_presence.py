"""Core profile, the station itself: boot, heartbeat, status, data transfer (OCPP 1.6 §4.2, §4.3, §4.6, §4.9)."""

import pytest

from .conftest import Play

BOOT = '>> BootNotification {"chargePointVendor": "Vendor", "chargePointModel": "Model"}'


async def test_an_accepted_station_boots_and_is_served(play: Play) -> None:
    await play(
        """
        >> BootNotification {"chargePointVendor": "Vendor", "chargePointModel": "Model",
             "chargePointSerialNumber": "S-1", "chargeBoxSerialNumber": "B-1", "firmwareVersion": "1.2.3",
             "iccid": "8931", "imsi": "204", "meterType": "M", "meterSerialNumber": "M-1"}
        << {"status": "Accepted", "currentTime": $_, "interval": 300}
        >> Heartbeat {}
        << {"currentTime": $_}
        == stations [{"vendor": "Vendor", "model": "Model", "serial_number": "S-1", "firmware_version": "1.2.3",
             "iccid": "8931", "imsi": "204", "meter_type": "M", "meter_serial_number": "M-1"}]
        == frames [{"action": "BootNotification", "direction": "in", "outcome": "result"},
             {"action": "Heartbeat", "direction": "in", "outcome": "result"}]
        """,
        booted=False,
    )


@pytest.mark.behaviour("B-056")
async def test_before_the_first_boot_other_calls_are_a_security_error_and_kept(play: Play) -> None:
    """OCPP-J errata 3.8."""
    await play(
        f"""
        >> Heartbeat {{}}
        << !SecurityError
        >> StartTransaction {{"connectorId": 1, "idTag": "FRIEND", "meterStart": 0, "timestamp": "2030-01-01T10:00:00Z"}}
        << !SecurityError
        {BOOT}
        << {{"status": "Accepted", "currentTime": $_, "interval": 300}}
        >> Heartbeat {{}}
        << {{"currentTime": $_}}
        == sessions []
        == frames [{{"action": "Heartbeat", "outcome": "error", "error_code": "SecurityError"}},
             {{"action": "StartTransaction", "outcome": "error", "error_code": "SecurityError"}},
             {{"action": "BootNotification", "outcome": "result", "error_code": null}},
             {{"action": "Heartbeat", "outcome": "result"}}]
        """,
        booted=False,
    )


@pytest.mark.behaviour("B-056", "B-057")
async def test_a_pending_station_may_say_nothing_but_boot(play: Play) -> None:
    await play(
        f"""
        {BOOT}
        << {{"status": "Pending", "currentTime": $_, "interval": 60}}
        >> StatusNotification {{"connectorId": 1, "errorCode": "NoError", "status": "Available"}}
        << !SecurityError
        {BOOT}
        << {{"status": "Pending", "currentTime": $_, "interval": 60}}
        == connectors []
        == stations [{{"vendor": "Vendor", "booted_at": null}}]
        """,
        registration="pending",
        booted=False,
    )


@pytest.mark.behaviour("B-057")
async def test_a_rejected_station_is_told_so_with_an_interval(play: Play) -> None:
    await play(
        f"""
        {BOOT}
        << {{"status": "Rejected", "currentTime": $_, "interval": 60}}
        >> Heartbeat {{}}
        << !SecurityError
        """,
        registration="rejected",
        booted=False,
    )


@pytest.mark.behaviour("B-040")
async def test_a_reconnect_without_boot_is_served(play: Play) -> None:
    await play(
        f"""
        {BOOT}
        << {{"status": "Accepted", "currentTime": $_, "interval": 300}}
        -- reconnect
        >> Heartbeat {{}}
        << {{"currentTime": $_}}
        -- restart
        >> Heartbeat {{}}
        << {{"currentTime": $_}}
        """,
        booted=False,
    )


@pytest.mark.behaviour("B-061")
async def test_every_status_is_taken_in_any_order(play: Play) -> None:
    """Preparing to Finishing is legal too (errata 3.20)."""
    statuses = ["Preparing", "Finishing", "Available", "Charging", "SuspendedEV", "SuspendedEVSE", "Reserved"]
    lines = "".join(
        f"""
        >> StatusNotification {{"connectorId": 2, "errorCode": "NoError", "status": "{status}"}}
        << {{}}
        """
        for status in statuses
    )
    await play(f'{lines}\n        == connectors [{{"evse": 2, "number": 1, "status": "reserved"}}]')


@pytest.mark.behaviour("B-062")
async def test_a_status_with_everything_in_it_is_kept(play: Play) -> None:
    await play(
        """
        >> StatusNotification {"connectorId": 1, "errorCode": "OtherError", "status": "Unavailable", "info": "door open",
             "timestamp": "2030-01-01T09:00:00+02:00", "vendorId": "com.example", "vendorErrorCode": "E-17"}
        << {}
        == connectors [{"evse": 1, "number": 1, "status": "unavailable", "error_code": "OtherError", "info": "door open",
             "vendor_id": "com.example", "vendor_error_code": "E-17", "status_at": "2030-01-01T07:00:00Z"}]
        == evses [{"number": 1}]
        """
    )


@pytest.mark.behaviour("B-059")
async def test_connector_0_is_the_station_itself_and_no_evse(play: Play) -> None:
    await play(
        """
        >> StatusNotification {"connectorId": 0, "errorCode": "NoError", "status": "Available"}
        << {}
        >> StatusNotification {"connectorId": 1, "errorCode": "NoError", "status": "Preparing"}
        << {}
        == connectors [{"evse": 0, "number": 0, "status": "available"}, {"evse": 1, "number": 1, "status": "preparing"}]
        == evses [{"number": 1}]
        """
    )


async def test_a_fault_and_its_end_are_facts_once_each(play: Play) -> None:
    await play(
        """
        >> StatusNotification {"connectorId": 1, "errorCode": "GroundFailure", "status": "Faulted", "vendorErrorCode": "7"}
        << {}
        >> StatusNotification {"connectorId": 1, "errorCode": "GroundFailure", "status": "Faulted", "vendorErrorCode": "7"}
        << {}
        -- reconnect
        >> StatusNotification {"connectorId": 1, "errorCode": "GroundFailure", "status": "Faulted", "vendorErrorCode": "7"}
        << {}
        >> StatusNotification {"connectorId": 1, "errorCode": "HighTemperature", "status": "Faulted"}
        << {}
        >> StatusNotification {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
        << {}
        >> StatusNotification {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
        << {}
        == facts/Connector [{"kind": "ConnectorFaulted"}, {"kind": "ConnectorFaulted"}, {"kind": "ConnectorRecovered"}]
        """
    )


@pytest.mark.behaviour("B-091")
async def test_data_for_an_unknown_vendor_is_answered_and_kept(play: Play) -> None:
    await play(
        """
        >> DataTransfer {"vendorId": "com.example", "messageId": "hello", "data": "{\\"a\\": 1}"}
        << {"status": "UnknownVendorId"}
        >> DataTransfer {"vendorId": "com.example"}
        << {"status": "UnknownVendorId"}
        == frames [{"action": "DataTransfer", "outcome": "result"}, {"action": "DataTransfer", "outcome": "result"}]
        """
    )


async def test_reports_of_firmware_diagnostics_and_security_are_taken(play: Play) -> None:
    await play(
        """
        >> FirmwareStatusNotification {"status": "Downloading"}
        << {}
        >> FirmwareStatusNotification {"status": "Installed"}
        << {}
        >> DiagnosticsStatusNotification {"status": "UploadFailed"}
        << {}
        >> SecurityEventNotification {"type": "StartupOfTheDevice", "timestamp": "2030-01-01T10:00:00Z"}
        << {}
        >> LogStatusNotification {"status": "Uploaded", "requestId": 7}
        << {}
        >> SignedFirmwareStatusNotification {"status": "InvalidSignature", "requestId": 8}
        << {}
        >> SignCertificate {"csr": "-----BEGIN CERTIFICATE REQUEST-----"}
        << {"status": "Rejected"}
        == stations [{"firmware_status": "InvalidSignature", "diagnostics_status": "UploadFailed"}]
        """
    )
