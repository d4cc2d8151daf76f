"""Nothing about a transaction is lost: offline queues, lost answers, refusals, and the order of it all."""

import pytest

from csms.ocpp import v16
from csms.simulator import CallFailed, Car, ConnectionLost

MONEY = ("StartTransaction", "MeterValues", "StopTransaction")


def story(csms):
    return [(r.action, r.payload.get("transactionId"), r.payload.get("timestamp", "")[11:16]) for r in csms.of(*MONEY)]


async def test_what_happened_offline_is_replayed_in_order_with_its_own_times(stage, csms, clock):
    station = await stage.station(configuration={"AllowOfflineTxForUnknownId": "true"})
    await station.go_offline()
    await clock.advance(600)
    await station.plug_in(1)
    assert (await station.swipe(1, "TAG")).status == "Accepted"
    await clock.advance(600)
    await station.meter(1, wh=700)
    await station.swipe(1, "TAG")
    record = stage.fleets[0].journal.records()[0]
    assert (record.transaction_id, record.energy_wh) == (None, 700)
    assert csms.of(*MONEY) == []

    await clock.advance(3600)
    await station.come_online()
    assert story(csms)[0] == ("StartTransaction", None, "08:10")
    assert story(csms)[-1] == ("StopTransaction", 1001, "08:20")
    assert {entry[1] for entry in story(csms)[1:]} == {1001}
    assert (record.transaction_id, record.stop_acknowledged) == (1001, True)
    assert record.readings == record.readings_acknowledged > 0


async def test_a_running_charge_survives_a_dropped_socket(stage, csms, clock):
    station = await stage.station()
    await station.plug_in(1, Car())
    await station.start(1, "TAG")
    await clock.advance(90)
    await station.go_offline()
    await clock.advance(300)
    before = len(csms.of("MeterValues"))
    await station.come_online()
    assert len(csms.of("MeterValues")) == before + 5
    assert len(csms.of("BootNotification")) == 1

    await station.stop(1)
    energy = [int(m["meterValue"][0]["sampledValue"][0]["value"]) for m in csms.payloads("MeterValues")]
    assert energy == sorted(energy)
    assert csms.payloads("StopTransaction")[0]["meterStop"] >= energy[-1]


async def test_only_the_status_that_holds_is_said_after_an_offline_time(stage, csms):
    station = await stage.station(configuration={"AllowOfflineTxForUnknownId": "true"})
    await station.go_offline()
    await station.plug_in(1)
    await station.swipe(1, "TAG")
    await station.swipe(1, "TAG")
    await station.come_online()
    assert csms.statuses(1) == ["Available", "Finishing"]
    assert csms.statuses(0) == ["Available"]


async def test_a_start_whose_answer_got_lost_is_sent_again_under_a_new_message_id(stage, csms, drop):
    station = await stage.station()
    csms.answer_next("StartTransaction", drop)
    record = await station.start(1, "TAG")
    assert record.transaction_id is None
    await station.come_online()

    first, second = csms.of("StartTransaction")
    assert first.payload == second.payload
    assert first.message_id != second.message_id
    assert record.transaction_id == 1001


async def test_a_stop_whose_answer_got_lost_is_sent_again(stage, csms, drop):
    station = await stage.station()
    await station.start(1, "TAG")
    csms.answer_next("StopTransaction", drop)
    record = await station.stop(1)
    assert not record.stop_acknowledged
    await station.come_online()
    first, second = csms.of("StopTransaction")
    assert first.payload == second.payload
    assert record.stop_acknowledged


async def test_a_refused_message_is_tried_again_after_a_growing_pause(stage, csms, clock, error):
    station = await stage.station()
    csms.answer_next("StartTransaction", error("InternalError"), error("InternalError"))
    record = await station.start(1, "TAG")
    await clock.advance(59)
    assert len(csms.of("StartTransaction")) == 1
    await clock.advance(2)
    assert len(csms.of("StartTransaction")) == 2
    await clock.advance(118)
    assert len(csms.of("StartTransaction")) == 2
    await clock.advance(2)
    assert len(csms.of("StartTransaction")) == 3
    assert record.transaction_id == 1001


async def test_after_all_attempts_the_message_is_given_up_and_the_rest_goes_with_minus_one(stage, csms, clock, error):
    station = await stage.station(configuration={"TransactionMessageAttempts": "2"})
    csms.answer_next("StartTransaction", error("InternalError"), error("GenericError"))
    record = await station.start(1, "TAG")
    await station.stop(1)
    await clock.advance(120)

    assert record.start_discarded
    assert record.stop_acknowledged
    assert csms.payloads("StopTransaction")[0]["transactionId"] == -1


async def test_an_unanswered_message_counts_as_refused(stage, csms, clock, silence):
    station = await stage.station(call_timeout_s=0.1)
    csms.answer_next("StartTransaction", silence)
    record = await station.start(1, "TAG")
    assert record.transaction_id is None
    await clock.advance(61)
    assert record.transaction_id == 1001


async def test_other_messages_do_not_wait_for_the_queue(stage, csms, error):
    station = await stage.station()
    csms.answer_next("StartTransaction", error("InternalError"))
    await station.start(1, "TAG")
    assert len(station.backlog) == 1
    await station.call(v16.Heartbeat())
    assert (await station.authorize("OTHER")).status == "Accepted"


async def test_offline_cards_are_judged_by_the_list_then_the_cache(stage, csms):
    station = await stage.station()
    await station.authorize("SEEN")
    entries = [
        {"idTag": "LISTED", "idTagInfo": {"status": "Accepted"}},
        {"idTag": "LOST", "idTagInfo": {"status": "Blocked"}},
        {"idTag": "OLD", "idTagInfo": {"status": "Accepted", "expiryDate": "2020-01-01T00:00:00Z"}},
    ]
    update = {"listVersion": 1, "updateType": "Full", "localAuthorizationList": entries}
    assert await csms.call("CS-1", "SendLocalList", update) == {"status": "Accepted"}
    await station.go_offline()

    decisions = {tag: (await station.authorize(tag)).status for tag in ("LISTED", "LOST", "OLD", "seen", "NEW")}
    assert decisions == {
        "LISTED": "Accepted",
        "LOST": "Blocked",
        "OLD": "Expired",
        "seen": "Accepted",
        "NEW": "Invalid",
    }


async def test_calls_fail_by_name(stage, csms, error):
    station = await stage.station()
    csms.answer_next("Heartbeat", error("InternalError", "out of coffee"))
    with pytest.raises(CallFailed, match="InternalError: out of coffee"):
        await station.call(v16.Heartbeat())
    await station.go_offline()
    with pytest.raises(ConnectionLost):
        await station.call(v16.Heartbeat())
