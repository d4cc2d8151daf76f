"""Resets, and cables that are to be released."""

import pytest

from csms.simulator import ConnectorSpec

from ..harness.conversation import ANY, hears, reports, says
from .conftest import BRISK

pytestmark = pytest.mark.asyncio(loop_scope="module")

ACCEPTED = {"status": "Accepted"}


async def reset(case, kind):
    """With a session running, as the worst case; what was heard from the reset on."""
    card, station = await case.card(), await case.station(speed=BRISK)
    await station.start(1, card)
    booted = (await case.stage.get(case.path()))["boot"]["booted_at"]
    asked = await case.command("reset", kind=kind)
    assert (asked["state"], asked["answer"]) == ("accepted", ACCEPTED)
    await case.stage.becomes(case.path(), lambda shown: shown["boot"]["booted_at"] != booted)
    return station


@pytest.mark.case("TC_013")
async def test_tc_013_hard_reset(case):
    """Hard Reset"""
    await reset(case, "hard")
    await case.conversation(
        hears("Reset", ACCEPTED, type="Hard"),
        says("BootNotification", ACCEPTED),
        reports("Available", 0),
        reports("Finishing", 1),  # the cable is still in
    )
    await case.conversation(hears("Reset"), says("BootNotification"), says("StopTransaction", reason="HardReset"))
    await case.session(state="ended", stop_reason="hard_reset")


@pytest.mark.case("TC_014")
async def test_tc_014_soft_reset(case):
    """Soft Reset"""
    await reset(case, "soft")
    await case.conversation(
        hears("Reset", ACCEPTED, type="Soft"),
        says("StopTransaction", reason="SoftReset"),
        says("BootNotification", ACCEPTED),
        reports("Available", 0),
        reports("Finishing", 1),
    )
    await case.session(state="ended", stop_reason="soft_reset")


async def unlock(case, answer, evse=1):
    asked = await case.command("unlock", evse=evse)
    state = "accepted" if answer == "Unlocked" else "rejected"
    assert (asked["state"], asked["answer"]) == (state, {"status": answer})
    await case.conversation(hears("UnlockConnector", {"status": answer}, connectorId=evse))


@pytest.mark.case("TC_017_1")
async def test_tc_017_1_unlock(case):
    """Unlock Connector - No Session (Not Fixed Cable)"""
    await case.station(ConnectorSpec(lock="works"))
    await unlock(case, "Unlocked")


@pytest.mark.case("TC_017_2")
async def test_tc_017_2_unlock_fixed_cable(case):
    """Unlock Connector - No Session (Fixed Cable)"""
    await case.station(ConnectorSpec(lock="none"))
    await unlock(case, "NotSupported")


@pytest.mark.case("TC_018_1")
async def test_tc_018_1_unlock_ends_the_session(case):
    """Unlock Connector - With Session (Not Fixed Cable)"""
    card, station = await case.card(), await case.station(ConnectorSpec(lock="works"))
    await station.start(1, card)
    await unlock(case, "Unlocked")
    await case.conversation(
        hears("UnlockConnector"),
        says("StopTransaction", reason="UnlockCommand", transactionId=ANY),
        reports("Finishing"),
    )
    await case.session(state="ended", stop_reason="unlock_command")
    await station.unplug(1)
    await case.shows(1, status="available")


@pytest.mark.case("TC_030")
@pytest.mark.behaviour("B-064")
async def test_tc_030_unlock_failure(case):
    """Unlock Connector - Unlock Failure"""
    await case.station(ConnectorSpec(lock="fails"))
    await unlock(case, "UnlockFailed")


@pytest.mark.case("TC_031")
@pytest.mark.behaviour("B-063")
async def test_tc_031_unlock_unknown_connector(case):
    """Unlock Connector - Unknown Connector"""
    await case.station(ConnectorSpec(lock="works"))
    await unlock(case, "NotSupported", evse=9)
