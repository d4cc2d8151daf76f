"""How a station obeys the Core profile."""

from csms.simulator import ConnectorSpec

ACCEPTED = {"status": "Accepted"}
REJECTED = {"status": "Rejected"}


async def test_a_remote_start_with_the_cable_in_charges(stage, csms):
    station = await stage.station()
    await station.plug_in(1)
    heard = csms.heard("StartTransaction", connectorId=1, idTag="APP")
    assert await csms.call("CS-1", "RemoteStartTransaction", {"idTag": "APP", "connectorId": 1}) == ACCEPTED
    await heard
    assert [p["idTag"] for p in csms.payloads("Authorize")] == ["APP"]


async def test_a_remote_start_need_not_be_authorized_again(stage, csms):
    station = await stage.station(configuration={"AuthorizeRemoteTxRequests": "false"})
    await station.plug_in(1)
    heard = csms.heard("StartTransaction")
    await csms.call("CS-1", "RemoteStartTransaction", {"idTag": "APP"})
    await heard
    assert csms.of("Authorize") == []


async def test_a_remote_start_waits_for_the_cable_and_gives_up(stage, csms, clock):
    station = await stage.station()
    await csms.call("CS-1", "RemoteStartTransaction", {"idTag": "APP", "connectorId": 1})
    await clock.advance(30)
    assert csms.statuses(1)[-1] == "Preparing"
    await station.plug_in(1)
    assert len(csms.of("StartTransaction")) == 1
    await station.stop(1)
    await station.unplug(1)

    await csms.call("CS-1", "RemoteStartTransaction", {"idTag": "APP", "connectorId": 1})
    await clock.advance(61)
    assert csms.statuses(1)[-2:] == ["Preparing", "Available"]
    assert len(csms.of("StartTransaction")) == 1


async def test_a_remote_start_of_a_refused_tag_does_nothing(stage, csms, clock):
    csms.id_tags["BAD"] = {"status": "Blocked"}
    station = await stage.station()
    await station.plug_in(1)
    assert await csms.call("CS-1", "RemoteStartTransaction", {"idTag": "BAD", "connectorId": 1}) == ACCEPTED
    await clock.advance(60)
    assert csms.of("StartTransaction") == []


async def test_remote_starts_that_cannot_be(stage, csms):
    station = await stage.station(ConnectorSpec(), ConnectorSpec(), ConnectorSpec())
    await station.start(1, "TAG")
    await station.status(2, "Faulted", "GroundFailure")
    await csms.call("CS-1", "ChangeAvailability", {"connectorId": 3, "type": "Inoperative"})
    for connector_id in (0, 1, 2, 3, 4):
        request = {"idTag": "APP", "connectorId": connector_id}
        assert await csms.call("CS-1", "RemoteStartTransaction", request) == REJECTED
    assert await csms.call("CS-1", "RemoteStartTransaction", {"idTag": "APP"}) == REJECTED


async def test_a_remote_stop_ends_the_right_transaction(stage, csms):
    station = await stage.station(ConnectorSpec(), ConnectorSpec())
    await station.start(1, "ANNA")
    await station.start(2, "BERT")
    assert await csms.call("CS-1", "RemoteStopTransaction", {"transactionId": 7}) == REJECTED
    heard = csms.heard("StopTransaction", transactionId=1002, reason="Remote")
    assert await csms.call("CS-1", "RemoteStopTransaction", {"transactionId": 1002}) == ACCEPTED
    await heard
    assert station.connector(1).transaction is not None


async def test_a_soft_reset_says_goodbye_first(stage, csms, clock):
    station = await stage.station()
    await station.start(1, "TAG")
    assert await csms.call("CS-1", "Reset", {"type": "Soft"}) == ACCEPTED
    await clock.advance(30)

    story = [r.action for r in csms.of("StopTransaction", "BootNotification")]
    assert story == ["BootNotification", "StopTransaction", "BootNotification"]
    assert csms.payloads("StopTransaction")[0]["reason"] == "SoftReset"
    assert station.ready


async def test_a_hard_reset_reports_the_stop_after_the_boot(stage, csms, clock):
    station = await stage.station()
    await station.start(1, "TAG")
    assert await csms.call("CS-1", "Reset", {"type": "Hard"}) == ACCEPTED
    await clock.advance(30)

    story = [r.action for r in csms.of("StopTransaction", "BootNotification")]
    assert story == ["BootNotification", "BootNotification", "StopTransaction"]
    assert csms.payloads("StopTransaction")[0]["reason"] == "HardReset"
    assert station.ready


async def test_some_stations_are_gone_before_they_answer_a_hard_reset(stage, csms, clock):
    await stage.station(answers_hard_reset=False)
    await csms.links["CS-1"].send('[2,"r1","Reset",{"type":"Hard"}]')
    await csms.links["CS-1"].wait_closed()
    await clock.advance(30)
    assert len(csms.of("BootNotification")) == 2


