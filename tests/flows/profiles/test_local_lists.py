"""Local authorization lists: what stations hold of who may charge there, kept in step with a strict station."""

import json

import pytest

from ...harness.waiting import until

HERE = "/stations/CS-1/local-list"


async def lists_sent(stage):
    sent = await stage.rows("commands", verb="send-local-list")
    return [row["payload"] for row in sorted(sent, key=lambda row: row["id"])]


async def synced(stage):
    return await stage.becomes(HERE, lambda shown: shown["state"] == "synced" and not shown["to_put_count"])


async def rule(stage, **more):
    return await stage.post("/local-list-rules", {"name": "Everyone", "everyone": True, **more})


@pytest.mark.behaviour("B-073")
async def test_a_station_gets_the_list_its_rules_want_and_then_only_changes(stage):
    for number in range(5):
        await stage.id_token(f"CARD-{number}", group_id="STAFF" if number else None)
    await stage.id_token("STOLEN", status="blocked")
    station = await stage.station()
    assert (await stage.get(HERE))["state"] == "unmanaged"
    await rule(stage)
    shown = await stage.get(HERE)
    assert (shown["to_put_count"], shown["rules"]) == (5, ["Everyone"])
    shown = await stage.post(f"{HERE}/send", wait=10)
    assert (shown["state"], shown["version"], shown["entries"], shown["to_put_count"]) == ("synced", 1, 5, 0)
    assert len(station.local_list) == 5
    info = station.local_list.find("card-3", station.now())
    assert (info.status, info.parent_id_tag) == ("Accepted", "STAFF")
    await stage.post("/id-tokens", {"uid": "NEW"})
    [blocked] = (await stage.get("/id-tokens", search="CARD-4"))["items"]
    await stage.api.patch(f"/api/v1/id-tokens/{blocked['id']}", json={"status": "blocked"})
    await stage.becomes(HERE, lambda shown: shown["entries"] == 5 and not shown["to_put"] + shown["to_remove"])
    changes = (await lists_sent(stage))[1:]  # one, or two when the schedule came in between
    assert {change["full"] for change in changes} == {False}
    said = sorted((entry["uid"], "remove" in entry) for change in changes for entry in change["entries"])
    assert said == [("CARD-4", True), ("NEW", False)]  # the change and nothing else
    assert station.local_list.version == 1 + len(changes)
    assert station.local_list.find("CARD-4", station.now()) is None


async def test_long_lists_go_in_pieces_the_station_can_take(stage):
    for number in range(12):
        await stage.id_token(f"CARD-{number:02}")
    lengths = {"SendLocalListMaxLength": "5", "LocalAuthListMaxLength": "11"}
    station = await stage.station(configuration=lengths)
    await stage.post("/stations/CS-1/commands/get-configuration", {}, wait=10)
    await rule(stage)
    shown = await stage.post(f"{HERE}/send", wait=20)
    assert (shown["state"], shown["entries"], shown["left_out"]) == ("synced", 11, 1)
    assert [(sent["full"], len(sent["entries"])) for sent in await lists_sent(stage)] == [
        (True, 5),
        (False, 5),
        (False, 1),
    ]
    assert (len(station.local_list), station.local_list.version) == (11, 3)


async def test_a_list_lost_by_the_station_is_sent_again_after_its_boot(stage):
    await stage.id_token("CARD")
    station = await stage.station()
    await rule(stage)
    await stage.post(f"{HERE}/send", wait=10)
    station.local_list.__init__()  # a new controller was put in
    station.reboot()
    await until(lambda: station.local_list.version == 2 and len(station.local_list) == 1)
    assert [sent["full"] for sent in await lists_sent(stage)] == [True, True]
    await synced(stage)


@pytest.mark.behaviour("B-072")
async def test_a_refused_difference_is_repaired_by_a_full_list(stage):
    await stage.id_token("CARD")
    station = await stage.station()
    await rule(stage)
    await stage.post(f"{HERE}/send", wait=10)
    station.local_list.version = 40  # somebody else wrote to it: our next version is too low
    await stage.post("/id-tokens", {"uid": "NEW"})
    await until(lambda: len(station.local_list) == 2)
    shown = await synced(stage)
    answers = [row["answer"]["status"] for row in await stage.rows("commands", verb="send-local-list")]
    assert answers == ["Accepted", "VersionMismatch", "Accepted"]
    assert (await lists_sent(stage))[-1]["full"] is True
    assert shown["version"] == station.local_list.version


async def test_a_station_without_lists_says_so(stage):
    await stage.id_token("CARD")
    await stage.station(configuration={"LocalAuthListEnabled": "false"})
    await rule(stage)
    shown = await stage.post(f"{HERE}/send", wait=10)
    assert (shown["state"], shown["reported_version"]) == ("unsupported", -1)
    assert await lists_sent(stage) == []


async def test_a_station_that_does_not_know_of_lists_is_asked_once(stage):
    await stage.id_token("CARD")
    station = await stage.station()
    station._commands = {"GetConfiguration": station._commands["GetConfiguration"]}
    await rule(stage)
    shown = await stage.post(f"{HERE}/send", wait=10)
    assert (shown["state"], shown["last_answer"], shown["retry_at"]) == ("unsupported", "not_supported", None)
    [asked] = await stage.rows("commands")
    assert (asked["verb"], asked["error_code"]) == ("get-local-list-version", "NotSupported")


async def test_rules_choose_stations_and_id_tokens(stage):
    await stage.id_token("STAFF-1", group_id="STAFF")
    await stage.id_token("VAN", label="Fleet")
    await stage.id_token("GUEST")
    station = await stage.station()
    await rule(stage, name="Staff", everyone=False, groups=["STAFF"], selection={"model": "AC22"})
    await rule(stage, name="Elsewhere", selection={"model": "OTHER"})
    fleet = await rule(stage, name="Fleet", everyone=False, labels=["Fleet"], selection={"identities": ["CS-1"]})
    shown = await stage.post(f"{HERE}/send", wait=10)
    assert (shown["rules"], shown["entries"]) == (["Fleet", "Staff"], 2)
    await stage.put(f"/local-list-rules/{fleet['id']}", {**_editable(fleet), "enabled": False})
    await stage.becomes(HERE, lambda shown: shown["entries"] == 1 and not shown["to_remove"])
    assert station.local_list.find("VAN", station.now()) is None
    await synced(stage)
    [listed] = (await stage.get("/local-lists", state="synced"))["items"]
    assert listed["station"] == "CS-1"
    empty = await stage.api.post("/api/v1/local-list-rules", json={"name": "Nobody"})
    assert (empty.status_code, empty.json()["code"]) == (422, "empty_rule")


def _editable(shown):
    return json.loads(json.dumps({k: v for k, v in shown.items() if k not in ("id", "created_at", "updated_at")}))
