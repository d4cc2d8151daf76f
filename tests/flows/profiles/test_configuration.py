"""Configuration templates against strict stations: drift, applying, and what waits for a reboot."""

import pytest

from ...harness.waiting import until

HERE = "/stations/CS-1/configuration/standing"


async def template(stage, keys, **more):
    return await stage.post("/configuration-templates", {"name": "House rules", "keys": keys, **more})


def states(shown):
    return {item["key"]: item["state"] for item in shown["wanted"]}


async def when(stage, **expected):
    return await stage.becomes(HERE, lambda shown: states(shown) == expected)


async def test_drift_is_shown_with_its_beginning_and_applied_key_by_key(stage):
    station = await stage.station()
    made = await template(stage, {"MeterValueSampleInterval": "30", "LocalPreAuthorize": "TRUE", "CpoName": "Blue"})
    await when(stage, MeterValueSampleInterval="unread", LocalPreAuthorize="unread", CpoName="unread")
    await stage.post("/stations/CS-1/commands/get-configuration", {}, wait=10)
    shown = await when(stage, MeterValueSampleInterval="drift", LocalPreAuthorize="drift", CpoName="drift")
    drift = next(item for item in shown["wanted"] if item["key"] == "MeterValueSampleInterval")
    assert (drift["wanted"], drift["reported"], drift["since"] is not None) == ("30", "60", True)
    applied = await stage.post(f"/configuration-templates/{made['id']}/apply", {})
    assert applied == {"keys": 3}
    await when(stage, MeterValueSampleInterval="in_step", LocalPreAuthorize="in_step", CpoName="in_step")
    assert station.configuration["MeterValueSampleInterval"] == "30"
    [outcome] = await stage.get(f"/configuration-templates/{made['id']}/stations")
    assert (outcome["station"], {key["answer"] for key in outcome["keys"]}) == ("CS-1", {"accepted"})


async def test_each_station_has_its_own_outcome(stage):
    await stage.station("CS-1")
    await stage.station("CS-2", model="DC150")
    keys = {"SkylarkLedBrightnessPercent": "500", "NoSuchKey": "1", "SkylarkDisplayLanguage": "de"}
    made = await template(stage, keys, selection={"model": "AC22"})
    await stage.post("/stations/CS-1/commands/get-configuration", {}, wait=10)
    await stage.post(f"/configuration-templates/{made['id']}/apply", {"stations": ["CS-1", "CS-2"]})
    await when(
        stage,
        SkylarkLedBrightnessPercent="rejected",
        NoSuchKey="not_supported",
        SkylarkDisplayLanguage="reboot_required",
    )
    outcomes = await stage.get(f"/configuration-templates/{made['id']}/stations")
    assert [outcome["station"] for outcome in outcomes] == ["CS-1"]


@pytest.mark.behaviour("B-069")
async def test_a_value_that_needs_a_reboot_is_awaited_until_the_next_boot(stage):
    station = await stage.station()
    changed = await stage.post(
        "/stations/CS-1/commands/change-configuration", {"key": "SkylarkDisplayLanguage", "value": "zh"}, wait=10
    )
    assert changed["answer"]["status"] == "RebootRequired"
    [waiting] = (await stage.get(HERE))["reboot_required"]
    assert (waiting["key"], waiting["value"]) == ("SkylarkDisplayLanguage", "zh")
    await stage.post("/stations/CS-1/commands/reset", {"kind": "soft"}, wait=10)
    await stage.becomes(HERE, lambda shown: shown["reboot_required"] == [])
    await until(lambda: station.ready)
    assert station.configuration["SkylarkDisplayLanguage"] == "zh"


async def test_an_enforced_template_mends_drift_by_itself_and_knows_limits(stage):
    station = await stage.station(configuration={"MeterValuesSampledDataMaxLength": "2"})
    await template(
        stage,
        {"HeartbeatInterval": "600", "MeterValuesSampledData": "Voltage,SoC,Current.Import"},
        enforce=True,
    )
    # its keys are read by themselves after the boot, once
    await when(stage, HeartbeatInterval="in_step", MeterValuesSampledData="too_long")
    assert station.configuration["HeartbeatInterval"] == "600"
    asked = await stage.rows("commands", verb="get-configuration")
    assert [row["requested_by"] for row in asked] == ["system"]
    await stage.post(
        "/stations/CS-1/commands/change-configuration", {"key": "HeartbeatInterval", "value": "60"}, wait=10
    )
    await until(lambda: station.configuration["HeartbeatInterval"] == "600")


async def test_impossible_wishes_are_refused(stage):
    for keys in (
        {"HeartbeatInterval": "often"},
        {"LocalPreAuthorize": "maybe"},
        {"NumberOfConnectors": "5"},
        {"AuthorizationKey": "0123456789abcdef"},
        {"SecurityProfile": "3"},
        {" bad": "1"},
    ):
        refused = await stage.api.post("/api/v1/configuration-templates", json={"name": "Bad", "keys": keys})
        assert refused.status_code == 422, keys
        assert refused.json()["code"] == "invalid_configuration_template"
