"""Beginning a transaction (OCPP 1.6 §4.8 and errata 3.17)."""

import pytest

from .conftest import Play

START = """
        >> StartTransaction {"connectorId": 1, "idTag": "FRIEND", "meterStart": 1000, "timestamp": "2030-01-01T10:00:00Z"}
        << {"transactionId": $tx, "idTagInfo": {"status": "Accepted"}}
"""


@pytest.mark.behaviour("B-011")
async def test_a_start_makes_a_session_with_the_stations_own_time(play: Play) -> None:
    await play(
        """
        >> StartTransaction {"connectorId": 2, "idTag": "Friend", "meterStart": 1000, "reservationId": 7,
             "timestamp": "2030-01-01T12:00:00.250+02:00"}
        << {"transactionId": $tx, "idTagInfo": {"status": "Accepted"}}
        == sessions [{"id": $tx, "evse": 2, "connector": 1, "state": "active", "id_token": "Friend",
             "authorization": "accepted", "reservation_id": 7, "started_at": "2030-01-01T10:00:00.250000Z",
             "meter_start_wh": 1000, "energy_wh": 0, "ended_at": null, "ended_by": null}]
        == frames [{"action": "StartTransaction", "session_id": $tx}]
        == facts/Session [{"kind": "SessionStarted", "session_id": $tx}]
        """
    )


@pytest.mark.parametrize("number", [-1, 2**31, 2**63, 10**40])
async def test_a_reservation_that_cannot_be_ours_keeps_no_energy_out(play: Play, number: int) -> None:
    await play(
        f"""
        >> StartTransaction {{"connectorId": 2, "idTag": "Friend", "meterStart": 1000, "reservationId": {number},
             "timestamp": "2030-01-01T12:00:00Z"}}
        << {{"transactionId": $tx, "idTagInfo": {{"status": "Accepted"}}}}
        == sessions [{{"id": $tx, "state": "active", "reservation_id": null}}]
        == facts/Reservation []
        """
    )


@pytest.mark.behaviour("B-012")
async def test_a_start_on_a_connector_never_announced_makes_it_known(play: Play) -> None:
    await play(
        f"""{START}
        == connectors [{{"evse": 1, "number": 1, "status": "unknown"}}]
        == evses [{{"number": 1}}]
        """
    )


@pytest.mark.behaviour("B-001")
async def test_a_repeated_start_is_the_same_transaction_whatever_its_message_id(play: Play) -> None:
    await play(f"{START}{START}{START}        == sessions [{{'id': $tx}}]".replace("'", '"'))


@pytest.mark.behaviour("B-001")
async def test_a_repeated_start_after_a_reconnect_is_the_same_transaction(play: Play) -> None:
    await play(
        f"""{START}
        -- reconnect
        {START}
        == sessions [{{"id": $tx, "state": "active"}}]
        == facts/SessionStarted [{{"session_id": $tx}}]
        """
    )


@pytest.mark.behaviour("B-001")
async def test_a_repeated_start_after_a_restart_of_the_server_is_the_same_transaction(play: Play) -> None:
    await play(
        f"""{START}
        -- restart
        {START}
        == sessions [{{"id": $tx}}]
        """
    )


@pytest.mark.behaviour("B-003")
async def test_a_repeated_start_with_the_same_message_id_is_the_same_transaction(play: Play) -> None:
    call = """
        >> [2, "again", "StartTransaction",
             {"connectorId": 1, "idTag": "FRIEND", "meterStart": 0, "timestamp": "2030-01-01T10:00:00Z"}]
        << [3, "again", {"transactionId": $tx, "idTagInfo": {"status": "Accepted"}}]
    """
    await play(f'{call}\n        -- reconnect\n{call}\n        == sessions [{{"id": $tx}}]')


async def test_a_repeated_start_is_the_same_transaction_even_after_its_end(play: Play) -> None:
    stop = """
        >> StopTransaction {"transactionId": $tx, "meterStop": 1800, "timestamp": "2030-01-01T11:00:00Z"}
        << {}
    """
    ended = '== sessions [{"id": $tx, "state": "ended", "energy_wh": 800}]'
    await play(
        f"""{START}{stop}{START}
        {ended}
        -- reconnect
        {START}
        {ended}
        -- restart
        {START}
        {ended}
        == facts/Session [{{"kind": "SessionStarted"}}, {{"kind": "SessionEnded"}}]
        """
    )


