"""Firmware updates, diagnostics and logs; stations really move the files where an image or our own store is used."""

import pytest

from ..harness.certificates import maker
from ..harness.conversation import ANY, NONE, hears, says
from .conftest import BRISK

pytestmark = pytest.mark.asyncio(loop_scope="module")

ACCEPTED = {"status": "Accepted"}
IMAGE = b"\x7fFIRMWARE" * 5000


async def image(case):
    """Its version is what the station will say that it has."""
    made = await case.stage.api.post(
        "/api/v1/firmware-images",
        params={"name": f"2.0.0-{case.identity}", "version": f"2.0.0-{case.identity}", "model": "AC22"},
        content=IMAGE,
        headers={"Content-Type": "application/octet-stream"},
    )
    assert made.status_code == 201, made.text
    return made.json()


async def becomes(case, job, state, *, confirmed=False):
    """The job once it is so; confirmed by the boot that named its version."""

    def so(shown):
        return shown["state"] == state and (not confirmed or shown["confirmed_at"])

    return await case.stage.becomes(f"/station-jobs/{job['id']}", so)


def firmware(*statuses):
    return [says("FirmwareStatusNotification", status=status) for status in statuses]


def signed_firmware(job, *statuses):
    return [says("SignedFirmwareStatusNotification", status=status, requestId=job["number"]) for status in statuses]


@pytest.mark.case("TC_044_1")
@pytest.mark.behaviour("B-085")
async def test_tc_044_1_firmware_update(case):
    """Firmware Update - Download and Install"""
    station = await case.station(speed=BRISK, transfers=True)
    made = await image(case)
    job = await case.post("/firmware", {"image_id": made["id"], "retries": 2, "retry_interval_s": 30})
    await case.conversation(
        hears("UpdateFirmware", {}, location=ANY, retrieveDate=ANY, retries=2, retryInterval=30),
        *firmware("Downloading", "Downloaded", "Installing"),
        says("BootNotification", ACCEPTED, firmwareVersion=job["wanted_version"]),
        *firmware("Installed"),
    )
    await becomes(case, job, "installed", confirmed=True)
    shown = await case.stage.get(case.path())
    assert (shown["boot"]["firmware_version"], shown["firmware_status"]) == (station.firmware, "Installed")
    assert station.firmware == "2.0.0-TC_044_1"


async def failing_update(case, where, state, *statuses):
    await case.station(speed=BRISK)
    job = await case.post("/firmware", {"location": f"ftp://files.example.com/{where}"})
    await case.conversation(hears("UpdateFirmware"), *firmware(*statuses))
    await becomes(case, job, state)


@pytest.mark.case("TC_044_2")
@pytest.mark.behaviour("B-086")
async def test_tc_044_2_download_failed(case):
    """Firmware Update - Download Failed"""
    await failing_update(case, "download-fails", "download_failed", "Downloading", "DownloadFailed")


@pytest.mark.case("TC_044_3")
@pytest.mark.behaviour("B-086")
async def test_tc_044_3_installation_failed(case):
    """Firmware Update - Installation Failed"""
    statuses = ("Downloading", "Downloaded", "Installing", "InstallationFailed")
    await failing_update(case, "install-fails", "installation_failed", *statuses)


@pytest.mark.case("TC_045_1")
async def test_tc_045_1_diagnostics(case):
    """Get Diagnostics"""
    await case.station(speed=BRISK, transfers=True)
    job = await case.post("/diagnostics", {"retries": 1, "since": "2026-01-01T00:00:00Z"})
    name = f"{case.identity}-diagnostics.zip"
    await case.conversation(
        hears("GetDiagnostics", {"fileName": name}, location=ANY, retries=1, startTime=ANY, stopTime=NONE),
        says("DiagnosticsStatusNotification", status="Uploading"),
        says("DiagnosticsStatusNotification", status="Uploaded"),
    )
    done = await becomes(case, job, "uploaded")
    assert done["file_name"] == name
    content = await case.stage.api.get(f"/api/v1/files/{done['file_id']}/content")
    assert content.content.startswith(case.identity.encode())


@pytest.mark.case("TC_045_2")
@pytest.mark.behaviour("B-087")
async def test_tc_045_2_upload_failed(case):
    """Get Diagnostics - Upload Failed"""
    await case.station(speed=BRISK)
    job = await case.post("/diagnostics", {"location": "ftp://files.example.com/upload-fails"})
    await case.conversation(
        hears("GetDiagnostics", {"fileName": ANY}),
        says("DiagnosticsStatusNotification", status="Uploading"),
        says("DiagnosticsStatusNotification", status="UploadFailed"),
    )
    assert (await becomes(case, job, "upload_failed"))["file_id"] is None


@pytest.mark.case("TC_079")
async def test_tc_079_security_log(case):
    """Get Security Log"""
    await case.station(speed=BRISK, transfers=True)
    job = await case.post("/logs", {"kind": "security"})
    number = job["number"]
    await case.conversation(
        hears("GetLog", ACCEPTED, logType="SecurityLog", requestId=number, log={"remoteLocation": ANY}),
        says("LogStatusNotification", status="Uploading", requestId=number),
        says("LogStatusNotification", status="Uploaded", requestId=number),
    )
    done = await becomes(case, job, "uploaded")
    [file] = (await case.stage.get("/files", station=case.identity))["items"]
    assert file["id"] == done["file_id"]
    assert file["size"] > 0


async def signed(case, content):
    """The maker's signature over this content, which is that of the image or is not."""
    await case.station(speed=BRISK, transfers=True)
    made = await image(case)
    certificate, signature = maker(content)
    shown = await case.stage.put(
        f"/firmware-images/{made['id']}/signature", {"signing_certificate": certificate, "signature": signature}
    )
    assert shown["signature_fits"] is (content == IMAGE)
    job = await case.post("/firmware", {"image_id": made["id"], "signed": True})
    wanted = {"location": ANY, "retrieveDateTime": ANY, "signingCertificate": certificate, "signature": signature}
    return job, hears("SignedUpdateFirmware", ACCEPTED, requestId=job["number"], firmware=wanted)


@pytest.mark.case("TC_080")
@pytest.mark.behaviour("B-090")
async def test_tc_080_secure_firmware_update(case):
    """Secure Firmware Update"""
    job, asked = await signed(case, IMAGE)
    await case.conversation(
        asked,
        *signed_firmware(job, "Downloading", "Downloaded", "SignatureVerified", "Installing", "InstallRebooting"),
        says("BootNotification", ACCEPTED, firmwareVersion=job["wanted_version"]),
        *signed_firmware(job, "Installed"),
        says("SecurityEventNotification", type="FirmwareUpdated"),
    )
    await becomes(case, job, "installed", confirmed=True)
    [event] = (await case.stage.get("/security-events", station=case.identity))["items"]
    assert event["kind"] == "FirmwareUpdated"


@pytest.mark.case("TC_081")
@pytest.mark.behaviour("B-090")
async def test_tc_081_invalid_signature(case):
    """Secure Firmware Update - Invalid Signature"""
    job, asked = await signed(case, IMAGE + b"tampered")
    await case.conversation(
        asked,
        *signed_firmware(job, "Downloading", "Downloaded", "InvalidSignature"),
        says("SecurityEventNotification", type="InvalidFirmwareSignature"),
    )
    await becomes(case, job, "invalid_signature")
    assert (await case.stage.get(case.path()))["boot"]["firmware_version"] == "1.4.2"
    [event] = (await case.stage.get("/security-events", station=case.identity))["items"]
    assert event["kind"] == "InvalidFirmwareSignature"
