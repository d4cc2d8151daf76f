"""What can be asked of a station, and what cannot."""

from typing import Any
from uuid import UUID

import pytest

from csms.domain.commands.errors import InvalidCommand, UnknownVerb
from csms.domain.commands.verbs import VERBS, DataTransfer, Stop, checked_verb, payload_of


def test_a_payload_keeps_what_was_given_and_nothing_else() -> None:
    start = checked_verb("start", {"id_token": "CARD", "evse": 2, "connector": None})
    assert payload_of(start) == {"id_token": "CARD", "evse": 2}
    uid = UUID("018f0000-0000-7000-8000-000000000000")
    assert payload_of(Stop(session=uid, transaction_id=3)) == {"session": str(uid), "transaction_id": 3}
    assert payload_of(DataTransfer(vendor_id="v", data="")) == {"vendor_id": "v", "data": ""}


def test_what_was_stored_can_be_checked_again() -> None:
    for verb, payload in (("trigger", {"message": "status", "evse": 1}), ("clear-cache", {}), ("unlock", {"evse": 1})):
        assert payload_of(checked_verb(verb, payload)) == payload


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_no_verb_takes_what_it_does_not_know(verb: str) -> None:
    with pytest.raises(InvalidCommand):
        checked_verb(verb, {"colour": "red"})


@pytest.mark.parametrize(
    ("verb", "payload", "field", "detail"),
    [
        ("reset", {"kind": "gentle"}, "kind", "kind: Invalid enum value 'gentle'"),
        ("unlock", {"evse": 0}, "evse", "evse: Expected `int` >= 1"),
        ("get-configuration", {"keys": ["a", 1]}, "keys[1]", "keys[1]: Expected `str`, got `int`"),
        ("unlock", {}, None, "Object missing required field `evse`"),
        ("stop", {}, "session", "Name the session by its uid or by its transaction id."),
    ],
)
def test_a_refusal_says_where_and_why(verb: str, payload: dict[str, Any], field: str | None, detail: str) -> None:
    with pytest.raises(InvalidCommand) as refused:
        checked_verb(verb, payload)
    assert (refused.value.facts.get("field"), refused.value.detail) == (field, detail)


def test_an_unknown_verb_is_not_found() -> None:
    with pytest.raises(UnknownVerb):
        checked_verb("dance", {})