async def test_a_repeated_start_tells_what_was_decided_the_first_time(play: Play) -> None:
    """The id token of this very session is not a second use of it."""
    start = """
        >> StartTransaction {"connectorId": 1, "idTag": "SON", "meterStart": 0, "timestamp": "2030-01-01T10:00:00Z"}
        << {"transactionId": $tx, "idTagInfo": {"status": "Accepted", "parentIdTag": "FAMILY"}}
    """
    refused = """
        >> StartTransaction {"connectorId": 2, "idTag": "SON", "meterStart": 0, "timestamp": "2030-01-01T10:00:30Z"}
        << {"transactionId": $no, "idTagInfo": {"status": "ConcurrentTx", "parentIdTag": "FAMILY"}}
    """
    await play(f"{start}{start}{refused}{refused}\n        -- reconnect\n{refused}{start}")


async def test_starts_that_differ_in_one_field_are_different_transactions(play: Play) -> None:
    await play(
        """
        >> StartTransaction {"connectorId": 1, "idTag": "FRIEND", "meterStart": 0, "timestamp": "2030-01-01T10:00:00Z"}
        << {"transactionId": $a, "idTagInfo": {"status": "Accepted"}}
        >> StopTransaction {"transactionId": $a, "meterStop": 0, "timestamp": "2030-01-01T10:00:00Z"}
        << {}
        >> StartTransaction {"connectorId": 1, "idTag": "FRIEND", "meterStart": 0, "timestamp": "2030-01-01T10:00:01Z"}
        << {"transactionId": $b, "idTagInfo": {"status": "Accepted"}}
        >> StopTransaction {"transactionId": $b, "meterStop": 0, "timestamp": "2030-01-01T10:00:01Z"}
        << {}
        >> StartTransaction {"connectorId": 1, "idTag": "FRIEND", "meterStart": 1, "timestamp": "2030-01-01T10:00:01Z"}
        << {"transactionId": $c, "idTagInfo": {"status": "Accepted"}}
        >> StopTransaction {"transactionId": $c, "meterStop": 1, "timestamp": "2030-01-01T10:00:01Z"}
        << {}
        >> StartTransaction {"connectorId": 1, "idTag": "OTHER", "meterStart": 1, "timestamp": "2030-01-01T10:00:01Z"}
        << {"transactionId": $d, "idTagInfo": {"status": "Accepted"}}
        >> StartTransaction {"connectorId": 2, "idTag": "MOTHER", "meterStart": 1, "timestamp": "2030-01-01T10:00:01Z"}
        << {"transactionId": $e, "idTagInfo": {"status": "Accepted", "parentIdTag": "FAMILY"}}
        == sessions [{"id": $a}, {"id": $b}, {"id": $c}, {"id": $d}, {"id": $e}]
        """
    )


async def test_the_same_start_of_two_stations_are_two_transactions(play: Play) -> None:
    await play(
        """
        >> StartTransaction {"connectorId": 1, "idTag": "STRANGER", "meterStart": 0, "timestamp": "2030-01-01T10:00:00Z"}
        << {"transactionId": $a, "idTagInfo": {"status": "Invalid"}}
        B>> StartTransaction {"connectorId": 1, "idTag": "STRANGER", "meterStart": 0, "timestamp": "2030-01-01T10:00:00Z"}
        B<< {"transactionId": $b, "idTagInfo": {"status": "Invalid"}}
        >> StopTransaction {"transactionId": $b, "meterStop": 10, "timestamp": "2030-01-01T10:10:00Z"}
        << {}
        == sessions [{"id": $a, "state": "active"}]
        == review_items [{"kind": "unknown_transaction", "session_id": null}]
        """
    )


@pytest.mark.behaviour("B-013")
async def test_a_start_on_a_connector_with_an_open_transaction_ends_that_one_with_what_is_known(play: Play) -> None:
    await play(
        f"""{START}
        >> MeterValues {{"connectorId": 1, "transactionId": $tx, "meterValue": [
             {{"timestamp": "2030-01-01T10:30:00Z", "sampledValue": [{{"value": "1500"}}]}}]}}
        << {{}}
        >> StartTransaction {{"connectorId": 1, "idTag": "OTHER", "meterStart": 1700, "timestamp": "2030-01-01T11:00:00Z"}}
        << {{"transactionId": $next, "idTagInfo": {{"status": "Accepted"}}}}
        == sessions [{{"id": $tx, "state": "ended", "ended_by": "new_transaction", "energy_wh": 500, "meter_stop_wh": null,
             "ended_at": "2030-01-01T10:30:00Z", "stop_reason": null}}, {{"id": $next, "state": "active"}}]
        == review_items [{{"kind": "not_stopped", "session_id": $tx, "energy_wh": 500.0}}]
        # its own stop was on its way after all
        >> StopTransaction {{"transactionId": $tx, "meterStop": 1650, "timestamp": "2030-01-01T10:40:00Z"}}
        << {{}}
        == sessions [{{"id": $tx, "state": "ended", "ended_by": "station", "energy_wh": 650, "meter_stop_wh": 1650,
             "ended_at": "2030-01-01T10:40:00Z", "stop_reason": "local"}},
             {{"id": $next, "state": "active", "energy_wh": 0}}]
        """
    )


