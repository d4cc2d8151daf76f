"""Reservations, from the API to a strict station and back."""

from datetime import UTC, datetime, timedelta

import pytest

from csms.simulator import ConnectorSpec
from csms.simulator.connector import Fault

TWO = (ConnectorSpec(meter_start_wh=1000), ConnectorSpec(meter_start_wh=2000))


def in_minutes(minutes: float) -> str:
    return (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()


def wish(**more):
    return {"station": "CS-1", "evse": 1, "id_token": "ALICE", "expires_at": in_minutes(60), **more}


async def test_a_reserved_evse_is_used_by_whom_it_was_reserved_for(stage):
    await stage.id_token("ALICE")
    await stage.id_token("BOB")
    station = await stage.station("CS-1", *TWO)
    made = await stage.post("/reservations", wish(), wait=10)
    assert (made["state"], made["answer"]) == ("accepted", "accepted")
    await station.delivered()
    assert (await station.swipe(1, "BOB")).status == "Invalid"  # the station keeps it for Alice
    assert (await station.swipe(1, "ALICE")).status == "Accepted"
    await station.plug_in(1)
    used = await stage.get(f"/reservations/{made['id']}")
    assert used["state"] == "used"
    [session] = await stage.rows("sessions")
    assert (used["transaction_id"], session["reservation_id"]) == (session["id"], made["number"])


@pytest.mark.behaviour("B-082")
async def test_a_member_of_the_group_may_use_it(stage):
    await stage.id_token("MOTHER", group_id="FAMILY")
    await stage.id_token("SON", group_id="FAMILY")
    station = await stage.station("CS-1", *TWO)
    made = await stage.post("/reservations", wish(id_token="MOTHER"), wait=10)
    assert made["group_id"] == "FAMILY"
    await station.plug_in(1)
    assert (await station.swipe(1, "SON")).status == "Accepted"
    assert (await stage.get(f"/reservations/{made['id']}"))["state"] == "used"


async def test_what_the_station_refuses_is_refused_in_its_own_words(stage):
    await stage.id_token("ALICE")
    station = await stage.station("CS-1", *TWO)
    station.fail(1, Fault("GroundFailure", None, None))
    await station.delivered()
    faulted = await stage.post("/reservations", wish(), wait=10)
    assert (faulted["state"], faulted["answer"]) == ("refused", "faulted")
    unknown = await stage.post("/reservations", wish(evse=9), wait=10)
    assert (unknown["state"], unknown["answer"]) == ("refused", "rejected")
    await station.start(2, "ALICE")
    occupied = await stage.post("/reservations", wish(evse=2), wait=10)
    assert (occupied["state"], occupied["answer"]) == ("refused", "occupied")
    await stage.post("/stations/CS-1/commands/change-availability", {"evse": 2, "available": False}, wait=10)
    await station.stop(2)
    await station.delivered()
    unavailable = await stage.post("/reservations", wish(evse=2), wait=10)
    assert (unavailable["state"], unavailable["answer"]) == ("refused", "unavailable")


async def test_we_refuse_only_when_asked_to_check(stage):
    await stage.id_token("ALICE")
    station = await stage.station("CS-1", *TWO)
    await station.start(1, "ALICE")
    await station.delivered()
    refused = await stage.api.post("/api/v1/reservations", json=wish(evse=1), params={"check": True})
    assert refused.status_code == 409
    assert refused.json()["code"] == "reservation_conflict"
    assert any("charging" in words or "preparing" in words for words in refused.json()["objections"])
    assert (await stage.get("/reservations"))["total"] == 0
    accepted = await stage.post("/reservations", wish(evse=2), check=True, wait=10)
    assert accepted["state"] == "accepted"


async def test_connector_zero_keeps_one_place_whichever(stage):
    await stage.id_token("ALICE")
    station = await stage.station("CS-1", *TWO)
    made = await stage.post("/reservations", wish(evse=0), wait=10)
    assert made["state"] == "accepted"
    await station.plug_in(2)
    await station.swipe(2, "ALICE")
    assert (await stage.get(f"/reservations/{made['id']}"))["state"] == "used"


@pytest.mark.behaviour("B-066", "B-081")
async def test_cancelled_only_after_the_station_accepted(stage):
    await stage.id_token("ALICE")
    station = await stage.station("CS-1", *TWO)
    made = await stage.post("/reservations", wish(), wait=10)
    cancelled = await stage.post(f"/reservations/{made['id']}/cancel", wait=10)
    assert (cancelled["state"], cancelled["cancel_answer"]) == ("cancelled", "accepted")
    await station.delivered()
    again = await stage.post(f"/reservations/{made['id']}/cancel", wait=10)  # now unknown to the station
    assert (again["state"], again["cancel_answer"]) == ("cancelled", "rejected")
    other = await stage.post("/reservations", wish(evse=2), wait=10)
    station.reservations.remove(other["number"])  # the station forgot it
    kept = await stage.post(f"/reservations/{other['id']}/cancel", wait=10)
    assert (kept["state"], kept["cancel_answer"]) == ("accepted", "rejected")


async def test_one_that_was_used_stays_so_though_the_station_cancels_it(stage):
    await stage.id_token("ALICE")
    station = await stage.station("CS-1", *TWO)
    made = await stage.post("/reservations", wish(), wait=10)
    kept = station.reservations.find(made["number"])
    await station.start(1, "ALICE")
    assert (await stage.get(f"/reservations/{made['id']}"))["state"] == "used"
    station.reservations.put(kept)  # a station that does not forget it
    shown = await stage.post(f"/reservations/{made['id']}/cancel", wait=10)
    assert (shown["state"], shown["cancel_answer"]) == ("used", "accepted")
    assert shown["transaction_id"] is not None


async def test_a_reservation_that_nobody_uses_expires(stage):
    await stage.id_token("ALICE")
    await stage.station("CS-1", *TWO, speed=1.0)
    made = await stage.post("/reservations", wish(expires_at=in_minutes(3 / 60)), wait=10)
    assert made["state"] == "accepted"
    await stage.becomes(f"/reservations/{made['id']}", lambda shown: shown["state"] == "expired")
    assert await stage.facts("ReservationExpired") == [{"reservation": made["number"]}]


async def test_a_fault_ends_it_and_the_station_says_so_with_its_status_only(stage):
    """§5.13: terminated when the connector is set to Faulted or Unavailable; there is no message for that."""
    await stage.id_token("ALICE")
    station = await stage.station("CS-1", *TWO)
    first, second = [await stage.post("/reservations", wish(evse=evse), wait=10) for evse in (1, 2)]
    station.fail(1, Fault("GroundFailure", None, None))
    await station.delivered()
    await stage.becomes(f"/reservations/{first['id']}", lambda shown: shown["state"] == "dropped")
    assert await stage.facts("ReservationDropped") == [{"reservation": first["number"]}]
    assert (await stage.get(f"/reservations/{second['id']}"))["state"] == "accepted"


async def test_a_place_that_is_reported_free_again_is_kept_no_longer(stage):
    await stage.id_token("ALICE")
    station = await stage.station("CS-1", *TWO)
    made = await stage.post("/reservations", wish(), wait=10)
    await station.delivered()
    for reservation in tuple(station.reservations.of_connector(1)):
        station.end_reservation(reservation)  # somebody at the station wanted it so
    await station.delivered()
    await stage.becomes(f"/reservations/{made['id']}", lambda shown: shown["state"] == "dropped")


async def test_without_an_answer_it_has_failed_and_says_nothing_more(stage):
    await stage.id_token("ALICE")
    station = await stage.station("CS-1", *TWO)
    await station.go_offline()
    made = await stage.post("/reservations", wish(), expires_in=1)
    assert made["state"] == "requested"
    await stage.becomes(f"/reservations/{made['id']}", lambda shown: shown["state"] == "failed")


async def test_nonsense_is_refused(stage):
    await stage.station("CS-1")
    past = await stage.api.post("/api/v1/reservations", json=wish(expires_at="2020-01-01T00:00:00Z"))
    assert (past.status_code, past.json()["code"]) == (422, "expires_too_soon")
    unknown = await stage.api.post("/api/v1/reservations", json=wish(station="NOBODY"))
    assert unknown.status_code == 404
