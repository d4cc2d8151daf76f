"""Ending a transaction (OCPP 1.6 §4.10); always answered normally, or a station would try for ever."""

import pytest

from csms.gateway.dialects.v16.words import STOP_REASON

from .conftest import Play

START = """
        >> StartTransaction {"connectorId": 1, "idTag": "FRIEND", "meterStart": 1000, "timestamp": "2030-01-01T10:00:00Z"}
        << {"transactionId": $tx, "idTagInfo": {"status": "Accepted"}}
"""


async def test_a_stop_ends_the_session_to_the_watt_hour(play: Play) -> None:
    await play(
        f"""{START}
        >> StopTransaction {{"transactionId": $tx, "meterStop": 8421, "timestamp": "2030-01-01T11:00:00Z", "idTag": "friend",
             "reason": "EVDisconnected"}}
        << {{"idTagInfo": {{"status": "Accepted"}}}}
        == sessions [{{"id": $tx, "state": "ended", "energy_wh": 7421, "meter_stop_wh": 8421, "power_w": 0.0,
             "ended_at": "2030-01-01T11:00:00Z", "ended_by": "station", "stop_reason": "ev_disconnected",
             "stop_id_token": "friend"}}]
        == frames [{{"session_id": $tx}}, {{"action": "StopTransaction", "session_id": $tx}}]
        == review_items []
        == facts/Session [{{"kind": "SessionStarted"}}, {{"kind": "SessionEnded"}}]
        """
    )


@pytest.mark.behaviour("B-006", "B-009")
async def test_a_stop_without_id_tag_and_reason_was_local(play: Play) -> None:
    await play(
        f"""{START}
        >> StopTransaction {{"transactionId": $tx, "meterStop": 1000, "timestamp": "2030-01-01T11:00:00Z"}}
        << {{}}
        == sessions [{{"state": "ended", "energy_wh": 0, "stop_reason": "local", "stop_id_token": null}}]
        """
    )


@pytest.mark.parametrize(("reason", "kept"), STOP_REASON.items())
@pytest.mark.behaviour("B-010")
async def test_every_reason_is_kept(play_pure: Play, reason: str, kept: str) -> None:
    await play_pure(
        f"""{START}
        >> StopTransaction {{"transactionId": $tx, "meterStop": 2000, "timestamp": "2030-01-01T11:00:00Z",
             "reason": "{reason}"}}
        << {{}}
        == sessions [{{"state": "ended", "energy_wh": 1000, "stop_reason": "{kept}"}}]
        """
    )


@pytest.mark.parametrize("meanwhile", ["", "-- reconnect", "-- restart"])
@pytest.mark.behaviour("B-002")
async def test_a_repeated_stop_is_answered_again_and_ends_once(play: Play, meanwhile: str) -> None:
    stop = """
        >> StopTransaction {"transactionId": $tx, "meterStop": 3000, "timestamp": "2030-01-01T11:00:00Z", "idTag": "FRIEND",
             "transactionData": [{"timestamp": "2030-01-01T11:00:00Z", "sampledValue": [{"value": "3000"}]}]}
        << {"idTagInfo": {"status": "Accepted"}}
    """
    await play(
        f"""{START}{stop}
        {meanwhile}
        {stop}
        == sessions [{{"id": $tx, "state": "ended", "energy_wh": 2000}}]
        == review_items []
        == facts/SessionEnded [{{"session_id": $tx}}]
        """
    )


async def test_a_stop_that_contradicts_the_first_is_answered_and_reviewed(play: Play) -> None:
    await play(
        f"""{START}
        >> StopTransaction {{"transactionId": $tx, "meterStop": 3000, "timestamp": "2030-01-01T11:00:00Z"}}
        << {{}}
        >> StopTransaction {{"transactionId": $tx, "meterStop": 4000, "timestamp": "2030-01-01T12:00:00Z"}}
        << {{}}
        >> StopTransaction {{"transactionId": $tx, "meterStop": 4000, "timestamp": "2030-01-01T12:00:00Z"}}
        << {{}}
        -- reconnect
        >> StopTransaction {{"transactionId": $tx, "meterStop": 5000, "timestamp": "2030-01-01T13:00:00Z"}}
        << {{}}
        == sessions [{{"energy_wh": 2000, "meter_stop_wh": 3000, "ended_at": "2030-01-01T11:00:00Z"}}]
        == review_items [{{"kind": "conflicting_stop", "session_id": $tx, "state": "open"}},
             {{"kind": "conflicting_stop", "session_id": $tx, "state": "open"}}]
        """
    )


