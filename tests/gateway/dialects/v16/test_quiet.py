"""Sessions whose stop never comes: ended by what the station says next, put right by what it says later."""

from datetime import timedelta

import pytest

from csms.domain.sessions.quiet import end_quiet_sessions
from csms.kit.changes import Change

from ....harness.pure import PureDriver
from ....harness.transcript import play

CHARGED = """
    >> StartTransaction {"connectorId": 1, "idTag": "FRIEND", "meterStart": 1000, "timestamp": "2030-01-01T12:00:00Z"}
    << {"transactionId": 1, "idTagInfo": {"status": "Accepted"}}
    >> StatusNotification {"connectorId": 1, "errorCode": "NoError", "status": "Charging"}
    << {}
    >> MeterValues {"connectorId": 1, "transactionId": 1, "meterValue": [{"timestamp": "2030-01-01T12:00:03Z",
         "sampledValue": [{"value": "1500"}]}]}
    << {}
"""
AVAILABLE = """
    >> StatusNotification {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
    << {}
"""
BOOT = """
    >> BootNotification {"chargePointVendor": "V", "chargePointModel": "M"}
    << {"status": "Accepted", "currentTime": $_, "interval": 300}
"""
MORE = """
    >> MeterValues {"connectorId": 1, "transactionId": 1, "meterValue": [{"timestamp": "2030-01-01T12:30:00Z",
         "sampledValue": [{"value": "1900"}]}]}
    << {}
"""


@pytest.fixture
def driver() -> PureDriver:
    return PureDriver()


def pass_by(driver: PureDriver, minutes: int) -> None:
    """Time passes and the gateway looks, on a connection that has stood since the beginning."""
    began = driver.now
    driver.now += timedelta(minutes=minutes)
    live = driver.live("A")
    changes: list[Change] = []
    end_quiet_sessions(live.sessions, live.station, began, timedelta(minutes=10), driver.now, changes)
    driver.tables.apply(changes)


async def test_a_connector_available_for_long_has_no_session(driver: PureDriver) -> None:
    await play(driver, CHARGED + AVAILABLE)
    pass_by(driver, 9)
    await play(driver, '== sessions [{"state": "active"}]')
    pass_by(driver, 11)
    await play(
        driver,
        """
        == sessions [{"state": "ended", "ended_by": "available", "energy_wh": 500, "ended_at": "2030-01-01T12:00:03Z"}]
        == review_items [{"kind": "not_stopped", "energy_wh": 500}]
        == facts/SessionEnded [{"session_id": 1}]
        """,
    )


async def test_a_boot_alone_ends_nothing_and_with_an_available_connector_tells_why(driver: PureDriver) -> None:
    await play(driver, CHARGED + BOOT)
    pass_by(driver, 60)
    await play(driver, '== sessions [{"state": "active"}]')
    await play(driver, AVAILABLE)
    pass_by(driver, 11)
    await play(driver, '== sessions [{"state": "ended", "ended_by": "reboot", "energy_wh": 500}]')


def status(said: str) -> str:
    return AVAILABLE.replace("Available", said)


@pytest.mark.parametrize(("said", "ended"), [
    ("Reserved", True), ("Unavailable", True), ("Preparing", False), ("Finishing", False), ("SuspendedEV", False),
    ("SuspendedEVSE", False), ("Faulted", False),
])  # fmt: skip
async def test_only_a_state_without_a_transaction_ends_one(driver: PureDriver, said: str, ended: bool) -> None:
    await play(driver, CHARGED + status(said))
    pass_by(driver, 60)
    await play(driver, f'== sessions [{{"state": "{"ended" if ended else "active"}"}}]')


@pytest.mark.parametrize("said", ["Preparing", "Finishing"])
async def test_after_a_boot_a_car_that_is_still_plugged_in_hides_nothing(driver: PureDriver, said: str) -> None:
    """The controller was swapped under a charging car: the new one knows of no transaction."""
    await play(driver, CHARGED + BOOT + status(said))
    pass_by(driver, 11)
    await play(
        driver,
        """
        == sessions [{"state": "ended", "ended_by": "reboot", "energy_wh": 500}]
        == review_items [{"kind": "not_stopped", "energy_wh": 500}]
        """,
    )


async def test_what_the_meter_counted_until_the_next_transaction_is_told(driver: PureDriver) -> None:
    await play(driver, CHARGED + BOOT)
    await play(
        driver,
        """
        >> StartTransaction {"connectorId": 1, "idTag": "SON", "meterStart": 7200, "timestamp": "2030-01-01T13:00:00Z"}
        << {"transactionId": 2, "idTagInfo": $_}
        == sessions [{"ended_by": "new_transaction", "energy_wh": 500}, {"state": "active", "meter_start_wh": 7200}]
        """,
    )
    [item] = await driver.rows("A", "review_items")
    assert item["detail"].endswith("The next one began at 7200 Wh: up to 5700 Wh more were delivered.")


async def test_what_still_measures_has_not_ended(driver: PureDriver) -> None:
    await play(driver, CHARGED + AVAILABLE)
    for _ in range(3):
        pass_by(driver, 9)
        await play(driver, MORE)
    await play(driver, '== sessions [{"state": "active", "energy_wh": 900}]')


async def test_further_readings_reopen_it_and_its_stop_puts_it_right(driver: PureDriver) -> None:
    await play(driver, CHARGED + AVAILABLE)
    pass_by(driver, 11)
    await play(driver, MORE)
    await play(
        driver,
        """
        == sessions [{"state": "active", "ended_by": null, "ended_at": null, "energy_wh": 900}]
        == facts/SessionReopened [{"session_id": 1}]
        """,
    )
    pass_by(driver, 11)
    await driver.reconnect()
    await play(
        driver,
        """
        >> StopTransaction {"transactionId": 1, "meterStop": 2100, "timestamp": "2030-01-01T12:40:00Z", "reason": "PowerLoss"}
        << {}
        == sessions [{"state": "ended", "ended_by": "station", "energy_wh": 1100, "stop_reason": "power_loss",
             "ended_at": "2030-01-01T12:40:00Z"}]
        """,
    )


async def test_late_readings_of_what_the_next_transaction_ended_count_and_do_not_reopen_it(driver: PureDriver) -> None:
    await play(driver, CHARGED)
    await play(
        driver,
        """
        >> StartTransaction {"connectorId": 1, "idTag": "SON", "meterStart": 1950, "timestamp": "2030-01-01T13:00:00Z"}
        << {"transactionId": 2, "idTagInfo": $_}
        """
        + MORE
        + """
        == sessions [{"state": "ended", "ended_by": "new_transaction", "energy_wh": 900, "power_w": 0.0},
             {"state": "active", "energy_wh": 0}]
        """,
    )
