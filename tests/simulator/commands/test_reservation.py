"""Reservations: made, kept, used, expired, cancelled, refused."""

from datetime import timedelta

import pytest

from csms.simulator import ConnectorSpec


@pytest.fixture
def reserve(csms, clock):
    async def reserve(connector_id, *, number=1, tag="ANNA", minutes=30, **more):
        expiry = (clock.now() + timedelta(minutes=minutes)).isoformat()
        request = {"connectorId": connector_id, "expiryDate": expiry, "idTag": tag, "reservationId": number, **more}
        return (await csms.call("CS-1", "ReserveNow", request))["status"]

    return reserve


async def test_only_who_reserved_may_charge_and_the_start_says_so(stage, csms, reserve, clock):
    station = await stage.station()
    assert await reserve(1) == "Accepted"
    await clock.advance(1)
    assert csms.statuses(1)[-1] == "Reserved"
    await station.plug_in(1)
    assert (await station.swipe(1, "BERT")).status == "Invalid"
    await station.swipe(1, "ANNA")
    assert csms.payloads("StartTransaction")[0]["reservationId"] == 1
    await station.stop(1)
    await station.unplug(1)
    await clock.advance(1)
    assert csms.statuses(1) == ["Available", "Reserved", "Preparing", "Charging", "Finishing", "Available"]


async def test_a_member_of_the_group_may_charge(stage, csms, reserve):
    csms.id_tags["BERT"] = {"status": "Accepted", "parentIdTag": "FAMILY"}
    station = await stage.station()
    await reserve(1, parentIdTag="FAMILY")
    await station.plug_in(1)
    await station.swipe(1, "BERT")
    assert csms.payloads("StartTransaction")[0]["reservationId"] == 1


async def test_a_reservation_expires(stage, csms, reserve, clock):
    await stage.station()
    await reserve(1, minutes=5)
    await clock.advance(301)
    assert csms.statuses(1) == ["Available", "Reserved", "Available"]
    assert await csms.call("CS-1", "CancelReservation", {"reservationId": 1}) == {"status": "Rejected"}


async def test_a_reservation_is_cancelled(stage, csms, reserve, clock):
    await stage.station()
    await reserve(1)
    assert await csms.call("CS-1", "CancelReservation", {"reservationId": 1}) == {"status": "Accepted"}
    await clock.advance(1)
    assert csms.statuses(1)[-1] == "Available"


async def test_the_same_number_replaces(stage, csms, reserve, clock):
    station = await stage.station(ConnectorSpec(), ConnectorSpec())
    await reserve(1, minutes=5)
    assert await reserve(2, tag="BERT") == "Accepted"
    await clock.advance(301)
    assert (csms.statuses(1)[-1], csms.statuses(2)[-1]) == ("Available", "Reserved")
    assert station.reservations.find(1).id_tag == "BERT"


async def test_connector_zero_keeps_one_free(stage, csms, reserve):
    station = await stage.station(ConnectorSpec(), ConnectorSpec())
    assert await reserve(0) == "Accepted"
    await station.plug_in(1)
    await station.swipe(1, "BERT")
    await station.plug_in(2)
    assert (await station.swipe(2, "CARL")).status == "Invalid"
    await station.swipe(2, "ANNA")
    assert [p.get("reservationId") for p in csms.payloads("StartTransaction")] == [None, 1]


async def test_reservations_that_cannot_be(stage, csms, reserve):
    station = await stage.station(ConnectorSpec(), ConnectorSpec(), ConnectorSpec(), ConnectorSpec())
    await station.start(1, "TAG")
    await station.status(2, "Faulted", "GroundFailure")
    await csms.call("CS-1", "ChangeAvailability", {"connectorId": 3, "type": "Inoperative"})
    await reserve(4, number=9)
    statuses = [await reserve(connector_id) for connector_id in (1, 2, 3, 4, 5, 0)]
    assert statuses == ["Occupied", "Faulted", "Unavailable", "Occupied", "Rejected", "Occupied"]
    assert await reserve(4, number=9, minutes=-1) == "Rejected"


async def test_a_fault_ends_a_reservation(stage, csms, reserve, clock):
    station = await stage.station()
    await reserve(1)
    await station.status(1, "Faulted", "GroundFailure")
    await station.status(1, "Available")
    await clock.advance(1)
    assert csms.statuses(1)[-1] == "Available"


async def test_a_station_without_the_profile_knows_nothing_of_it(stage, reserve, csms, clock, error):
    await stage.station(feature_profiles=("Core",))
    expiry = (clock.now() + timedelta(minutes=1)).isoformat()
    request = {"connectorId": 1, "expiryDate": expiry, "idTag": "ANNA", "reservationId": 1}
    assert (await csms.call("CS-1", "ReserveNow", request)).code == "NotSupported"
