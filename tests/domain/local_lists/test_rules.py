"""Every way from one list to another ends at the other, within the station's limits."""

from hypothesis import given
from hypothesis import strategies as st

from csms.domain.local_lists.rules import Limits, cut, difference, expected_version, limits, next_step

KEYS = st.sampled_from([f"k{number}" for number in range(12)])
ENTRY = st.builds(
    lambda uid, group: {"uid": uid, **({"group_id": group} if group else {})}, KEYS, st.sampled_from(["", "G1", "G2"])
)
LISTS = st.dictionaries(KEYS, ENTRY, max_size=12).map(
    lambda found: {key: {**entry, "uid": key.upper()} for key, entry in found.items()}
)


@given(held=LISTS, wanted=LISTS, send=st.integers(1, 6), full=st.booleans())
def test_steps_lead_to_the_wanted_list(held, wanted, send, full):
    longest = max(len(held), len(wanted))
    station = {entry["uid"].lower(): entry for entry in held.values()}
    for _ in range(40):
        step = next_step(held, wanted, send, full=full)
        if step is None:
            break
        assert len(step.entries) <= send
        station = {} if step.full else station
        for key, entry in step.entries:
            if entry is None:
                del station[key.lower()]
            else:
                station[key] = entry
        held, full = step.after, False
        assert station == held  # what we believe is what the station made of it
        assert len(station) <= longest
    assert held == wanted == station
    assert difference(held, wanted).size == 0


@given(held=LISTS, wanted=LISTS)
def test_a_difference_never_says_what_the_station_knows(held, wanted):
    step = next_step(held, wanted, 100, full=False)
    if step is not None and not step.full:
        assert all(entry is None or held.get(key) != entry for key, entry in step.entries)


def test_a_full_list_is_sent_where_it_takes_fewer_messages():
    held = {f"old{n}": {"uid": f"OLD{n}"} for n in range(30)}
    step = next_step(held, {"new": {"uid": "NEW"}}, 5, full=False)
    assert step is not None
    assert step.full


def test_limits_are_those_the_station_reported():
    assert limits("25", "500") == Limits(25, 500)
    assert limits(None, None) == Limits(100, None)
    assert limits("many", "0") == Limits(100, None)
    assert cut({"b": {"uid": "B"}, "a": {"uid": "A"}}, 1) == {"a": {"uid": "A"}}


def test_an_empty_list_has_version_zero():
    assert expected_version(7, 0) == 0
    assert expected_version(7, 1) == 7
    assert expected_version(None, 0) is None
