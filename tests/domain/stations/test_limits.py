"""What an evse gives at most, from what people said of its connectors."""

import pytest

from csms.domain.stations.limits import limit_w


@pytest.mark.parametrize(
    ("standard", "power_w", "current_a", "voltage_v", "limit"),
    [
        ("IEC_62196_T2", 22_000, 16, 230, 22_000),
        ("IEC_62196_T2", None, 32, 230, 22_080),
        ("DOMESTIC_F", None, 16, 230, 3_680),
        ("CHADEMO", None, 125, 500, 62_500),
        (None, None, 16, 230, 11_040),
        ("IEC_62196_T2", None, 32, None, None),
        (None, None, None, None, None),
    ],
)
def test_power_is_taken_as_said_and_otherwise_worked_out(
    standard: str | None, power_w: int | None, current_a: int | None, voltage_v: int | None, limit: int | None
) -> None:
    assert limit_w(standard, power_w, current_a, voltage_v) == limit