@pytest.mark.behaviour("B-028")
async def test_a_refused_start_never_ends_the_session_that_is_running(play: Play) -> None:
    await play(
        f"""{START}
        >> StartTransaction {{"connectorId": 1, "idTag": "STRANGER", "meterStart": 1300, "timestamp": "2030-01-01T10:10:00Z"}}
        << {{"transactionId": $no, "idTagInfo": {{"status": "Invalid"}}}}
        == sessions [{{"id": $tx, "state": "active"}}, {{"id": $no, "state": "active", "authorization": "invalid"}}]
        >> StopTransaction {{"transactionId": $no, "meterStop": 1300, "timestamp": "2030-01-01T10:10:05Z",
             "reason": "DeAuthorized"}}
        << {{}}
        >> StopTransaction {{"transactionId": $tx, "meterStop": 3000, "timestamp": "2030-01-01T11:00:00Z"}}
        << {{}}
        == sessions [{{"id": $tx, "state": "ended", "energy_wh": 2000}}, {{"id": $no, "state": "ended", "energy_wh": 0}}]
        == review_items []
        """
    )


async def test_a_refused_session_that_was_never_stopped_ends_when_the_next_is_accepted(play: Play) -> None:
    await play(
        """
        >> StartTransaction {"connectorId": 1, "idTag": "STRANGER", "meterStart": 0, "timestamp": "2030-01-01T10:00:00Z"}
        << {"transactionId": $no, "idTagInfo": {"status": "Invalid"}}
        >> StartTransaction {"connectorId": 1, "idTag": "FRIEND", "meterStart": 0, "timestamp": "2030-01-01T10:05:00Z"}
        << {"transactionId": $tx, "idTagInfo": {"status": "Accepted"}}
        == sessions [{"id": $no, "state": "ended", "ended_by": "new_transaction"}, {"id": $tx, "state": "active"}]
        """
    )


async def test_an_old_start_that_arrives_late_does_not_end_what_began_after_it(play: Play) -> None:
    await play(
        """
        >> StartTransaction {"connectorId": 1, "idTag": "OTHER", "meterStart": 5000, "timestamp": "2030-01-01T11:00:00Z"}
        << {"transactionId": $now, "idTagInfo": {"status": "Accepted"}}
        >> StartTransaction {"connectorId": 1, "idTag": "FRIEND", "meterStart": 1000, "timestamp": "2030-01-01T09:00:00Z"}
        << {"transactionId": $then, "idTagInfo": {"status": "Accepted"}}
        >> StopTransaction {"transactionId": $then, "meterStop": 5000, "timestamp": "2030-01-01T10:00:00Z"}
        << {}
        == sessions [{"id": $now, "state": "active", "started_at": "2030-01-01T11:00:00Z"},
             {"id": $then, "state": "ended", "energy_wh": 4000, "ended_at": "2030-01-01T10:00:00Z"}]
        == review_items []
        """
    )


@pytest.mark.behaviour("B-025")
async def test_a_clock_that_stands_at_1970_loses_nothing_and_marks_the_session(play: Play) -> None:
    """Our own time stands beside the station's."""
    await play(
        """
        >> StartTransaction {"connectorId": 1, "idTag": "FRIEND", "meterStart": 10, "timestamp": "1970-01-01T00:00:07Z"}
        << {"transactionId": $a, "idTagInfo": {"status": "Accepted"}}
        >> StopTransaction {"transactionId": $a, "meterStop": 30, "timestamp": "1970-01-01T00:10:07Z"}
        << {}
        == sessions [{"id": $a, "energy_wh": 20, "started_at": "1970-01-01T00:00:07Z", "ended_at": "1970-01-01T00:10:07Z"}]
        == review_items [{"kind": "clock_wrong", "session_id": $a, "energy_wh": 0.0}]
        """
    )


