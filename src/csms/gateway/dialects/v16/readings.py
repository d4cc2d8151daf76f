"""Meter values of OCPP 1.6 as readings: Wh, W, A, V, % (§3.16, §7.33, §7.43)."""

from typing import Final

import msgspec
from msgspec import Struct

from csms.domain.sessions.live import Measured
from csms.gateway.dialects.v16.words import bounded, given
from csms.ocpp.v16 import MeterValue, SampledValue, TransactionMeterValue

_QUANTITY: Final = {
    "Energy.Active.Export.Register": "energy_export_wh",
    "Energy.Active.Import.Register": "energy_wh",
    "Energy.Reactive.Export.Register": "reactive_energy_export_varh",
    "Energy.Reactive.Import.Register": "reactive_energy_varh",
    "Energy.Active.Export.Interval": "energy_export_interval_wh",
    "Energy.Active.Import.Interval": "energy_interval_wh",
    "Energy.Reactive.Export.Interval": "reactive_energy_export_interval_varh",
    "Energy.Reactive.Import.Interval": "reactive_energy_interval_varh",
    "Power.Active.Export": "power_export_w",
    "Power.Active.Import": "power_w",
    "Power.Offered": "power_offered_w",
    "Power.Reactive.Export": "reactive_power_export_var",
    "Power.Reactive.Import": "reactive_power_var",
    "Power.Factor": "power_factor",
    "Current.Import": "current_a",
    "Current.Export": "current_export_a",
    "Current.Offered": "current_offered_a",
    "Voltage": "voltage_v",
    "Frequency": "frequency_hz",
    "Temperature": "temperature_c",
    "SoC": "soc_percent",
    "RPM": "fan_rpm",
}
_FACTOR: Final = {"kWh": 1000.0, "kvarh": 1000.0, "kW": 1000.0, "kVA": 1000.0, "kvar": 1000.0}
_DIGITS: Final = 6  # 1.001 kWh is 1001 Wh, not a little less: what is binary noise must not cost a watt-hour
_DEFAULT_MEASURAND: Final = "Energy.Active.Import.Register"
_ABSURD: Final = 1e15  # beyond it no meter counts and floats lose whole numbers; such a value is kept as text
_encode = msgspec.json.Encoder().encode


class Sample(Struct, omit_defaults=True, gc=False):
    """One normalised sample as it is stored; `value` is None and `text` set for what is no number (signed data)."""

    quantity: str
    value: float | None
    phase: str | None = None
    location: str | None = None
    text: str | None = None
    context: str | None = None


def measured(meter_value: MeterValue | TransactionMeterValue) -> Measured:
    """What was measured at one moment; the headline figures are totals at the outlet, or the sum of the phases."""
    samples = [_sample(value) for value in meter_value.sampled_value]
    context = None
    if meter_value.sampled_value:
        context = given(meter_value.sampled_value[0].context)
    return Measured(
        bounded(meter_value.timestamp),
        context or "Sample.Periodic",
        _total(samples, "energy_wh"),
        _total(samples, "power_w"),
        _total(samples, "soc_percent"),
        _encode(samples),
    )


def _sample(value: SampledValue) -> Sample:
    measurand = value.measurand or _DEFAULT_MEASURAND
    phase = value.phase or None
    location = value.location or None
    if location == "Outlet":
        location = None  # the default (§7.43)
    quantity = _QUANTITY[measurand]
    number = _number(value.value)
    if number is None or value.format == "SignedData":
        return Sample(quantity, None, phase, location, value.value, given(value.context))
    unit = value.unit
    if unit in _FACTOR:
        number = round(number * _FACTOR[unit], _DIGITS)
    elif quantity == "temperature_c":
        number = _celsius(number, unit or "Celsius")
    return Sample(quantity, number, phase, location)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) < _ABSURD else None  # nor infinity, nor NaN


def _celsius(value: float, unit: str) -> float:
    if unit == "K":
        return value - 273.15
    return (value - 32) / 1.8 if unit == "Fahrenheit" else value


def _total(samples: list[Sample], quantity: str) -> float | None:
    phases: float | None = None
    for sample in samples:
        if sample.quantity == quantity and sample.value is not None and sample.location is None:
            if sample.phase is None:
                return sample.value
            phases = round((phases or 0.0) + sample.value, _DIGITS)
    if phases is None and quantity == "soc_percent":  # measured in the car, most stations say so
        return next((s.value for s in samples if s.quantity == quantity and s.value is not None), None)
    return phases
