"""Stations write times in many ways; what they carry is worth reading anyway."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from csms.ocpp import v16
from csms.ocpp.errors import OcppError
from csms.ocpp.mending import mend_times

STOP = v16.PROTOCOL.action_of(v16.StopTransaction)
METER_VALUES = v16.PROTOCOL.action_of(v16.MeterValues)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2024-05-01T10:00:00", datetime(2024, 5, 1, 10, tzinfo=UTC)),
        ("2024-05-01 10:00:00.25", datetime(2024, 5, 1, 10, 0, 0, 250_000, tzinfo=UTC)),
        ("2024-05-01T10:00Z", datetime(2024, 5, 1, 10, tzinfo=UTC)),
        (" 2024-05-01T10:00:00Z ", datetime(2024, 5, 1, 10, tzinfo=UTC)),
        ("2024-05-01T10:00:00,5+02", datetime(2024, 5, 1, 10, 0, 0, 500_000, tzinfo=timezone(timedelta(hours=2)))),
        ("20240501T100000Z", datetime(2024, 5, 1, 10, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)),
        ("2016-12-31T23:59:60.7Z", datetime(2016, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)),
    ],
)
def test_a_time_that_is_not_rfc_3339_is_mended(written: str, meant: datetime) -> None:
    payload = b'{"meterStop":1500,"timestamp":"%b","transactionId":7}' % written.encode()
    with pytest.raises(OcppError, match="timestamp: "):
        STOP.decode_request(payload)
    mended = mend_times(payload, v16.StopTransaction)
    assert mended is not None
    assert STOP.decode_request(mended) == v16.StopTransaction(meter_stop=1500, timestamp=meant, transaction_id=7)


def test_times_are_mended_at_any_depth_and_nothing_else_is_touched() -> None:
    sample = b'{"timestamp":"2024-05-01T10:00:00","sampledValue":[{"value":"2024-05-01T10:00:00"}]}'
    mended = mend_times(b'{"connectorId":1,"meterValue":[%b,%b]}' % (sample, sample), v16.MeterValues)
    assert mended is not None
    for value in METER_VALUES.decode_request(mended).meter_value:
        assert value.timestamp == datetime(2024, 5, 1, 10, tzinfo=UTC)
        assert value.sampled_value[0].value == "2024-05-01T10:00:00"


@pytest.mark.parametrize(
    "payload",
    [
        b'{"meterStop":1500,"timestamp":"2024-05-01T10:00:00Z","transactionId":7}',
        b'{"meterStop":1500,"timestamp":"soon","transactionId":7}',
        b'{"meterStop":1500,"timestamp":"2024-02-30T10:00:00","transactionId":7}',
        b'{"meterStop":1500,"timestamp":1714557600,"transactionId":7}',
        b'{"transactionData":{"timestamp":"2024-05-01T10:00:00"}}',
        b'{"transactionData":[1,null]}',
        b'{"timestamp":',
        b"[" * 100_000,
        b'"2024-05-01T10:00:00"',
        b"null",
    ],
)
def test_what_needs_no_mending_or_allows_none_is_left_alone(payload: bytes) -> None:
    assert mend_times(payload, v16.StopTransaction) is None


def test_a_mended_payload_keeps_its_other_faults() -> None:
    mended = mend_times(b'{"timestamp":"2024-05-01T10:00:00","limit":16.100000000000000001}', v16.StopTransaction)
    assert mended == b'{"timestamp":"2024-05-01T10:00:00+00:00","limit":16.100000000000000001}'
