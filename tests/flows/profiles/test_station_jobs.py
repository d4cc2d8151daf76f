"""Diagnostics, logs and firmware, from the API to a strict station that really moves files, and back."""

import stat
from datetime import datetime, timedelta

import pytest

from csms.ocpp import v16

from ...harness.certificates import maker
from ...harness.waiting import until

IMAGE = b"\x7fFIRMWARE" * 5000


def ended(shown):
    return not shown["open"]


async def image(stage, version="2.0.0", content=IMAGE):
    made = await stage.api.post(
        "/api/v1/firmware-images",
        params={"name": version, "version": version, "model": "AC22"},
        content=content,
        headers={"Content-Type": "application/octet-stream"},
    )
    assert made.status_code == 201, made.text
    return made.json()


@pytest.mark.parametrize("manner", ["PUT", "POST", "multipart"])
async def test_diagnostics_arrive_are_listed_and_downloaded(stage, manner, tmp_path):
    await stage.station(transfers=True, uploads_by=manner)
    asked = await stage.post("/stations/CS-1/diagnostics", {"retries": 1, "since": "2026-01-01T00:00:00Z"}, wait=10)
    assert asked["state"] in ("accepted", "uploading", "uploaded")
    assert asked["file_name"] == "CS-1-diagnostics.zip"
    done = await stage.becomes(f"/station-jobs/{asked['id']}", ended)
    assert done["state"] == "uploaded"
    [file] = (await stage.get("/files", station="CS-1"))["items"]
    assert (file["id"], file["name"], file["kind"]) == (done["file_id"], "CS-1-diagnostics.zip", "diagnostics")
    content = await stage.api.get(f"/api/v1/files/{file['id']}/content")
    assert content.content.startswith(b"CS-1 1.4.2 line 0\n")
    assert content.content.endswith(b"line 1999")
    assert len(content.content) == file["size"]
    assert "attachment" in content.headers["content-disposition"]
    [kept] = (tmp_path / "data" / "files").iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


async def test_a_log_names_its_request(stage):
    await stage.station(transfers=True)
    asked = await stage.post("/stations/CS-1/logs", {"kind": "security"}, wait=10)
    assert asked["action"] == "security_log"
    done = await stage.becomes(f"/station-jobs/{asked['id']}", ended)
    assert (done["state"], done["file_id"] is not None) == ("uploaded", True)
    reports = await stage.facts("LogStatusReported")
    assert {report["request_id"] for report in reports} == {asked["number"]}


async def test_a_failed_upload_and_a_given_location(stage):
    await stage.station()
    failing = {"location": "ftp://files.example.com/upload-fails"}
    asked = await stage.post("/stations/CS-1/diagnostics", failing, wait=10)
    assert asked["location"] == failing["location"]
    done = await stage.becomes(f"/station-jobs/{asked['id']}", ended)
    assert (done["state"], done["file_id"]) == ("upload_failed", None)
    refused = await stage.api.post("/api/v1/stations/CS-1/diagnostics", json={"location": "file:///etc/passwd"})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_location")


async def test_a_link_is_for_its_job_and_for_nothing_else(stage):
    await stage.station()
    await stage.post("/stations/CS-1/diagnostics", {}, wait=10)
    [command] = await stage.rows("commands", verb="get-diagnostics")
    location = command["payload"]["location"]
    path = location.removeprefix(str(stage.api.base_url).rstrip("/"))
    wrong = path[:-3] + "xyz"
    assert (await stage.api.put(wrong, content=b"x")).status_code == 403
    assert (await stage.api.get(path + "/name")).status_code == 404  # an upload link gives nothing away
    named = await stage.api.put(path + "/%2e%2e%2fetc%2fpasswd", content=b"x")
    assert named.status_code == 201
    [shown] = (await stage.get("/commands", verb="get-diagnostics"))["items"]
    assert path.split("/")[3] not in str(shown)  # the secret is for the station alone
    [frame] = (await stage.get("/frames", action="GetDiagnostics"))["items"]
    assert path.split("/")[3] not in str(frame)
    assert all("/" not in file["name"] for file in (await stage.get("/files"))["items"])
    cut = await stage.api.post(
        path, content=b"--b\r\nno end", headers={"Content-Type": "multipart/form-data; boundary=b"}
    )
    assert (cut.status_code, cut.json()["code"]) == (422, "no_file")


