"""The core profile's commands and statuses, from the API to a strict station and back."""

import pytest

from csms.simulator.connector import Fault


@pytest.mark.behaviour("B-062")
async def test_what_a_station_says_of_a_fault_is_shown(stage):
    station = await stage.station()
    station.fail(1, Fault("OtherError", "coolant is low", "E-0102"))
    await station.delivered()
    [evse] = (await stage.get("/stations/CS-1"))["evses"]
    [plug] = evse["connectors"]
    assert (plug["status"], plug["error_code"]) == ("faulted", "OtherError")
    assert (plug["info"], plug["vendor_error_code"]) == ("coolant is low", "E-0102")
    [fact] = await stage.facts("ConnectorFaulted")
    assert fact["vendor_error_code"] == "E-0102"


@pytest.mark.behaviour("B-074", "B-075")
async def test_no_key_is_every_key(stage):
    """In our words an empty list is none; as OCPP has it, an empty list goes out as it is."""
    station = await stage.station()
    every = sorted(name for name, _, _ in station.configuration.read([])[0])
    for path, body in (
        ("commands/get-configuration", {}),
        ("commands/get-configuration", {"keys": []}),
        ("ocpp/GetConfiguration", {}),
        ("ocpp/GetConfiguration", {"key": []}),
    ):
        asked = await stage.post(f"/stations/CS-1/{path}", body, wait=10)
        answer = asked["payload"] if path.startswith("ocpp") else asked["answer"]
        assert sorted(key["key"] for key in answer["configurationKey"]) == every, (path, body)
    calls = [row["call"] for row in await stage.rows("frames", action="GetConfiguration")]
    assert [call.rpartition(b",")[2] for call in calls] == [b"{}]", b"{}]", b"{}]", b'{"key":[]}]']
    asked = await stage.post("/stations/CS-1/commands/get-configuration", {"keys": ["CpoName", "Nonsense"]}, wait=10)
    assert asked["answer"]["unknownKey"] == ["Nonsense"]


@pytest.mark.behaviour("B-076")
async def test_a_hard_reset_that_is_never_answered(stage):
    """The station drops its socket at once and boots again; the next command is obeyed."""
    await stage.id_token("ALICE")
    station = await stage.station(answers_hard_reset=False)
    await station.start(1, "ALICE")
    before = (await stage.get("/stations/CS-1"))["boot"]["booted_at"]
    asked = await stage.post("/stations/CS-1/commands/reset", {"kind": "hard"}, wait=10)
    assert (asked["state"], asked["error_code"]) == ("failed", "ConnectionLost")
    await stage.becomes("/stations/CS-1", lambda shown: shown["boot"]["booted_at"] != before)
    await station.delivered()
    [session] = (await stage.get("/sessions"))["items"]
    assert (session["state"], session["stop_reason"]) == ("ended", "hard_reset")
    assert (await stage.post("/stations/CS-1/commands/clear-cache", {}, wait=10))["state"] == "accepted"
