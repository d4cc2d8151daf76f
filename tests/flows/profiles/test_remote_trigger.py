"""Remote trigger, its namesake of the security extension, ClearCache, and vendors' own messages."""

import pytest

from csms.ocpp import v16

from ...harness.waiting import until


async def trigger(stage, message, **more):
    return await stage.post("/stations/CS-1/commands/trigger", {"message": message, **more}, wait=10)


@pytest.mark.parametrize("extended", [False, True])
@pytest.mark.parametrize(
    ("message", "action"),
    [
        ("heartbeat", "Heartbeat"),
        ("status", "StatusNotification"),
        ("meter-values", "MeterValues"),
        ("firmware-status", "FirmwareStatusNotification"),
    ],
)
async def test_the_station_says_what_it_is_asked_for(stage, message, action, extended):
    await stage.station()
    before = len(await stage.rows("frames", action=action))
    asked = await trigger(stage, message, extended=extended)
    assert asked["state"] == "accepted"

    async def said():
        return len(await stage.rows("frames", action=action)) > before

    await until(said)
    assert len(await stage.rows("frames", action="ExtendedTriggerMessage")) == int(extended)


async def test_what_only_the_security_extension_knows(stage):
    await stage.station()
    for message, action in (("log-status", "LogStatusNotification"), ("sign-certificate", "SignCertificate")):
        assert (await trigger(stage, message))["state"] == "accepted"

        async def said(action=action):
            return await stage.rows("frames", action=action)

        await until(said)
    nonsense = await stage.api.post(
        "/api/v1/stations/CS-1/commands/trigger", json={"message": "diagnostics-status", "extended": True}
    )
    assert nonsense.status_code == 422


async def test_a_doomed_trigger_is_sent_and_its_answer_reported(stage):
    await stage.station()
    nowhere = await trigger(stage, "status", evse=9)
    assert (nowhere["state"], nowhere["answer"]["status"]) == ("rejected", "Rejected")


@pytest.mark.behaviour("B-060")
@pytest.mark.parametrize("extended", [False, True])
async def test_an_accepted_station_is_not_asked_to_boot_again(stage, extended):
    """Errata 3.40; one that is not accepted yet may be asked."""
    station = await stage.station()
    boot = await trigger(stage, "boot", extended=extended)
    assert (boot["state"], boot["answer"]) == ("failed", None)
    assert "errata 3.40" in boot["error_description"]
    assert await stage.rows("frames", direction="out") == []
    await stage.api.patch("/api/v1/stations/CS-1", json={"registration": "pending"})
    station.reboot()
    await until(lambda: station.registration == "Pending")
    before = len(await stage.rows("frames", action="BootNotification"))
    assert (await trigger(stage, "boot", extended=extended))["state"] == "accepted"

    async def booted():
        return len(await stage.rows("frames", action="BootNotification")) > before

    await until(booted)


async def test_clear_cache_is_obeyed(stage):
    await stage.id_token("ALICE")
    station = await stage.station()
    await station.swipe(1, "ALICE")
    assert len(station.cache) == 1
    cleared = await stage.post("/stations/CS-1/commands/clear-cache", {}, wait=10)
    assert (cleared["state"], len(station.cache)) == ("accepted", 0)


async def test_vendors_messages_go_to_their_handlers(stage):
    station = await stage.station()

    async def say(vendor_id, message_id=None, data=None):
        optional = {name: value for name, value in (("message_id", message_id), ("data", data)) if value is not None}
        return (await station.call(v16.DataTransfer(vendor_id=vendor_id, **optional))).status

    assert await say("org.skylark", "DoorStatus", '{"open": true}') == "Accepted"
    assert await say("org.skylark", "DoorStatus", "ajar") == "Rejected"
    assert await say("org.skylark", "DoorStatus") == "Rejected"
    assert await say("org.skylark", "Weather") == "UnknownMessageId"
    assert await say("com.nobody") == "UnknownVendorId"  # an answer, not a CALLERROR
    assert len(await stage.facts("StationDoorOpened")) == 1
    assert len(await stage.facts("DataReceived")) == 5
