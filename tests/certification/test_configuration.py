"""Configuration keys: read, changed, refused."""

import pytest

from ..harness.conversation import ANY, NONE, hears

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def known(case, key):
    items = (await case.stage.get(case.path("/configuration")))["items"]
    return next(item for item in items if item["key"] == key)


@pytest.mark.case("TC_019_1")
async def test_tc_019_1_all_keys(case):
    """Retrieve All Configuration Keys"""
    station = await case.station()
    asked = await case.command("get-configuration")
    assert asked["state"] == "accepted"
    [read] = await case.conversation(hears("GetConfiguration", {"configurationKey": ANY}, key=NONE))
    reported = {item["key"]: item.get("value") for item in read["answer"][2]["configurationKey"]}
    assert len(reported) == len(station.configuration.read([])[0])
    assert reported["NumberOfConnectors"] == "1"
    shown = await known(case, "SupportedFeatureProfiles")
    assert (shown["value"], shown["readonly"]) == (station.configuration["SupportedFeatureProfiles"], True)


@pytest.mark.case("TC_019_2")
async def test_tc_019_2_one_key(case):
    """Retrieve Specific Configuration Key"""
    await case.station()
    asked = await case.command("get-configuration", keys=["SupportedFeatureProfiles"])
    [read] = await case.conversation(hears("GetConfiguration", key=["SupportedFeatureProfiles"]))
    [key] = read["answer"][2]["configurationKey"]
    assert key["key"] == "SupportedFeatureProfiles"
    assert asked["answer"]["configurationKey"] == [key]
    assert (await known(case, "SupportedFeatureProfiles"))["value"] == key["value"]


@pytest.mark.case("TC_021")
async def test_tc_021_change_a_key(case):
    """Change/Set Configuration"""
    station = await case.station()
    asked = await case.command("change-configuration", key="MeterValueSampleInterval", value="17")
    assert (asked["state"], asked["answer"]) == ("accepted", {"status": "Accepted"})
    await case.conversation(
        hears("ChangeConfiguration", {"status": "Accepted"}, key="MeterValueSampleInterval", value="17")
    )
    assert station.configuration["MeterValueSampleInterval"] == "17"
    assert (await known(case, "MeterValueSampleInterval"))["value"] == "17"


@pytest.mark.case("TC_040_1")
@pytest.mark.behaviour("B-069")
async def test_tc_040_1_unsupported_key(case):
    """Configuration Keys - NotSupported"""
    await case.station()
    asked = await case.command("change-configuration", key="NoSuchKey", value="1")
    assert (asked["state"], asked["answer"]) == ("rejected", {"status": "NotSupported"})
    await case.conversation(hears("ChangeConfiguration", {"status": "NotSupported"}, key="NoSuchKey", value="1"))


@pytest.mark.case("TC_040_2")
@pytest.mark.behaviour("B-069")
async def test_tc_040_2_invalid_value(case):
    """Configuration Keys - Invalid Value"""
    station = await case.station()
    asked = await case.command("change-configuration", key="MeterValueSampleInterval", value="-1")
    assert (asked["state"], asked["answer"]) == ("rejected", {"status": "Rejected"})
    await case.conversation(
        hears("ChangeConfiguration", {"status": "Rejected"}, key="MeterValueSampleInterval", value="-1")
    )
    assert station.configuration["MeterValueSampleInterval"] == "60"
