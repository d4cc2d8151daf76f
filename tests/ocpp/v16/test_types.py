"""The field types that JSON Schema leaves to formats and to decimal arithmetic."""

import itertools
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.json import encode

from csms.ocpp import v16
from csms.ocpp.errors import OcppError

from . import payloads, referee

HEARTBEAT = v16.PROTOCOL.actions["Heartbeat"]
GET_DIAGNOSTICS = v16.PROTOCOL.actions["GetDiagnostics"]
GET_COMPOSITE_SCHEDULE = v16.PROTOCOL.actions["GetCompositeSchedule"]


def timestamp(text: str) -> datetime | None:
    try:
        return HEARTBEAT.decode_response(b'{"currentTime":%b}' % encode(text)).current_time
    except OcppError:
        return None


def is_location(text: str) -> bool:
    try:
        GET_DIAGNOSTICS.decode_request(b'{"location":%b}' % encode(text))
    except OcppError:
        return False
    return True


def rate(text: str) -> Decimal:
    schedule = b'{"chargingRateUnit":"A","chargingSchedulePeriod":[],"minChargingRate":%b}' % text.encode()
    answer = GET_COMPOSITE_SCHEDULE.decode_response(b'{"status":"Accepted","chargingSchedule":%b}' % schedule)
    return answer.charging_schedule.min_charging_rate


@st.composite
def damaged(draw: st.DrawFn, texts: st.SearchStrategy[str], alphabet: str) -> str:
    text = draw(texts)
    for _ in range(draw(st.integers(0, 2))):
        start = draw(st.integers(0, len(text)))
        text = text[:start] + draw(st.text(alphabet, max_size=2)) + text[start + draw(st.integers(0, 2)) :]
    return text


_moments = st.datetimes().map("{:%Y-%m-%dT%H:%M:%S.%fZ}".format)


@given(damaged(st.one_of(st.sampled_from(payloads.DATE_TIMES), _moments), "0123456789-+:.TtZz "))
def test_a_timestamp_is_an_rfc_3339_date_time(text: str) -> None:
    assert (timestamp(text) is not None) == referee.is_date_time(text)


def test_a_timestamp_is_a_moment() -> None:
    assert timestamp("2024-05-01T10:00:00+02:00") == datetime(2024, 5, 1, 8, tzinfo=UTC)
    assert timestamp("2024-05-01 08:00:00.25+0000") == datetime(2024, 5, 1, 8, 0, 0, 250_000, tzinfo=UTC)


def test_what_python_cannot_tell_as_a_moment_is_refused() -> None:
    assert timestamp("2016-12-31T23:59:60Z") is None
    assert timestamp("0000-01-01T00:00:00Z") is None
    assert timestamp("9999-12-31T23:59:59.9999999Z") is None


_parts = st.sampled_from(["0", "1", "ff", "2001", "db8", "fFfF", "12345", "g", "1.2.3.4", "1.2.3.256", "01.2.3.4", ""])
_hosts = st.one_of(
    st.ip_addresses().map(str),
    st.ip_addresses(v=6).map(lambda address: f"[{address}]"),
    st.ip_addresses(v=6).map(lambda address: f"[{address.exploded}]"),
    st.builds(
        "[{}::{}]".format, st.lists(_parts, max_size=8).map(":".join), st.lists(_parts, max_size=8).map(":".join)
    ),
    st.lists(_parts, min_size=7, max_size=9).map(lambda parts: f"[{':'.join(parts)}]"),
)


@given(
    damaged(
        st.one_of(st.sampled_from(payloads.URIS), _hosts.map("ftp://u:p@{}:21/a?b#c".format)), "a0%:/?#[]@!.v~^é \n"
    )
)
def test_a_location_is_an_rfc_3986_uri(text: str) -> None:
    assert is_location(text) == referee.is_uri(text)


def test_an_ip_version_6_address_may_leave_out_one_run_of_zeros() -> None:
    endings = ("", "1.2.3.4", "255.249.199.99", "1.2.3.256", "1.2.3.04", "1.2.3")
    for before, after, ending in itertools.product(range(9), range(9), endings):
        groups = ["ab"] * after + ([ending] if ending else [])
        for address in (":".join(["1"] * before + groups), f"{':'.join(['1'] * before)}::{':'.join(groups)}"):
            assert is_location(f"ftp://[{address}]/") == referee.is_uri(f"ftp://[{address}]/"), address


@given(st.decimals(allow_nan=False, allow_infinity=False, places=1))
def test_a_rate_keeps_its_one_digit(number: Decimal) -> None:
    assert rate(f"{number:f}") == number


@given(st.integers(), st.integers(1, 40))
def test_a_rate_has_no_second_digit_however_far_out(number: int, zeros: int) -> None:
    with pytest.raises(OcppError, match="more than one digit after the point"):
        rate(f"{number}.1{'0' * zeros}1")


def test_a_rate_is_a_number_and_not_the_text_of_one() -> None:
    for text in ('"16.1"', "true", "null", "[16.1]", '{"a":16.1}'):
        with pytest.raises(OcppError, match="minChargingRate: expected number"):
            rate(text)


def test_a_rate_of_any_size_costs_nothing() -> None:
    assert rate("1e999999999").adjusted() == 999_999_999
    with pytest.raises(OcppError, match="number out of range"):
        rate("1e9999999999999999999")
