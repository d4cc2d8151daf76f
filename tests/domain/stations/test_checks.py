"""What stations and locations may be called, and where they may be."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csms.domain.stations.checks import (
    check_coordinates,
    check_country,
    check_identity,
    check_text,
    check_time_zone,
)
from csms.domain.stations.errors import InvalidIdentity
from csms.kit.errors import Invalid


@given(st.text(max_size=60))
def test_an_identity_is_what_urls_and_basic_authentication_can_carry(text: str) -> None:
    fits = (
        1 <= len(text) <= 48
        and all(" " <= character <= "~" and character not in "/:" for character in text)
        and text == text.strip(" ")
        and text not in (".", "..")
    )
    if fits:
        assert check_identity(text) == text
    else:
        with pytest.raises(InvalidIdentity):
            check_identity(text)


@pytest.mark.parametrize("text", ["CS-014\n", "a\x00b", "a/b", "user:name", "é"])
def test_what_looks_harmless_is_refused_all_the_same(text: str) -> None:
    with pytest.raises(InvalidIdentity):
        check_identity(text)


@pytest.mark.parametrize("text", ["a\x00", "\x1b[31m", "a\x7f", "a\x85b", "\ud800"])
def test_text_has_no_control_characters(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_text(text, "name")
    assert refused.value.facts == {"field": "name"}


def test_text_keeps_lines_and_every_script_but_no_space_around_it() -> None:
    assert check_text("  前海广场\n2. Etage\t🚗 ", "name") == "前海广场\n2. Etage\t🚗"


@pytest.mark.parametrize(
    ("check", "value", "kept"),
    [
        (check_time_zone, "Europe/Berlin", "Europe/Berlin"),
        (check_time_zone, "UTC", "UTC"),
        (check_country, "cn", "CN"),
    ],
)
def test_places_are_kept_as_they_are_spelt(check: Callable[[str], str], value: str, kept: str) -> None:
    assert check(value) == kept


@pytest.mark.parametrize(
    ("check", "value"),
    [
        (check_time_zone, "europe/berlin"),
        (check_time_zone, "CEST"),
        (check_time_zone, "localtime"),
        (check_time_zone, "/etc/localtime"),
        (check_time_zone, ""),
        (check_country, "EU"),
        (check_country, "DEU"),
        (check_country, "ß"),
    ],
)
def test_places_that_do_not_exist_are_refused(check: Callable[[str], str], value: str) -> None:
    with pytest.raises(Invalid):
        check(value)


@pytest.mark.parametrize("pair", [(None, None), (90, 180), (-90.0, -180.0), (0, 0)])
def test_a_place_on_earth(pair: Any) -> None:
    check_coordinates(*pair)


@pytest.mark.parametrize("pair", [(1, None), (None, 1), (90.1, 0), (0, -180.1), (math.nan, 0), (0, math.inf)])
def test_a_place_elsewhere(pair: Any) -> None:
    with pytest.raises(Invalid):
        check_coordinates(*pair)
