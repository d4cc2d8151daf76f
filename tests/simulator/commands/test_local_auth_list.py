"""The local authorization list and its versions."""

import pytest


@pytest.fixture
def send(csms):
    async def send(version, kind, *entries):
        data = [
            {"idTag": tag, "idTagInfo": {"status": status}} if status else {"idTag": tag} for tag, status in entries
        ]
        request = {"listVersion": version, "updateType": kind, "localAuthorizationList": data}
        return (await csms.call("CS-1", "SendLocalList", request))["status"]

    return send


@pytest.fixture
def version(csms):
    async def version():
        return (await csms.call("CS-1", "GetLocalListVersion"))["listVersion"]

    return version


async def test_versions_count_up(stage, send, version):
    station = await stage.station()
    assert await version() == 0
    assert await send(3, "Full", ("ANNA", "Accepted"), ("BERT", "Accepted")) == "Accepted"
    assert await version() == 3
    assert await send(3, "Differential", ("CARL", "Accepted")) == "VersionMismatch"
    assert await send(4, "Differential", ("CARL", "Accepted"), ("ANNA", None), ("BERT", "Blocked")) == "Accepted"
    assert await version() == 4
    now = station.now()
    found = [station.local_list.find(tag, now) for tag in ("ANNA", "bert", "CARL")]
    assert [info and info.status for info in found] == [None, "Blocked", "Accepted"]


async def test_what_fails_changes_nothing(stage, send, version):
    await stage.station(configuration={"LocalAuthListMaxLength": "2"})
    await send(1, "Full", ("ANNA", "Accepted"))
    assert await send(2, "Full", ("BERT", None)) == "Failed"
    assert await send(2, "Differential", ("BERT", "Accepted"), ("bert", "Accepted")) == "Failed"
    assert await send(2, "Differential", ("BERT", "Accepted"), ("CARL", "Accepted")) == "Failed"
    assert await send(0, "Full", ("BERT", "Accepted")) == "Failed"
    assert await version() == 1
    assert await send(2, "Full") == "Accepted"
    assert await version() == 0


@pytest.mark.parametrize(
    "lacking", [{"feature_profiles": ("Core",)}, {"configuration": {"LocalAuthListEnabled": "false"}}]
)
async def test_a_station_without_lists(stage, send, version, lacking):
    await stage.station(**lacking)
    assert await version() == -1
    assert await send(1, "Full", ("ANNA", "Accepted")) == "NotSupported"


async def test_a_listed_tag_may_start_without_asking(stage, send, csms):
    station = await stage.station(configuration={"LocalPreAuthorize": "true"})
    await send(1, "Full", ("ANNA", "Accepted"))
    await station.plug_in(1)
    await station.swipe(1, "ANNA")
    assert csms.of("Authorize") == []
    assert len(csms.of("StartTransaction")) == 1


async def test_a_conflict_between_list_and_central_system_is_reported(stage, send, csms):
    csms.id_tags["ANNA"] = {"status": "Blocked"}
    station = await stage.station(configuration={"LocalPreAuthorize": "true"})
    await send(1, "Full", ("ANNA", "Accepted"))
    await station.plug_in(1)
    await station.swipe(1, "ANNA")
    await station.delivered()
    conflicts = [p for p in csms.payloads("StatusNotification") if p["errorCode"] == "LocalListConflict"]
    assert [p["connectorId"] for p in conflicts] == [0]