async def test_a_firmware_is_fetched_installed_and_confirmed_by_the_boot(stage):
    station = await stage.station(transfers=True)
    made = await image(stage)
    job = await stage.post("/stations/CS-1/firmware", {"image_id": made["id"], "retries": 2}, wait=10)
    assert job["wanted_version"] == "2.0.0"
    done = await stage.becomes(f"/station-jobs/{job['id']}", lambda shown: ended(shown) and shown["confirmed_at"])
    assert done["state"] == "installed"
    reports = [report["status"] for report in reversed(await stage.facts("FirmwareStatusReported"))]
    assert reports == ["Downloading", "Downloaded", "Installing", "Installed"]
    assert (await stage.get("/stations/CS-1"))["boot"]["firmware_version"] == "2.0.0" == station.firmware


async def test_an_image_is_served_in_ranges(stage):
    await stage.station()
    made = await image(stage, content=bytes(range(256)) * 10)
    await stage.post("/stations/CS-1/firmware", {"image_id": made["id"]}, wait=10)
    [command] = await stage.rows("commands", verb="update-firmware")
    part = await stage.api.get(command["payload"]["location"], headers={"Range": "bytes=250-259"})
    assert (part.status_code, part.content) == (206, bytes([250, 251, 252, 253, 254, 255, 0, 1, 2, 3]))
    assert part.headers["content-range"] == "bytes 250-259/2560"


@pytest.mark.behaviour("B-089")
async def test_an_update_in_the_future_is_waited_for(stage):
    station = await stage.station(speed=400.0)
    at = (station.now() + timedelta(minutes=10)).replace(microsecond=0)
    wish = {"location": "ftp://files.example.com/2.0.0", "retrieve_at": at.isoformat()}
    job = await stage.post("/stations/CS-1/firmware", wish, wait=10)
    assert (job["state"], job["open"], station.firmware_status) == ("accepted", True, "Idle")
    [frame] = (await stage.get("/frames", action="UpdateFirmware"))["items"]
    assert datetime.fromisoformat(frame["call"][3]["retrieveDate"]) == at
    await stage.becomes(f"/station-jobs/{job['id']}", lambda shown: shown["state"] != "accepted")
    assert station.now() >= at
    await stage.becomes(f"/station-jobs/{job['id']}", lambda shown: shown["state"] == "installed")


@pytest.mark.behaviour("B-088")
async def test_an_idle_that_nobody_asked_for_changes_nothing(stage):
    station = await stage.station()
    location = {"location": "ftp://files.example.com/2.0.0", "retrieve_at": "2099-01-01T00:00:00Z"}
    idle = [v16.FirmwareStatusNotification(status="Idle"), v16.DiagnosticsStatusNotification(status="Idle"),
            v16.LogStatusNotification(status="Idle")]  # fmt: skip
    for said in idle:
        await station.call(said)
    update = await stage.post("/stations/CS-1/firmware", location, wait=10)
    upload = await stage.post("/stations/CS-1/diagnostics", {"location": "ftp://files.example.com/"}, wait=10)
    for said in idle:
        await station.call(said)
    assert (await stage.get(f"/station-jobs/{update['id']}"))["state"] == "accepted"
    shown = await stage.becomes(f"/station-jobs/{upload['id']}", lambda shown: shown["state"] == "uploaded")
    assert shown["state"] == "uploaded"


@pytest.mark.behaviour("B-086")
async def test_failures_end_the_job_with_their_own_name(stage):
    await stage.station()
    for where, state in (("download-fails", "download_failed"), ("install-fails", "installation_failed")):
        wish = {"location": f"ftp://files.example.com/{where}"}
        job = await stage.post("/stations/CS-1/firmware", wish, wait=10)
        assert (await stage.becomes(f"/station-jobs/{job['id']}", ended))["state"] == state


async def test_signed_firmware_carries_certificate_and_signature(stage):
    await stage.station(transfers=True)
    made = await image(stage)
    unsigned = await stage.api.post("/api/v1/stations/CS-1/firmware", json={"image_id": made["id"], "signed": True})
    assert (unsigned.status_code, unsigned.json()["code"]) == (422, "firmware_not_signed")
    path = f"/firmware-images/{made['id']}/signature"
    certificate, signature = maker(IMAGE)
    good = {"signing_certificate": certificate, "signature": signature}
    for wrong in ({"signing_certificate": "-----BEGIN CERTIFICATE-----"}, {"signature": "not base64"}):
        refused = await stage.api.put(f"/api/v1{path}", json=good | wrong)
        assert (refused.status_code, refused.json()["code"]) == (422, "unusable_signature")
    assert (await stage.put(path, good))["signature_fits"] is True
    job = await stage.post("/stations/CS-1/firmware", {"image_id": made["id"], "signed": True}, wait=10)
    done = await stage.becomes(f"/station-jobs/{job['id']}", ended)
    assert done["state"] == "installed"
    reports = await stage.facts("FirmwareStatusReported")
    assert {report["request_id"] for report in reports} == {job["number"]}
    assert "SignatureVerified" in [report["status"] for report in reports]
    assert (await stage.put(path, good | {"signature": maker(b"another")[1]}))["signature_fits"] is False
    job = await stage.post("/stations/CS-1/firmware", {"image_id": made["id"], "signed": True}, wait=10)
    assert (await stage.becomes(f"/station-jobs/{job['id']}", ended))["state"] == "invalid_signature"
    await stage.put(path, {"signing_certificate": maker(IMAGE, expired=True)[0], "signature": signature})
    job = await stage.post("/stations/CS-1/firmware", {"image_id": made["id"], "signed": True}, wait=10)
    assert (job["state"], job["answer"]) == ("refused", "invalid_certificate")


