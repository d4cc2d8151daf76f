"""Local authorization lists: versions asked for, lists sent whole and by their differences, and what stations refuse."""

import pytest

from ..harness.conversation import hears
from ..harness.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

ACCEPTED = {"status": "Accepted"}


async def wanted(case, *uids):
    """A rule that has these id tokens on the station's list."""
    rule = {"name": case.identity, "selection": {"identities": [case.identity]}, "id_tokens": list(uids)}
    return await case.stage.post("/local-list-rules", rule)


async def send(case, **how):
    return await case.post("/local-list/send", **how)


@pytest.mark.case("TC_042_1")
@pytest.mark.behaviour("B-071")
async def test_tc_042_1_version_not_supported(case):
    """Get Local List Version - Not Supported"""
    await wanted(case, await case.card())
    await case.station(configuration={"LocalAuthListEnabled": "false"})
    shown = await send(case)
    assert (shown["state"], shown["reported_version"]) == ("unsupported", -1)
    await case.conversation(hears("GetLocalListVersion", {"listVersion": -1}))
    assert await case.said("SendLocalList") == []


@pytest.mark.case("TC_042_2")
@pytest.mark.behaviour("B-071")
async def test_tc_042_2_version_of_an_empty_list(case):
    """Get Local List Version - Empty"""
    await wanted(case, "NOBODY-KNOWS-ME")  # so there is nobody to be put on it
    await case.station()
    shown = await send(case)
    assert (shown["reported_version"], shown["entries"]) == (0, 0)
    await case.conversation(hears("GetLocalListVersion", {"listVersion": 0}))


@pytest.mark.case("TC_043_1")
@pytest.mark.behaviour("B-072")
async def test_tc_043_1_list_not_supported(case):
    """Send Local Authorization List - NotSupported"""
    await wanted(case, await case.card(), "LATER-043-1")
    station = await case.station()
    assert (await send(case))["state"] == "synced"
    station.configuration.change("LocalAuthListEnabled", "false")  # switched off at the station
    await case.stage.post("/id-tokens", {"uid": "LATER-043-1"})
    shown = await send(case)
    assert (shown["state"], shown["last_answer"]) == ("unsupported", "not_supported")
    await case.conversation(hears("SendLocalList", ACCEPTED), hears("SendLocalList", {"status": "NotSupported"}))


@pytest.mark.case("TC_043_3")
@pytest.mark.behaviour("B-072")
async def test_tc_043_3_list_failed(case):
    """Send Local Authorization List - Failed"""
    await wanted(case, await case.card(), await case.card("B"))
    station = await case.station(configuration={"LocalAuthListMaxLength": "1"})  # which it has not told us
    shown = await send(case)
    assert (shown["state"], shown["last_answer"], shown["entries"]) == ("failed", "failed", 0)
    assert shown["retry_at"] is not None
    await case.conversation(hears("SendLocalList", {"status": "Failed"}, updateType="Full"))
    assert len(station.local_list) == 0


@pytest.mark.case("TC_043_4")
async def test_tc_043_4_full_list(case):
    """Send Local Authorization List - Full"""
    card, member = await case.card(), await case.card("B", group_id="FAMILY-043")
    await wanted(case, card, member)
    station = await case.station()
    shown = await send(case)
    assert (shown["state"], shown["version"], shown["entries"]) == ("synced", 1, 2)
    entries = [
        {"idTag": card, "idTagInfo": {"status": "Accepted"}},
        {"idTag": member, "idTagInfo": {"status": "Accepted", "parentIdTag": "FAMILY-043"}},
    ]
    await case.conversation(
        hears("GetLocalListVersion", {"listVersion": 0}),
        hears("SendLocalList", ACCEPTED, updateType="Full", listVersion=1, localAuthorizationList=entries),
    )
    assert station.local_list.find(card, station.now()).status == "Accepted"
    await case.post("/local-list/send", full=True)
    await case.conversation(hears("SendLocalList", listVersion=1), hears("SendLocalList", ACCEPTED, updateType="Full"))


@pytest.mark.case("TC_043_5")
@pytest.mark.behaviour("B-073")
async def test_tc_043_5_differential_list(case):
    """Send Local Authorization List - Differential"""
    card, leaving = await case.card(), await case.card("B")
    await wanted(case, card, leaving, "JOINING-043-5")
    station = await case.station()
    await send(case)
    [row] = (await case.stage.get("/id-tokens", search=leaving))["items"]
    await case.stage.api.patch(f"/api/v1/id-tokens/{row['id']}", json={"status": "blocked"})
    await case.stage.post("/id-tokens", {"uid": "JOINING-043-5"})
    await send(case)
    await until(lambda: station.local_list.find("JOINING-043-5", station.now()))
    sent = [payload for payload in await case.said("SendLocalList") if payload["updateType"] == "Differential"]
    versions = [payload["listVersion"] for payload in sent]
    assert versions == list(range(2, 2 + len(sent)))  # one message, or two when the schedule came in between
    said = [(entry["idTag"], "idTagInfo" in entry) for payload in sent for entry in payload["localAuthorizationList"]]
    assert sorted(said) == [("JOINING-043-5", True), (leaving, False)]  # the change and nothing else
    shown = await case.stage.becomes(case.path("/local-list"), lambda shown: shown["state"] == "synced")
    assert (shown["version"], shown["entries"]) == (station.local_list.version, 2)
    assert station.local_list.find(leaving, station.now()) is None
