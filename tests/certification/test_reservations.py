"""Places kept for an id token: used, expired, refused, cancelled."""

from datetime import UTC, datetime, timedelta

import pytest

from csms.simulator import ConnectorSpec
from csms.simulator.connector import Fault

from ..harness.conversation import ANY, NONE, hears, reports, says

pytestmark = pytest.mark.asyncio(loop_scope="module")

ACCEPTED = {"status": "Accepted"}
VALID = {"idTagInfo": {"status": "Accepted"}}
TWO = (ConnectorSpec(meter_start_wh=1000), ConnectorSpec(meter_start_wh=2000))


async def reserve(case, card, evse=1, seconds=3600):
    expires_at = (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()
    wish = {"station": case.identity, "evse": evse, "id_token": card, "expires_at": expires_at}
    return await case.stage.post("/reservations", wish, wait=10)


async def becomes(case, made, state):
    return await case.stage.becomes(f"/reservations/{made['id']}", lambda shown: shown["state"] == state)


@pytest.mark.case("TC_046")
@pytest.mark.behaviour("B-082")
async def test_tc_046_reserved_connector_used(case):
    """Reserve connector - Transaction"""
    card, station = await case.card(), await case.station(*TWO)
    made = await reserve(case, card)
    assert (made["state"], made["answer"]) == ("accepted", "accepted")
    await case.shows(1, status="reserved")
    await station.swipe(1, card)
    await station.plug_in(1)
    await station.delivered()
    number = made["number"]
    await case.conversation(
        hears(
            "ReserveNow", ACCEPTED, connectorId=1, idTag=card, reservationId=number, expiryDate=ANY, parentIdTag=NONE
        ),
        reports("Reserved"),
        says("Authorize", VALID, idTag=card),
        reports("Preparing"),
        says("StartTransaction", VALID, idTag=card, reservationId=number),
        reports("Charging"),
    )
    running = await case.session(state="active", reservation_id=number)
    used = await becomes(case, made, "used")
    assert used["transaction_id"] == running["transaction_id"]


@pytest.mark.case("TC_047")
@pytest.mark.behaviour("B-083")
async def test_tc_047_reservation_expires(case):
    """Reserve connector - Expire"""
    card = await case.card()
    await case.station(*TWO, speed=1.0)
    made = await reserve(case, card, seconds=3)
    assert made["state"] == "accepted"
    await case.conversation(hears("ReserveNow", ACCEPTED), reports("Reserved"), reports("Available"))
    await case.shows(1, status="available")
    await becomes(case, made, "expired")
    assert await case.facts("ReservationExpired") == [{"reservation": made["number"]}]


async def refused(case, made, status, evse=1):
    assert (made["state"], made["answer"]) == ("refused", status.lower())
    await case.conversation(hears("ReserveNow", {"status": status}, connectorId=evse, reservationId=made["number"]))


@pytest.mark.case("TC_048_1")
@pytest.mark.behaviour("B-065")
async def test_tc_048_1_reserve_faulted(case):
    """Reserve connector - Faulted"""
    card, station = await case.card(), await case.station(*TWO)
    station.fail(1, Fault("GroundFailure"))
    await case.shows(1, status="faulted")
    await refused(case, await reserve(case, card), "Faulted")


@pytest.mark.case("TC_048_2")
@pytest.mark.behaviour("B-065")
async def test_tc_048_2_reserve_occupied(case):
    """Reserve connector - Occupied"""
    card, station = await case.card(), await case.station(*TWO)
    await station.plug_in(1)
    await case.shows(1, status="preparing")
    await refused(case, await reserve(case, card), "Occupied")


@pytest.mark.case("TC_048_3")
@pytest.mark.behaviour("B-065")
async def test_tc_048_3_reserve_unavailable(case):
    """Reserve connector - Unavailable"""
    card = await case.card()
    await case.station(*TWO)
    asked = await case.command("change-availability", evse=1, available=False)
    assert asked["state"] == "accepted"
    await case.shows(1, status="unavailable")
    await refused(case, await reserve(case, card), "Unavailable")


@pytest.mark.case("TC_048_4")
@pytest.mark.behaviour("B-065")
async def test_tc_048_4_reserve_rejected(case):
    """Reserve connector - Rejected"""
    card = await case.card()
    await case.station(*TWO, configuration={"ReserveConnectorZeroSupported": "false"})
    await refused(case, await reserve(case, card, evse=0), "Rejected", evse=0)


@pytest.mark.case("TC_049")
@pytest.mark.behaviour("B-084")
async def test_tc_049_reserved_station_used(case):
    """Reserve charge point - Transaction"""
    card, station = await case.card(), await case.station(*TWO)
    made = await reserve(case, card, evse=0)
    assert made["state"] == "accepted"
    await station.swipe(2, card)
    await station.plug_in(2)
    await station.delivered()
    number = made["number"]
    await case.conversation(
        hears("ReserveNow", ACCEPTED, connectorId=0, idTag=card, reservationId=number),
        says("Authorize", VALID, idTag=card),
        says("StartTransaction", VALID, connectorId=2, idTag=card, reservationId=number),
    )
    await case.session(state="active", evse=2, reservation_id=number)
    await becomes(case, made, "used")


@pytest.mark.case("TC_051")
async def test_tc_051_cancel_reservation(case):
    """Cancel Reservation"""
    card = await case.card()
    await case.station(*TWO)
    made = await reserve(case, card)
    await case.shows(1, status="reserved")
    cancelled = await case.stage.post(f"/reservations/{made['id']}/cancel", wait=10)
    assert (cancelled["state"], cancelled["cancel_answer"]) == ("cancelled", "accepted")
    await case.conversation(
        reports("Reserved"),
        hears("CancelReservation", ACCEPTED, reservationId=made["number"]),
        reports("Available"),
    )
    await case.shows(1, status="available")


@pytest.mark.case("TC_052")
@pytest.mark.behaviour("B-066", "B-081")
async def test_tc_052_cancel_rejected(case):
    """Cancel Reservation - Rejected"""
    card, station = await case.card(), await case.station(*TWO)
    made = await reserve(case, card)
    station.reservations.remove(made["number"])  # the station forgot it
    kept = await case.stage.post(f"/reservations/{made['id']}/cancel", wait=10)
    assert (kept["state"], kept["cancel_answer"]) == ("accepted", "rejected")
    await case.conversation(hears("CancelReservation", {"status": "Rejected"}, reservationId=made["number"]))


@pytest.mark.case("TC_053")
@pytest.mark.behaviour("B-079")
async def test_tc_053_use_with_parent_id_tag(case):
    """Use a Reserved Connector with parentIdTag"""
    card, member = await case.card(group_id="FAMILY-053"), await case.card("B", group_id="FAMILY-053")
    station = await case.station(*TWO)
    made = await reserve(case, card)
    assert (made["state"], made["group_id"]) == ("accepted", "FAMILY-053")
    await case.shows(1, status="reserved")
    await station.swipe(1, member)
    await station.plug_in(1)
    await station.delivered()
    family = {"idTagInfo": {"status": "Accepted", "parentIdTag": "FAMILY-053"}}
    await case.conversation(
        hears("ReserveNow", ACCEPTED, idTag=card, parentIdTag="FAMILY-053"),
        says("Authorize", family, idTag=member),
        says("StartTransaction", family, idTag=member, reservationId=made["number"]),
    )
    await case.session(state="active", id_token=member, reservation_id=made["number"])
    await becomes(case, made, "used")
