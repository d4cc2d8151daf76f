"""What the meter of a connector shows, as sampled values."""

import math
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from csms.ocpp import v16
from csms.simulator.connector import Connector
from csms.simulator.profiles import VOLTAGE

_PHASES: tuple[v16.Phase, ...] = ("L1", "L2", "L3")


def meter_value(
    connector: Connector, measurands: Iterable[str], context: v16.ReadingContext, at: datetime
) -> v16.MeterValue | None:
    """Everything these measurands show at this moment; None when none of them applies to the connector."""
    values = [
        v16.SampledValue(context=context, **value)
        for measurand in measurands
        for value in _values(connector, measurand, at)
    ]
    return v16.MeterValue(timestamp=at, sampled_value=values) if values else None


def _values(connector: Connector, measurand: str, at: datetime) -> Iterator[dict[str, Any]]:
    power_w = connector.power_w
    match measurand:
        case "Energy.Active.Import.Register":
            yield _value(measurand, str(connector.meter_wh), "Wh")
        case "Power.Active.Import":
            yield _value(measurand, f"{power_w:.1f}", "W")
        case "Power.Offered":
            yield _value(measurand, f"{connector.offered_w:.1f}", "W")
        case "Current.Import":
            yield from _currents(connector, power_w, at)
        case "Current.Offered":
            yield _value(measurand, f"{connector.offered_w / VOLTAGE / _phases_used(connector):.2f}", "A")
        case "Voltage":
            yield from _voltages(connector, at)
        case "SoC" if connector.car is not None:
            yield _value(measurand, f"{connector.car.soc_percent:.1f}", "Percent") | {"location": "EV"}
        case "Temperature":
            load = power_w / connector.spec.max_power_w
            yield _value(measurand, f"{24 + 18 * load + _swing(at, 3.0):.1f}", "Celsius") | {"location": "Body"}


def _value(measurand: str, value: str, unit: str) -> dict[str, Any]:
    return {"measurand": measurand, "value": value, "unit": unit, "location": "Outlet"}


def _swing(at: datetime, phase: float) -> float:
    """The grid breathes: between -1 and 1, the same at the same moment for everybody."""
    return math.sin(at.timestamp() / 317 + phase)


def _phases_used(connector: Connector) -> int:
    if connector.spec.kind == "DC":
        return 3
    return connector.spec.phases if connector.car is None else min(connector.spec.phases, connector.car.ac_phases)


def _voltage(connector: Connector, number: int, at: datetime) -> float:
    if connector.spec.kind == "DC":
        soc = 50.0 if connector.car is None else connector.car.soc_percent
        return 340.0 + soc if connector.power_w else 0.0
    drop = 4.0 * connector.power_w / connector.spec.max_power_w
    return VOLTAGE + 2.5 * _swing(at, number * 2.1) - drop


def _voltages(connector: Connector, at: datetime) -> Iterator[dict[str, Any]]:
    if connector.spec.kind == "DC":
        yield _value("Voltage", f"{_voltage(connector, 0, at):.1f}", "V")
        return
    for number, phase in enumerate(_PHASES[: connector.spec.phases]):
        yield _value("Voltage", f"{_voltage(connector, number, at):.1f}", "V") | {"phase": phase}


def _currents(connector: Connector, power_w: float, at: datetime) -> Iterator[dict[str, Any]]:
    if connector.spec.kind == "DC":
        voltage = _voltage(connector, 0, at)
        yield _value("Current.Import", f"{power_w / voltage if voltage else 0.0:.2f}", "A")
        return
    used = _phases_used(connector)
    for number, phase in enumerate(_PHASES[: connector.spec.phases]):
        ampere = power_w / used / _voltage(connector, number, at) if number < used else 0.0
        yield _value("Current.Import", f"{ampere:.2f}", "A") | {"phase": phase}