async def test_what_is_no_firmware_and_no_stretch_of_time_is_refused(stage):
    await stage.station()
    headers = {"Content-Type": "application/octet-stream"}
    name = {"name": "e.bin", "version": "2"}
    empty = await stage.api.post("/api/v1/firmware-images", params=name, content=b"", headers=headers)
    assert (empty.status_code, empty.json()["code"]) == (422, "empty_firmware_image")
    assert (await stage.get("/firmware-images"))["items"] == []
    backwards = {"since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}
    for path, body in (("diagnostics", backwards), ("logs", backwards | {"kind": "security"})):
        refused = await stage.api.post(f"/api/v1/stations/CS-1/{path}", json=body)
        assert (refused.status_code, refused.json()["code"]) == (422, "backwards_stretch")
    assert (await stage.get("/station-jobs"))["items"] == []


async def test_a_campaign_goes_so_many_at_once_and_finishes(stage):
    stations = [await stage.station(f"CS-{number}", transfers=True, speed=100.0) for number in range(1, 4)]
    made = await image(stage)
    wish = {"name": "Spring", "image_id": made["id"], "at_once": 2, "selection": {"model": "AC22"}}
    campaign = await stage.post("/firmware-campaigns", wish)
    assert campaign["progress"] == {"waiting": 3, "running": 0, "succeeded": 0, "failed": 0}
    path = f"/firmware-campaigns/{campaign['id']}"
    await stage.post(f"{path}/pause")
    assert (await stage.post(f"{path}/resume"))["state"] in ("scheduled", "running")  # the schedule may have begun it
    most = 0

    async def over():
        nonlocal most
        shown = await stage.get(path)
        most = max(most, shown["progress"]["running"])
        return shown if shown["state"] == "finished" else None

    shown = await until(over, 60, "the campaign's end")
    assert shown["progress"] == {"waiting": 0, "running": 0, "succeeded": 3, "failed": 0}
    assert most == 2
    assert [station.firmware for station in stations] == ["2.0.0"] * 3
    members = await stage.get(f"{path}/stations")
    assert {(member["state"], member["firmware_version"]) for member in members} == {("succeeded", "2.0.0")}
    gone = await stage.api.post(f"/api/v1{path}/pause")
    assert (gone.status_code, gone.json()["code"]) == (409, "campaign_state")


async def test_a_campaign_stops_when_too_many_fail_and_can_try_again(stage, tmp_path):
    station = await stage.station(transfers=True, speed=100.0)
    await stage.station("CS-2", transfers=True, speed=100.0)
    made = await image(stage)
    [file] = (tmp_path / "data" / "files").iterdir()
    hidden = file.rename(tmp_path / "hidden")  # the disk lost it: every download fails
    wish = {"name": "Doomed", "image_id": made["id"], "at_once": 1, "stop_share": 0.4}
    campaign = await stage.post("/firmware-campaigns", wish)
    path = f"/firmware-campaigns/{campaign['id']}"
    shown = await stage.becomes(path, lambda shown: shown["state"] == "stopped", 40)
    assert shown["reason"] == "1 of 2 stations have failed."
    assert shown["progress"] == {"waiting": 1, "running": 0, "succeeded": 0, "failed": 1}
    [failed] = await stage.get(f"{path}/stations", state="failed")
    assert failed["reason"] == "download_failed"
    assert (await stage.post(f"{path}/resume"))["stop_share"] == 0.5  # who goes on bears what has failed, and no more
    again = "2 of 2 stations have failed."
    await stage.becomes(path, lambda shown: (shown["state"], shown["reason"]) == ("stopped", again), 40)
    hidden.rename(file)
    assert await stage.post(f"{path}/retry") == {"stations": 2}
    shown = await stage.becomes(path, lambda shown: shown["state"] == "finished", 60)
    assert shown["progress"]["succeeded"] == 2
    assert station.firmware == "2.0.0"
