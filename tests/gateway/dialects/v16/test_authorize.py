"""Id tokens at Authorize and at StartTransaction (OCPP 1.6 §4.1, §4.8, §7.27; CiString20)."""

import pytest

from csms.gateway.turn import Policy

from .conftest import Play


@pytest.mark.behaviour("B-029", "B-031", "B-032")
async def test_every_kind_of_id_token_gets_its_own_status(play: Play) -> None:
    await play(
        """
        >> Authorize {"idTag": "FRIEND"}
        << {"idTagInfo": {"status": "Accepted"}}
        >> Authorize {"idTag": "STRANGER"}
        << {"idTagInfo": {"status": "Invalid"}}
        >> Authorize {"idTag": "EXPIRED"}
        << {"idTagInfo": {"status": "Expired", "expiryDate": "2021-01-01T00:00:00Z"}}
        >> Authorize {"idTag": "BLOCKED"}
        << {"idTagInfo": {"status": "Blocked"}}
        >> Authorize {"idTag": "LATER"}
        << {"idTagInfo": {"status": "Accepted", "expiryDate": "2099-12-31T23:59:59Z"}}
        >> Authorize {"idTag": "MOTHER"}
        << {"idTagInfo": {"status": "Accepted", "parentIdTag": "FAMILY"}}
        >> Authorize {"idTag": ""}
        << {"idTagInfo": {"status": "Invalid"}}
        == sessions []
        """
    )


async def test_what_was_refused_is_kept_and_what_was_accepted_is_not(play: Play) -> None:
    await play(
        """
        >> Authorize {"idTag": "FRIEND"}
        << {"idTagInfo": {"status": "Accepted"}}
        >> Authorize {"idTag": "Stranger"}
        << {"idTagInfo": {"status": "Invalid"}}
        >> Authorize {"idTag": "BLOCKED"}
        << {"idTagInfo": {"status": "Blocked"}}
        >> StartTransaction {"connectorId": 1, "idTag": "BLOCKED", "meterStart": 0, "timestamp": "2030-01-01T10:00:00Z"}
        << {"transactionId": $tx, "idTagInfo": {"status": "Blocked"}}
        == id_token_refusals [{"id_token": "Stranger", "id_token_key": "stranger", "authorization": "invalid"},
             {"id_token": "BLOCKED", "authorization": "blocked"}]
        == facts/StartFailed [{"session_id": $tx}]
        """
    )


@pytest.mark.parametrize("written", ["FRIEND", "friend", "Friend"])
@pytest.mark.behaviour("B-034")
async def test_id_tokens_compare_without_regard_to_case(play: Play, written: str) -> None:
    await play(
        f"""
        >> Authorize {{"idTag": "{written}"}}
        << {{"idTagInfo": {{"status": "Accepted"}}}}
        """
    )


@pytest.mark.behaviour("B-014")
async def test_a_start_tells_the_true_status_and_always_a_transaction_id(play: Play) -> None:
    """A refused id token gets a fresh id too: the station may deliver energy before it hears of it (§4.8)."""
    await play(
        """
        >> StartTransaction {"connectorId": 1, "idTag": "STRANGER", "meterStart": 0, "timestamp": "2030-01-01T10:00:00Z"}
        << {"transactionId": $a, "idTagInfo": {"status": "Invalid"}}
        >> StartTransaction {"connectorId": 2, "idTag": "EXPIRED", "meterStart": 0, "timestamp": "2030-01-01T10:00:00Z"}
        << {"transactionId": $b, "idTagInfo": {"status": "Expired", "expiryDate": "2021-01-01T00:00:00Z"}}
        >> StartTransaction {"connectorId": 3, "idTag": "BLOCKED", "meterStart": 0, "timestamp": "2030-01-01T10:00:00Z"}
        << {"transactionId": $c, "idTagInfo": {"status": "Blocked"}}
        >> StartTransaction {"connectorId": 4, "idTag": "SON", "meterStart": 0, "timestamp": "2030-01-01T10:00:00Z"}
        << {"transactionId": $d, "idTagInfo": {"status": "Accepted", "parentIdTag": "FAMILY"}}
        == sessions [{"id": $a, "authorization": "invalid", "group_id": null},
             {"id": $b, "authorization": "expired"},
             {"id": $c, "authorization": "blocked"},
             {"id": $d, "authorization": "accepted", "group_id": "FAMILY", "id_token": "SON", "id_token_key": "son"}]
        """
    )


