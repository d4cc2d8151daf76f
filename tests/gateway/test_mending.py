"""Repairs: what is mended, what never is, and that nothing of it can crash."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from csms.domain.authorization.rules import ACCEPTED, Authorization
from csms.domain.quirks.live import Quirks
from csms.domain.quirks.profiles import Profiles, known
from csms.domain.quirks.rules import REPAIRS as WORDS
from csms.domain.sessions.live import LiveSession, Start, StationSessions
from csms.domain.stations.live import StationState
from csms.gateway.dialects.quirks.repairs import REPAIRS
from csms.gateway.dialects.quirks.text import without_gaps
from csms.gateway.dialects.v16 import DIALECT
from csms.gateway.mending import mended
from csms.gateway.turn import LiveStation
from csms.kit.clock import from_microseconds
from csms.kit.ids import uuid7
from csms.ocpp.endpoint import Endpoint, IncomingCall
from csms.ocpp.protocol import Sender

from ..fuzz.mutator import Mutator

AT = from_microseconds(1_893_492_000_000_000)


def station(*repairs: str, zone: str | None = None, running: tuple[int, ...] = ()) -> LiveStation:
    quirks = Quirks()
    quirks.repairs = repairs
    live = LiveStation(StationState(1, "A", "accepted", True), StationSessions(1), quirks, zone)
    for evse in running:
        start = Start(evse, 1, "FRIEND", 1000, AT, None)
        live.sessions.active[70 + evse] = LiveSession(70 + evse, uuid7(AT), start, Authorization(ACCEPTED), AT)
    return live


def take(live: LiveStation, data: bytes) -> Any:
    """The request as it is understood, or None where it is refused; and what was applied or missed."""
    event = Endpoint(DIALECT.protocol, Sender.CSMS).receive(data)
    event, mending = mended(event, data, live, DIALECT.protocol)
    return (event.request if isinstance(event, IncomingCall) else None), mending


def call(action: str, payload: str) -> bytes:
    return f'[2,"m","{action}",{payload}]'.encode()


def test_every_repair_has_words_and_every_profile_known_repairs() -> None:
    assert list(WORDS) == list(REPAIRS)
    assert all(set(profile.repairs) <= WORDS.keys() for profile in known())


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (("AEFA", "Home OCPP", "SW:A1B_2.8"), "aefa-home"),
        (("Alfen BV", "NG910", "5.4.0-4146"), "alfen-5"),
        (("Alfen BV", "NG910", "6.1.0"), None),
        ((None, None, None), None),
    ],
)
def test_a_profile_is_chosen_by_maker_model_and_firmware(said: tuple[str | None, ...], name: str | None) -> None:
    found = Profiles().of(*said)
    assert (found and found.name) == name


def test_local_times_are_read_in_the_zone_of_the_location() -> None:
    """In summer Berlin is two hours ahead."""
    start = call("StartTransaction", '{"connectorId":1,"idTag":"X","meterStart":0,"timestamp":"2030-07-01T10:00:00"}')
    at_home, _ = take(station("local_times", zone="Europe/Berlin"), start)
    elsewhere, mending = take(station(), start)
    assert at_home.timestamp.isoformat() == "2030-07-01T10:00:00+02:00"
    assert elsewhere.timestamp.isoformat() == "2030-07-01T10:00:00+00:00"
    assert mending.applied == ("time_format",)
    said_utc = start.replace(b":00:00", b":00:00Z")
    meant, _ = take(station("local_times_said_utc", zone="Asia/Shanghai"), said_utc)
    assert meant.timestamp.isoformat() == "2030-07-01T10:00:00+08:00"
    nowhere, _ = take(station("local_times_said_utc", zone="Not/AZone"), said_utc)
    assert nowhere.timestamp.utcoffset().total_seconds() == 0


def values(*samples: dict[str, str], **more: Any) -> bytes:
    payload = {"connectorId": 1, "meterValue": [{"timestamp": "2030-01-01T10:00:00Z", "sampledValue": samples}], **more}
    return call("MeterValues", msgspec.json.encode(payload).decode())


@pytest.mark.parametrize(
    ("repair", "sample", "unit"),
    [
        ("energy_kwh_said_wh", {"value": "1.5"}, "kWh"),
        ("energy_kwh_said_wh", {"value": "1.5", "unit": "Wh"}, "kWh"),
        ("energy_wh_said_kwh", {"value": "1500", "unit": "kWh"}, "Wh"),
        ("power_kw_said_w", {"value": "7", "measurand": "Power.Active.Import", "unit": "W"}, "kW"),
    ],
)
def test_units_are_what_they_are_meant_to_be(repair: str, sample: dict[str, str], unit: str) -> None:
    request, mending = take(station(repair), values(sample))
    assert request.meter_value[0].sampled_value[0].unit == unit
    assert mending.applied == (repair,)


def test_registers_are_scaled() -> None:
    stop = call("StopTransaction", '{"transactionId":71,"meterStop":25,"timestamp":"2030-01-01T10:00:00Z"}')
    assert take(station("register_in_kwh"), stop)[0].meter_stop == 25_000
    assert take(station("register_in_tenths"), stop)[0].meter_stop == 2
    assert take(station("meter_stop_is_energy", running=(1,)), stop)[0].meter_stop == 1025
    assert take(station("meter_stop_is_energy"), stop)[0].meter_stop == 25


def test_text_and_numbers_change_places() -> None:
    sample = '{"connectorId":"1","meterValue":[{"timestamp":"2030-01-01T10:00:00Z","sampledValue":[{"value":0.1}]}]}'
    request, mending = take(station("loose_types"), call("MeterValues", sample))
    assert (request.connector_id, request.meter_value[0].sampled_value[0].value) == (1, "0.1")
    assert mending.applied == ("loose_types",)
    assert take(station("loose_types"), call("MeterValues", sample.replace('"1"', '"one"')))[0] is None


def test_what_is_right_is_left_alone_whatever_is_on() -> None:
    """Repairs of form see only what the schema refuses."""
    data = values({"value": "1500", "unit": "Wh"}, transactionId=71)
    forms = tuple(name for name, repair in REPAIRS.items() if repair.of_form)
    assert take(station(*forms, "transaction_id", "connector_id", "absurd_energy", running=(1,)), data)[1] is None


def test_gaps_are_closed_outside_of_text_only() -> None:
    assert without_gaps(b'{"a":":,","b\\"":,"c":[,{},],}') == b'{"a":":,","c":[{}]}'


_JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_FIELDS = ("connectorId", "transactionId", "meterStart", "meterStop", "timestamp", "idTag", "meterValue", "status",
           "errorCode", "transactionData", "sampledValue", "value", "unit", "measurand", "vendorId")  # fmt: skip


@given(
    st.sampled_from(sorted(DIALECT.handlers)),
    st.dictionaries(st.sampled_from(_FIELDS) | st.text(max_size=4), _JUNK, max_size=6),
    st.sampled_from([b"", b",", b'"', b":,", b"}", b"\xff"]),
    st.integers(0, 200),
)
def test_no_payload_crashes_a_repair(action: str, payload: dict[str, Any], dirt: bytes, where: int) -> None:
    data = b'[2,"m","' + action.encode() + b'",' + _encode(payload) + b"]"
    data = data[:where] + dirt + data[where:]
    for live in (station(*REPAIRS, zone="Europe/Berlin", running=(1,)), station()):
        request, mending = take(live, data)
        assert request is None or mending is None or mending.applied


def _encode(payload: dict[str, Any]) -> bytes:
    return json.dumps(payload).encode()


@given(st.binary(max_size=300))
def test_no_bytes_crash_a_repair(data: bytes) -> None:
    take(station(*REPAIRS), data)


def test_no_mutated_frame_crashes_a_repair() -> None:
    mutator = Mutator("repairs")
    mutator.transaction_id = 71
    for live in (station(*REPAIRS, zone="Europe/Berlin", running=(1,)), station()):
        for _ in range(4_000):
            take(live, mutator.frame())


def test_a_sample_without_a_value_is_not_absurd_and_refused_as_it_came() -> None:
    data = values({"unit": "Wh"}, {"value": "99999999999"}, transactionId=71)
    assert take(station("absurd_energy", running=(1,)), data) == (None, None)
