"""Being registered and being connected: Pending and Rejected, reboots, lost connections."""

import asyncio

import pytest
from picows import WSError

from csms.simulator import CallFailed, StationSpec


async def test_pending_keeps_quiet_and_asks_again_at_the_interval(stage, csms, clock):
    csms.boot = {"status": "Pending", "interval": 30}
    station = await stage.station()
    await station.plug_in(1)
    await clock.advance(29)
    assert [r.action for r in csms.received] == ["BootNotification"]

    csms.boot = {"status": "Accepted", "interval": 300}
    await clock.advance(2)
    assert len(csms.of("BootNotification")) == 2
    assert csms.statuses(1) == ["Preparing"]


async def test_pending_obeys_but_starts_and_stops_nothing(stage, csms):
    csms.boot = {"status": "Pending", "interval": 30}
    await stage.station()
    answer = await csms.call("CS-1", "ChangeConfiguration", {"key": "MeterValueSampleInterval", "value": "15"})
    assert answer == {"status": "Accepted"}
    assert await csms.call("CS-1", "RemoteStartTransaction", {"idTag": "TAG", "connectorId": 1}) == {
        "status": "Rejected"
    }
    heard = csms.heard("StatusNotification", connectorId=1)
    answer = await csms.call("CS-1", "TriggerMessage", {"requestedMessage": "StatusNotification", "connectorId": 1})
    assert answer == {"status": "Accepted"}
    await heard


async def test_pending_can_be_hurried_by_a_trigger(stage, csms):
    csms.boot = {"status": "Pending", "interval": 3600}
    station = await stage.station()
    csms.boot = {"status": "Accepted", "interval": 300}
    heard = csms.heard("BootNotification")
    await csms.call("CS-1", "TriggerMessage", {"requestedMessage": "BootNotification"})
    await heard
    await station.delivered()
    assert station.ready


async def test_rejected_does_not_even_answer(stage, csms, clock):
    csms.boot = {"status": "Rejected", "interval": 60}
    await stage.station()
    asking = asyncio.create_task(csms.call("CS-1", "GetConfiguration"))
    await clock.advance(61)
    assert [r.action for r in csms.received] == ["BootNotification"] * 2
    assert not asking.done()
    asking.cancel()


async def test_no_interval_means_the_station_picks_one(stage, csms, clock):
    csms.boot = {"status": "Pending", "interval": 0}
    await stage.station()
    await clock.advance(61)
    assert len(csms.of("BootNotification")) == 2


async def test_a_boot_refused_with_an_error_is_tried_again(stage, csms, clock, error):
    csms.answer_next("BootNotification", error("InternalError"))
    station = stage.fleet(StationSpec("CS-1"))["CS-1"]
    with pytest.raises(CallFailed):
        await station.come_online()
    await clock.advance(61)
    assert station.ready


async def test_a_lost_connection_comes_back_by_itself_without_a_boot(stage, csms, clock):
    station = await stage.station()
    station.keep_online = True
    csms.drop("CS-1")
    await clock.advance(0)
    while station.online:
        await clock.advance(0)
    await clock.advance(10)
    assert station.ready
    assert len(csms.of("BootNotification")) == 1


async def test_credentials_and_subprotocol_are_shown_at_the_door(stage, csms):
    await stage.station(password="correct horse battery")
    assert csms.headers["CS-1"]["Authorization"] == "Basic Q1MtMTpjb3JyZWN0IGhvcnNlIGJhdHRlcnk="
    assert csms.headers["CS-1"]["Sec-WebSocket-Protocol"] == "ocpp1.6"


async def test_an_identity_is_percent_encoded(stage, csms):
    station = stage.fleet(StationSpec("CS 1/ä"))["CS 1/ä"]
    await station.come_online()
    assert list(csms.links) == ["CS%201%2F%C3%A4"]


async def test_a_dead_connection_is_noticed_by_its_silence(stage, csms, clock):
    station = await stage.station(configuration={"WebSocketPingInterval": "30"})
    await clock.advance(31)
    assert await csms.call("CS-1", "ClearCache")  # and by then the pong is here, too
    await clock.advance(30)
    assert station.online
    csms.links["CS-1"].transport.pause_reading()
    await clock.advance(60)
    assert not station.online
    csms.links["CS-1"].transport.resume_reading()


@pytest.mark.parametrize("status", [401, 404])
async def test_a_closed_door_is_knocked_at_again(stage, csms, clock, status):
    csms.door = status
    station = stage.fleet(StationSpec("CS-1"))["CS-1"]
    station.keep_online = True
    with pytest.raises(WSError):
        await station.come_online()
    csms.door = None
    await clock.advance(10)
    assert station.ready


async def test_a_central_system_of_another_tongue_is_left(stage, csms):
    csms.tongue = None
    station = stage.fleet(StationSpec("CS-1"))["CS-1"]
    with pytest.raises(ConnectionRefusedError, match=r"does not speak ocpp1\.6"):
        await station.come_online()


@pytest.mark.parametrize("end", ["abort", "close"])
async def test_a_central_system_that_dies_while_it_opens_the_door(stage, end):
    async def die(reader, writer):
        await reader.readline()
        getattr(writer.transport, end)()

    async with await asyncio.start_server(die, "127.0.0.1", 0) as server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        station = stage.fleet(StationSpec("CS-1"), url=url)["CS-1"]
        with pytest.raises((OSError, WSError)):
            await station.come_online()
    assert not station.online


async def test_nobody_listens(stage):
    station = stage.fleet(StationSpec("CS-1"), url="ws://127.0.0.1:1")["CS-1"]
    with pytest.raises(OSError, match=r".+"):
        await station.come_online()
    assert not station.online