@pytest.mark.parametrize("transaction_id", [-1, 0, 4711, -2147483648])
@pytest.mark.behaviour("B-007", "B-008", "B-026")
async def test_a_stop_of_nothing_we_know_is_answered_and_reviewed(play: Play, transaction_id: int) -> None:
    """-1 stands for a transaction whose start was never answered (errata 3.18)."""
    await play(
        f"""
        >> StopTransaction {{"transactionId": {transaction_id}, "meterStop": 3000, "timestamp": "2030-01-01T11:00:00Z"}}
        << {{}}
        >> StopTransaction {{"transactionId": {transaction_id}, "meterStop": 3000, "timestamp": "2030-01-01T11:00:00Z"}}
        << {{}}
        == sessions []
        == review_items [{{"kind": "unknown_transaction", "session_id": null}}]
        == frames [{{"outcome": "result", "session_id": null}}, {{"outcome": "result"}}]
        """
    )


async def test_different_ends_of_unknown_transactions_are_different_things_to_review(play: Play) -> None:
    """Two transactions whose starts were never answered are both called -1; neither may hide the other."""
    await play(
        """
        >> MeterValues {"connectorId": 1, "transactionId": -1, "meterValue": [
             {"timestamp": "2030-01-01T10:30:00Z", "sampledValue": [{"value": "2000"}]}]}
        << {}
        >> StopTransaction {"transactionId": -1, "meterStop": 3000, "timestamp": "2030-01-01T11:00:00Z"}
        << {}
        >> StopTransaction {"transactionId": -1, "meterStop": 9000, "timestamp": "2030-01-01T17:00:00Z", "idTag": "FRIEND"}
        << {"idTagInfo": {"status": "Accepted"}}
        == readings [{"session_id": null, "energy_wh": 2000.0}]
        == review_items [{"kind": "unknown_transaction"}, {"kind": "unknown_transaction"}, {"kind": "unknown_transaction"}]
        """
    )


async def test_another_stations_transaction_is_unknown_here(play: Play) -> None:
    await play(
        f"""{START}
        B>> StopTransaction {{"transactionId": $tx, "meterStop": 3000, "timestamp": "2030-01-01T11:00:00Z"}}
        B<< {{}}
        B>> MeterValues {{"connectorId": 1, "transactionId": $tx, "meterValue": [
             {{"timestamp": "2030-01-01T10:30:00Z", "sampledValue": [{{"value": "2000"}}]}}]}}
        B<< {{}}
        == sessions [{{"id": $tx, "state": "active", "energy_wh": 0}}]
        == readings []
        == review_items []
        """
    )


@pytest.mark.parametrize("token", ["STRANGER", "BLOCKED", "EXPIRED"])
async def test_a_stop_by_an_id_token_that_is_not_accepted_still_stops(play_pure: Play, token: str) -> None:
    await play_pure(
        f"""{START}
        >> StopTransaction {{"transactionId": $tx, "meterStop": 3000, "timestamp": "2030-01-01T11:00:00Z",
             "idTag": "{token}"}}
        << {{"idTagInfo": $_}}
        == sessions [{{"state": "ended", "energy_wh": 2000, "stop_id_token": "{token}"}}]
        """
    )


@pytest.mark.behaviour("B-015")
async def test_what_a_refused_id_token_got_is_kept_and_reviewed(play: Play) -> None:
    await play(
        """
        >> StartTransaction {"connectorId": 1, "idTag": "BLOCKED", "meterStart": 0, "timestamp": "2030-01-01T10:00:00Z"}
        << {"transactionId": $tx, "idTagInfo": {"status": "Blocked"}}
        >> MeterValues {"connectorId": 1, "transactionId": $tx, "meterValue": [
             {"timestamp": "2030-01-01T10:00:30Z", "sampledValue": [{"value": "30"}]}]}
        << {}
        >> StopTransaction {"transactionId": $tx, "meterStop": 55, "timestamp": "2030-01-01T10:01:00Z",
             "reason": "DeAuthorized"}
        << {}
        == sessions [{"id": $tx, "authorization": "blocked", "energy_wh": 55, "stop_reason": "de_authorized"}]
        == review_items [{"kind": "refused_energy", "session_id": $tx, "energy_wh": 55.0}]
        """
    )