async def test_unlocking(stage, csms):
    station = await stage.station(
        ConnectorSpec(), ConnectorSpec(lock="fails"), ConnectorSpec("DC", 60_000, lock="none")
    )
    answers = [await csms.call("CS-1", "UnlockConnector", {"connectorId": number}) for number in (1, 2, 3, 4)]
    assert [answer["status"] for answer in answers] == ["Unlocked", "UnlockFailed", "NotSupported", "NotSupported"]

    await station.start(1, "TAG")
    heard = csms.heard("StopTransaction", reason="UnlockCommand")
    await csms.call("CS-1", "UnlockConnector", {"connectorId": 1})
    await heard


async def test_availability_waits_for_the_end_of_a_transaction_and_survives_a_reboot(stage, csms, clock):
    station = await stage.station(ConnectorSpec(), ConnectorSpec())
    await station.plug_in(1)
    await station.start(1, "TAG")
    all_off = {"connectorId": 0, "type": "Inoperative"}
    assert await csms.call("CS-1", "ChangeAvailability", all_off) == {"status": "Scheduled"}
    await clock.advance(1)
    assert (csms.statuses(0)[-1], csms.statuses(1)[-1], csms.statuses(2)[-1]) == (
        "Unavailable",
        "Charging",
        "Unavailable",
    )
    await station.stop(1)
    await station.unplug(1)
    await clock.advance(1)
    assert csms.statuses(1)[-1] == "Unavailable"
    assert (await station.swipe(1, "TAG")).status == "Invalid"

    await csms.call("CS-1", "Reset", {"type": "Soft"})
    await clock.advance(30)
    assert csms.statuses(2)[-1] == "Unavailable"
    await csms.call("CS-1", "ChangeAvailability", {"connectorId": 0, "type": "Operative"})
    await clock.advance(1)
    assert [csms.statuses(number)[-1] for number in (0, 1, 2)] == ["Available"] * 3
    assert await csms.call("CS-1", "ChangeAvailability", {"connectorId": 9, "type": "Operative"}) == REJECTED


async def test_reading_the_configuration(stage, csms):
    await stage.station(password="a password of mine")
    everything = await csms.call("CS-1", "GetConfiguration")
    keys = {entry["key"]: entry for entry in everything["configurationKey"]}
    assert keys["NumberOfConnectors"] == {"key": "NumberOfConnectors", "readonly": True, "value": "1"}
    assert keys["HeartbeatInterval"]["value"] == "300"
    assert "value" not in keys["AuthorizationKey"]
    assert len(keys) > 30
    assert await csms.call("CS-1", "GetConfiguration", {"key": []}) == everything

    some = await csms.call("CS-1", "GetConfiguration", {"key": ["heartbeatinterval", "Nonsense"]})
    assert some == {"configurationKey": [keys["HeartbeatInterval"]], "unknownKey": ["Nonsense"]}


async def test_writing_the_configuration(stage, csms, clock):
    station = await stage.station()

    async def change(key, value):
        return (await csms.call("CS-1", "ChangeConfiguration", {"key": key, "value": value}))["status"]

    assert await change("MeterValueSampleInterval", "15") == "Accepted"
    assert await change("MeterValueSampleInterval", "soon") == "Rejected"
    assert await change("WebSocketPingInterval", "-1") == "Rejected"
    assert await change("NumberOfConnectors", "7") == "Rejected"
    assert await change("MeterValuesSampledData", "Power.Active.Import,RPM") == "Rejected"
    assert await change("Nonsense", "1") == "NotSupported"
    assert await change("SkylarkDisplayLanguage", "zh") == "RebootRequired"
    assert station.configuration["SkylarkDisplayLanguage"] == "en"
    await csms.call("CS-1", "Reset", {"type": "Soft"})
    await clock.advance(30)
    assert station.configuration["SkylarkDisplayLanguage"] == "zh"


async def test_a_new_password_takes_effect_at_once(stage, csms, clock):
    await stage.station(password="the password of old")
    key = "0001020304050607FFFFFFFFFFFFFFFFFFFFFFFF"  # OCPP-J §6.2.2 has this example
    await csms.call("CS-1", "ChangeConfiguration", {"key": "AuthorizationKey", "value": key})
    await csms.links["CS-1"].wait_closed()
    await clock.advance(1)
    assert csms.headers["CS-1"]["Authorization"] == "Basic Q1MtMToAAQIDBAUGB////////////////w=="
    assert len(csms.of("BootNotification")) == 1


async def test_clearing_the_cache(stage, csms):
    station = await stage.station()
    await station.authorize("TAG")
    assert await csms.call("CS-1", "ClearCache") == ACCEPTED
    assert len(station.cache) == 0
    await csms.call("CS-1", "ChangeConfiguration", {"key": "AuthorizationCacheEnabled", "value": "false"})
    assert await csms.call("CS-1", "ClearCache") == REJECTED


async def test_data_transfer(stage, csms):
    await stage.station()
    assert await csms.call("CS-1", "DataTransfer", {"vendorId": "com.example"}) == {"status": "UnknownVendorId"}
    assert await csms.call("CS-1", "DataTransfer", {"vendorId": "org.skylark"}) == {"status": "UnknownMessageId"}
    echo = {"vendorId": "org.skylark", "messageId": "echo", "data": "hello"}
    assert await csms.call("CS-1", "DataTransfer", echo) == {"status": "Accepted", "data": "hello"}