@pytest.mark.behaviour("B-014", "B-030")
async def test_a_second_use_at_the_same_time_is_concurrent_on_this_station_and_on_another(play: Play) -> None:
    await play(
        """
        >> StartTransaction {"connectorId": 1, "idTag": "FRIEND", "meterStart": 0, "timestamp": "2030-01-01T10:00:00Z"}
        << {"transactionId": $a, "idTagInfo": {"status": "Accepted"}}
        >> StartTransaction {"connectorId": 2, "idTag": "friend", "meterStart": 5, "timestamp": "2030-01-01T10:01:00Z"}
        << {"transactionId": $b, "idTagInfo": {"status": "ConcurrentTx"}}
        B>> StartTransaction {"connectorId": 1, "idTag": "FRIEND", "meterStart": 0, "timestamp": "2030-01-01T10:02:00Z"}
        B<< {"transactionId": $c, "idTagInfo": {"status": "ConcurrentTx"}}
        # to stop it, the driver presents the token, which is as good as ever
        >> Authorize {"idTag": "FRIEND"}
        << {"idTagInfo": {"status": "Accepted"}}
        >> StopTransaction {"transactionId": $a, "meterStop": 100, "timestamp": "2030-01-01T10:03:00Z", "idTag": "FRIEND"}
        << {"idTagInfo": {"status": "Accepted"}}
        B>> StartTransaction {"connectorId": 1, "idTag": "FRIEND", "meterStart": 0, "timestamp": "2030-01-01T10:04:00Z"}
        B<< {"transactionId": $d, "idTagInfo": {"status": "Accepted"}}
        """
    )


async def test_what_was_refused_does_not_make_the_next_use_concurrent(play: Play) -> None:
    await play(
        """
        >> StartTransaction {"connectorId": 1, "idTag": "BLOCKED", "meterStart": 0, "timestamp": "2030-01-01T10:00:00Z"}
        << {"transactionId": $_, "idTagInfo": {"status": "Blocked"}}
        >> StartTransaction {"connectorId": 2, "idTag": "BLOCKED", "meterStart": 0, "timestamp": "2030-01-01T10:01:00Z"}
        << {"transactionId": $_, "idTagInfo": {"status": "Blocked"}}
        """
    )


async def test_a_session_replayed_late_is_not_concurrent_with_one_that_began_after_it(play: Play) -> None:
    """An offline queue delivered in order: the past is judged by its own time, not by the time of arrival."""
    await play(
        """
        B>> StartTransaction {"connectorId": 1, "idTag": "FRIEND", "meterStart": 0, "timestamp": "2030-01-01T11:00:00Z"}
        B<< {"transactionId": $_, "idTagInfo": {"status": "Accepted"}}
        >> StartTransaction {"connectorId": 1, "idTag": "FRIEND", "meterStart": 0, "timestamp": "2030-01-01T09:00:00Z"}
        << {"transactionId": $_, "idTagInfo": {"status": "Accepted"}}
        """
    )


async def test_a_start_on_the_connector_whose_stop_was_missed_is_not_concurrent_with_it(play: Play) -> None:
    await play(
        """
        >> StartTransaction {"connectorId": 1, "idTag": "FRIEND", "meterStart": 0, "timestamp": "2030-01-01T10:00:00Z"}
        << {"transactionId": $_, "idTagInfo": {"status": "Accepted"}}
        >> StartTransaction {"connectorId": 1, "idTag": "FRIEND", "meterStart": 9, "timestamp": "2030-01-01T12:00:00Z"}
        << {"transactionId": $_, "idTagInfo": {"status": "Accepted"}}
        """
    )


@pytest.mark.behaviour("B-030")
async def test_where_the_operator_allows_it_an_id_token_charges_twice(play: Play, allowing: dict[str, object]) -> None:
    await play(
        """
        >> StartTransaction {"connectorId": 1, "idTag": "FRIEND", "meterStart": 0, "timestamp": "2030-01-01T10:00:00Z"}
        << {"transactionId": $_, "idTagInfo": {"status": "Accepted"}}
        >> StartTransaction {"connectorId": 2, "idTag": "FRIEND", "meterStart": 0, "timestamp": "2030-01-01T10:01:00Z"}
        << {"transactionId": $_, "idTagInfo": {"status": "Accepted"}}
        """,
        **allowing,
    )


@pytest.fixture
def allowing(request: pytest.FixtureRequest) -> dict[str, object]:
    """The same choice of the operator's for either player."""
    pure = "pure" in request.node.callspec.id
    return {"policy": Policy(allow_concurrent=True)} if pure else {"options": {"allow_concurrent_sessions": True}}


@pytest.mark.behaviour("B-033")
async def test_a_group_member_may_stop_the_groups_session(play: Play) -> None:
    await play(
        """
        >> StartTransaction {"connectorId": 1, "idTag": "MOTHER", "meterStart": 0, "timestamp": "2030-01-01T10:00:00Z"}
        << {"transactionId": $tx, "idTagInfo": {"status": "Accepted", "parentIdTag": "FAMILY"}}
        >> StopTransaction {"transactionId": $tx, "meterStop": 800, "timestamp": "2030-01-01T10:30:00Z", "idTag": "SON"}
        << {"idTagInfo": {"status": "Accepted", "parentIdTag": "FAMILY"}}
        == sessions [{"id": $tx, "state": "ended", "energy_wh": 800, "id_token": "MOTHER", "stop_id_token": "SON"}]
        """
    )