async def test_what_a_refused_id_token_got_is_reviewed_also_when_its_stop_never_comes(play: Play) -> None:
    await play(
        """
        >> StartTransaction {"connectorId": 1, "idTag": "BLOCKED", "meterStart": 0, "timestamp": "2030-01-01T10:00:00Z"}
        << {"transactionId": $tx, "idTagInfo": {"status": "Blocked"}}
        >> MeterValues {"connectorId": 1, "transactionId": $tx, "meterValue": [
             {"timestamp": "2030-01-01T10:00:30Z", "sampledValue": [{"value": "30"}]}]}
        << {}
        >> StartTransaction {"connectorId": 1, "idTag": "FRIEND", "meterStart": 30, "timestamp": "2030-01-01T10:05:00Z"}
        << {"transactionId": $_, "idTagInfo": {"status": "Accepted"}}
        == review_items [{"kind": "not_stopped", "session_id": $tx, "energy_wh": 30.0}]
        """
    )


@pytest.mark.behaviour("B-024")
async def test_a_meter_that_ran_backwards_is_reviewed_and_never_negative(play: Play) -> None:
    await play(
        f"""{START}
        >> MeterValues {{"connectorId": 1, "transactionId": $tx, "meterValue": [
             {{"timestamp": "2030-01-01T10:30:00Z", "sampledValue": [{{"value": "1600"}}]}}]}}
        << {{}}
        >> StopTransaction {{"transactionId": $tx, "meterStop": 12, "timestamp": "2030-01-01T11:00:00Z"}}
        << {{}}
        == sessions [{{"state": "ended", "energy_wh": 600, "meter_stop_wh": 12}}]
        == review_items [{{"kind": "meter_backwards", "session_id": $tx, "energy_wh": 600.0}}]
        """
    )


@pytest.mark.parametrize("said", ["1970-01-01T00:03:00Z", "2041-01-01T00:00:00Z", "2030-01-01T09:00:00Z"])
async def test_an_end_at_a_time_that_cannot_be_right_marks_the_session(play: Play, said: str) -> None:
    await play(
        f"""{START}
        >> StopTransaction {{"transactionId": $tx, "meterStop": 3000, "timestamp": "{said}"}}
        << {{}}
        >> StopTransaction {{"transactionId": $tx, "meterStop": 3000, "timestamp": "{said}"}}
        << {{}}
        == sessions [{{"state": "ended", "energy_wh": 2000, "ended_at": "{said}"}}]
        == review_items [{{"kind": "clock_wrong", "session_id": $tx, "energy_wh": 2000.0}}]
        """
    )


@pytest.mark.behaviour("B-020")
async def test_transaction_data_are_readings_of_the_session(play: Play) -> None:
    await play(
        """
        >> StartTransaction {"connectorId": 2, "idTag": "FRIEND", "meterStart": 0, "timestamp": "2030-01-01T10:00:00Z"}
        << {"transactionId": $tx, "idTagInfo": {"status": "Accepted"}}
        >> StopTransaction {"transactionId": $tx, "meterStop": 900, "timestamp": "2030-01-01T11:00:00Z", "transactionData": [
             {"timestamp": "2030-01-01T10:00:00Z", "sampledValue": [{"value": "0", "context": "Transaction.Begin"}]},
             {"timestamp": "2030-01-01T10:30:00Z", "sampledValue": []},
             {"timestamp": "2030-01-01T11:00:00Z", "sampledValue": [{"value": "900", "context": "Transaction.End"}]}]}
        << {}
        == sessions [{"id": $tx, "energy_wh": 900}]
        == readings [{"session_id": $tx, "evse": 2, "number": 0, "context": "Transaction.Begin", "energy_wh": 0.0},
             {"session_id": $tx, "evse": 2, "number": 1, "energy_wh": null},
             {"session_id": $tx, "evse": 2, "number": 2, "context": "Transaction.End", "energy_wh": 900.0}]
        """
    )


@pytest.mark.behaviour("B-008")
async def test_transaction_data_of_an_unknown_transaction_are_kept(play: Play) -> None:
    await play(
        """
        >> StopTransaction {"transactionId": -1, "meterStop": 900, "timestamp": "2030-01-01T11:00:00Z", "transactionData": [
             {"timestamp": "2030-01-01T11:00:00Z", "sampledValue": [{"value": "900", "context": "Transaction.End"}]}]}
        << {}
        == readings [{"session_id": null, "evse": 0, "energy_wh": 900.0}]
        """
    )
