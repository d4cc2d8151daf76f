"""Firmware updates, diagnostics and logs: the order of their steps."""

from datetime import timedelta

import pytest


@pytest.fixture
def update(csms, clock):
    async def update(location, minutes=0):
        retrieve = (clock.now() + timedelta(minutes=minutes)).isoformat()
        return await csms.call("CS-1", "UpdateFirmware", {"location": location, "retrieveDate": retrieve})

    return update


def steps(csms, *actions):
    return [r.payload.get("status", r.action) for r in csms.of(*actions)]


async def test_an_update_reboots_into_the_new_version(stage, csms, update, clock):
    await stage.station()
    assert await update("https://example.com/fw/2.0.0", minutes=10) == {}
    await clock.advance(590)
    assert csms.of("FirmwareStatusNotification") == []
    await clock.advance(300)

    assert steps(csms, "FirmwareStatusNotification", "BootNotification")[1:] == [
        "Downloading",
        "Downloaded",
        "Installing",
        "BootNotification",
        "Installed",
    ]
    assert csms.payloads("BootNotification")[-1]["firmwareVersion"] == "2.0.0"


async def test_an_update_waits_for_the_car(stage, csms, update, clock):
    station = await stage.station()
    await station.start(1, "TAG")
    await update("https://example.com/fw/2.0.0")
    await clock.advance(3600)
    assert steps(csms, "FirmwareStatusNotification") == ["Downloading", "Downloaded"]
    await station.stop(1)
    await clock.advance(120)
    assert steps(csms, "FirmwareStatusNotification")[-1] == "Installed"


@pytest.mark.parametrize(
    ("location", "last"),
    [("ftp://x/download-fails", "DownloadFailed"), ("ftp://x/install-fails", "InstallationFailed")],
)
async def test_an_update_may_fail(stage, csms, update, clock, location, last):
    station = await stage.station()
    await update(location)
    await clock.advance(300)
    assert steps(csms, "FirmwareStatusNotification")[-1] == last
    assert station.firmware == "1.4.2"


async def test_a_signed_update_checks_the_signature(stage, csms, clock):
    await stage.station()
    firmware = {
        "location": "https://example.com/fw/3.0.0",
        "retrieveDateTime": clock.now().isoformat(),
        "signingCertificate": "PEM",
        "signature": "BASE64",
    }
    request = {"requestId": 7, "firmware": firmware}
    assert await csms.call("CS-1", "SignedUpdateFirmware", request) == {"status": "Accepted"}
    await clock.advance(300)
    wrong = {"requestId": 8, "firmware": {**firmware, "signature": "INVALID"}}
    await csms.call("CS-1", "SignedUpdateFirmware", wrong)
    await clock.advance(300)
    assert [(p["requestId"], p["status"]) for p in csms.payloads("SignedFirmwareStatusNotification")] == [
        (7, "Downloading"),
        (7, "Downloaded"),
        (7, "SignatureVerified"),
        (7, "Installing"),
        (7, "InstallRebooting"),
        (7, "Installed"),
        (8, "Downloading"),
        (8, "Downloaded"),
        (8, "InvalidSignature"),
    ]
    events = [event["type"] for event in csms.payloads("SecurityEventNotification")]
    assert events == ["FirmwareUpdated", "InvalidFirmwareSignature"]


async def test_diagnostics_and_logs_are_uploaded_or_not(stage, csms, clock):
    await stage.station()
    answer = await csms.call("CS-1", "GetDiagnostics", {"location": "ftp://example.com/in"})
    assert answer["fileName"] == "CS-1-diagnostics.zip"
    await clock.advance(60)
    await csms.call("CS-1", "GetDiagnostics", {"location": "ftp://example.com/upload-fails"})
    await clock.advance(60)
    assert steps(csms, "DiagnosticsStatusNotification") == ["Uploading", "Uploaded", "Uploading", "UploadFailed"]

    log = {"logType": "SecurityLog", "requestId": 5, "log": {"remoteLocation": "ftp://example.com/in"}}
    assert (await csms.call("CS-1", "GetLog", log))["status"] == "Accepted"
    await clock.advance(60)
    assert csms.payloads("LogStatusNotification") == [
        {"status": "Uploading", "requestId": 5},
        {"status": "Uploaded", "requestId": 5},
    ]


async def test_what_is_no_certificate_is_not_installed(stage, csms):
    await stage.station()
    request = {"certificateType": "CentralSystemRootCertificate", "certificate": "PEM"}
    assert (await csms.call("CS-1", "InstallCertificate", request))["status"] == "Rejected"
    listed = {"certificateType": "CentralSystemRootCertificate"}
    assert (await csms.call("CS-1", "GetInstalledCertificateIds", listed))["status"] == "NotFound"