async def test_a_start_ends_the_open_one_on_its_connector_also_when_the_clock_fell_back_to_1970(play: Play) -> None:
    """A power cut took the station's clock and the stop of its session."""
    await play(
        f"""{START}
        >> StartTransaction {{"connectorId": 1, "idTag": "OTHER", "meterStart": 1700, "timestamp": "1970-01-01T00:01:00Z"}}
        << {{"transactionId": $next, "idTagInfo": {{"status": "Accepted"}}}}
        == sessions [{{"id": $tx, "state": "ended", "ended_by": "new_transaction"}}, {{"id": $next, "state": "active"}}]
        -- reconnect
        # and the clock is put right
        >> StartTransaction {{"connectorId": 1, "idTag": "SON", "meterStart": 1900, "timestamp": "2030-01-01T12:00:00Z"}}
        << {{"transactionId": $last, "idTagInfo": $_}}
        == sessions [{{"ended_by": "new_transaction"}}, {{"id": $next, "state": "ended", "ended_by": "new_transaction"}},
             {{"id": $last, "state": "active"}}]
        == review_items [{{"kind": "not_stopped", "session_id": $tx}}, {{"kind": "clock_wrong", "session_id": $next}},
             {{"kind": "not_stopped", "session_id": $next}}]
        """
    )


async def test_a_clock_years_ahead_does_not_keep_a_session_open(play: Play) -> None:
    await play(
        """
        >> StartTransaction {"connectorId": 1, "idTag": "FRIEND", "meterStart": 0, "timestamp": "2037-05-01T00:00:00Z"}
        << {"transactionId": $a, "idTagInfo": {"status": "Accepted"}}
        -- reconnect
        >> StartTransaction {"connectorId": 1, "idTag": "OTHER", "meterStart": 900, "timestamp": "2030-01-01T12:00:00Z"}
        << {"transactionId": $b, "idTagInfo": {"status": "Accepted"}}
        == sessions [{"id": $a, "state": "ended", "ended_by": "new_transaction"}, {"id": $b, "state": "active"}]
        == review_items [{"kind": "clock_wrong", "session_id": $a}, {"kind": "not_stopped", "session_id": $a}]
        """
    )


async def test_a_wrong_clock_is_no_way_around_concurrent_use(play: Play) -> None:
    await play(
        """
        >> StartTransaction {"connectorId": 1, "idTag": "FRIEND", "meterStart": 0, "timestamp": "2037-05-01T00:00:00Z"}
        << {"transactionId": $_, "idTagInfo": {"status": "Accepted"}}
        >> StartTransaction {"connectorId": 2, "idTag": "FRIEND", "meterStart": 0, "timestamp": "2030-01-01T12:00:10Z"}
        << {"transactionId": $_, "idTagInfo": {"status": "ConcurrentTx"}}
        B>> StartTransaction {"connectorId": 1, "idTag": "FRIEND", "meterStart": 0, "timestamp": "1970-01-01T00:00:05Z"}
        B<< {"transactionId": $_, "idTagInfo": {"status": "ConcurrentTx"}}
        """
    )


async def test_months_in_an_offline_queue_are_believed(play: Play) -> None:
    await play(
        """
        >> StartTransaction {"connectorId": 1, "idTag": "FRIEND", "meterStart": 0, "timestamp": "2029-06-01T10:00:00Z"}
        << {"transactionId": $a, "idTagInfo": {"status": "Accepted"}}
        >> StopTransaction {"transactionId": $a, "meterStop": 700, "timestamp": "2029-06-01T11:00:00Z"}
        << {}
        == sessions [{"energy_wh": 700}]
        == review_items []
        """
    )


@pytest.mark.behaviour("B-025")
async def test_a_time_without_zone_is_utc(play: Play) -> None:
    """OCPP 1.6 §3.14."""
    await play(
        """
        >> StartTransaction {"connectorId": 2, "idTag": "FRIEND", "meterStart": 0, "timestamp": "2030-01-01T10:00:00"}
        << {"transactionId": $b, "idTagInfo": {"status": "Accepted"}}
        >> MeterValues {"connectorId": 2, "transactionId": $b, "meterValue": [
             {"timestamp": "20300101T101500Z", "sampledValue": [{"value": "40"}]}]}
        << {}
        >> StopTransaction {"transactionId": $b, "meterStop": 70, "timestamp": "2030-01-01T10:30:00"}
        << {}
        == sessions [{"id": $b, "energy_wh": 70, "started_at": "2030-01-01T10:00:00Z", "ended_at": "2030-01-01T10:30:00Z"}]
        == readings [{"session_id": $b, "at": "2030-01-01T10:15:00Z", "energy_wh": 40.0}]
        """
    )
