"""Imperfect stations: strict without a profile, and nothing lost; mended, counted and reversible with one."""

import pytest

from .conftest import Play

BOOT = '>> BootNotification {"chargePointVendor": "Bluesky", "chargePointModel": "Imperfect 3"}'
BOOTED = '<< {"status": "Accepted", "currentTime": $_, "interval": 300}'
START = (
    '>> StartTransaction {"connectorId": 1, "idTag": "FRIEND", "meterStart": 1000, "timestamp": "2030-01-01T10:00:00Z"}'
)
STARTED = '<< {"transactionId": $tx, "idTagInfo": {"status": "Accepted"}}'
SAMPLE = '"sampledValue": [{"value": "1500"}]'


async def test_without_a_profile_broken_json_is_refused_and_kept_and_counted(play: Play) -> None:
    await play(
        f"""
        {START}
        {STARTED}
        >> [2,"m-1","MeterValues",{{"connectorId":1,"transactionId":,
             "meterValue":[{{"timestamp":"2030-01-01T10:05:00Z",{SAMPLE}}}]}}]
        << [4, "m-1", "FormationViolation", $_, {{}}]
        == sessions [{{"id": $tx, "energy_wh": 0}}]
        == frames [{{"outcome": "result"}}, {{"outcome": "malformed", "repairs": null}}]
        == station_repairs [{{"kind": "broken_json", "applied": 0, "missed": 1}},
             {{"kind": "transaction_id", "applied": 0, "missed": 1}}]
        """
    )


async def test_with_a_profile_broken_json_is_mended_and_the_frame_kept_as_it_came(play: Play) -> None:
    await play(
        f"""
        {BOOT}
        {BOOTED}
        {START}
        {STARTED}
        >> [2,"m-1","MeterValues",{{"connectorId":1,"transactionId":,
             "meterValue":[{{"timestamp":"2030-01-01T10:05:00Z",{SAMPLE},}}]}}]
        << [3, "m-1", {{}}]
        == sessions [{{"id": $tx, "energy_wh": 500}}]
        == frames [{{"repairs": null}}, {{"repairs": null}}, {{"outcome": "result", "repairs": "broken_json,transaction_id",
             "call": $broken, "session_id": $tx}}]
        == station_repairs [{{"kind": "broken_json", "applied": 1, "missed": 0}},
             {{"kind": "transaction_id", "applied": 1, "missed": 0}}]
        """
    )


async def test_a_profile_is_found_by_the_very_boot_that_needs_it(play: Play) -> None:
    await play(
        f"""
        >> BootNotification {{"chargePointVendor": "Bluesky", "chargePointModel": "Imperfect station of many words", "x": 1}}
        {BOOTED}
        >> StatusNotification {{"connectorId": 1, "errorCode": "Overheated", "status": "occupied!", "vendorErrorCode": null}}
        << {{}}
        == stations [{{"model": "Imperfect station of"}}]
        == connectors [{{"status": "unavailable", "error_code": "OtherError"}}]
        """,
        booted=False,
    )


@pytest.mark.parametrize("said", ["0", "null", "9223372036854775807", "nothing"])
@pytest.mark.behaviour("B-026")
async def test_an_end_without_its_transaction_ends_the_one_that_runs(play_pure: Play, said: str) -> None:
    field = "" if said == "nothing" else f'"transactionId": {said}, '
    await play_pure(
        f"""
        {BOOT}
        {BOOTED}
        {START}
        {STARTED}
        >> StopTransaction {{{field}"meterStop": 3000, "timestamp": "2030-01-01T11:00:00Z"}}
        << {{}}
        == sessions [{{"id": $tx, "state": "ended", "energy_wh": 2000}}]
        == review_items []
        """
    )


async def test_an_end_that_could_be_of_two_transactions_is_of_none(play_pure: Play) -> None:
    await play_pure(
        f"""
        {BOOT}
        {BOOTED}
        {START}
        {STARTED}
        >> StartTransaction {{"connectorId": 2, "idTag": "SON", "meterStart": 0, "timestamp": "2030-01-01T10:00:00Z"}}
        << {{"transactionId": $other, "idTagInfo": $_}}
        >> StopTransaction {{"transactionId": 0, "meterStop": 3000, "timestamp": "2030-01-01T11:00:00Z"}}
        << {{}}
        == sessions [{{"state": "active"}}, {{"state": "active"}}]
        == review_items [{{"kind": "unknown_transaction"}}]
        """
    )


async def test_without_a_profile_transaction_0_is_reviewed_and_its_repair_counted(play_pure: Play) -> None:
    await play_pure(
        f"""
        {START}
        {STARTED}
        >> StopTransaction {{"transactionId": 0, "meterStop": 3000, "timestamp": "2030-01-01T11:00:00Z"}}
        << {{}}
        == sessions [{{"state": "active"}}]
        == review_items [{{"kind": "unknown_transaction"}}]
        == station_repairs [{{"kind": "transaction_id", "missed": 1}}]
        """
    )


async def test_absurd_numbers_do_no_harm(play_pure: Play) -> None:
    """1.85 billion connectors; a register that jumps to its end."""
    await play_pure(
        f"""
        >> StatusNotification {{"connectorId": 1850000000, "errorCode": "NoError", "status": "Available"}}
        << !PropertyConstraintViolation
        {BOOT}
        {BOOTED}
        {START}
        {STARTED}
        >> StatusNotification {{"connectorId": 1850000000, "errorCode": "NoError", "status": "Charging"}}
        << {{}}
        >> MeterValues {{"connectorId": 1, "transactionId": $tx, "meterValue": [{{"timestamp": "2030-01-01T10:05:00Z",
             "sampledValue": [{{"value": "4294967295"}}, {{"value": "7000", "measurand": "Power.Active.Import"}}]}}]}}
        << {{}}
        == connectors [{{"evse": 1, "status": "charging"}}]
        == sessions [{{"energy_wh": 0, "power_w": 7000.0}}]
        """
    )


async def test_a_time_that_is_no_rfc_3339_is_taken_from_anyone_and_counted(play: Play) -> None:
    await play(
        """
        >> StartTransaction {"connectorId": 1, "idTag": "FRIEND", "meterStart": 0, "timestamp": "2030-01-01T10:00:00"}
        << {"transactionId": $tx, "idTagInfo": {"status": "Accepted"}}
        == sessions [{"id": $tx, "started_at": "2030-01-01T10:00:00Z"}]
        == station_repairs [{"kind": "time_format", "applied": 1, "missed": 0}]
        == frames [{"repairs": "time_format"}]
        """
    )


async def test_without_a_profile_absurd_energy_is_kept_and_its_repair_counted(play_pure: Play) -> None:
    await play_pure(
        f"""
        {START}
        {STARTED}
        >> MeterValues {{"connectorId": 1, "transactionId": $tx, "meterValue": [{{"timestamp": "2030-01-01T10:05:00Z",
             "sampledValue": [{{"value": "4294967295"}}]}}]}}
        << {{}}
        >> MeterValues {{"connectorId": 1, "transactionId": $tx, "meterValue": [{{"timestamp": "2030-01-01T10:05:00Z",
             {SAMPLE}}}]}}
        << {{}}
        == readings [{{"energy_wh": 4294967295.0}}, {{"energy_wh": 1500.0}}]
        == station_repairs [{{"kind": "absurd_energy", "missed": 1}}]
        """
    )
