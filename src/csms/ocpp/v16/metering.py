"""Meter values, as MeterValues and StopTransaction carry them (OCPP 1.6 §3.16, §7.33, §7.43)."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from csms.ocpp.v16.types import Message, Timestamp

ReadingContext = Literal[
    "Interruption.Begin",
    "Interruption.End",
    "Sample.Clock",
    "Sample.Periodic",
    "Transaction.Begin",
    "Transaction.End",
    "Trigger",
    "Other",
]
ValueFormat = Literal["Raw", "SignedData"]
Measurand = Literal[
    "Energy.Active.Export.Register",
    "Energy.Active.Import.Register",
    "Energy.Reactive.Export.Register",
    "Energy.Reactive.Import.Register",
    "Energy.Active.Export.Interval",
    "Energy.Active.Import.Interval",
    "Energy.Reactive.Export.Interval",
    "Energy.Reactive.Import.Interval",
    "Power.Active.Export",
    "Power.Active.Import",
    "Power.Offered",
    "Power.Reactive.Export",
    "Power.Reactive.Import",
    "Power.Factor",
    "Current.Import",
    "Current.Export",
    "Current.Offered",
    "Voltage",
    "Frequency",
    "Temperature",
    "SoC",
    "RPM",
]
Phase = Literal["L1", "L2", "L3", "N", "L1-N", "L2-N", "L3-N", "L1-L2", "L2-L3", "L3-L1"]
Location = Literal["Cable", "EV", "Inlet", "Outlet", "Body"]
# Celcius: OCPP-J errata 2.1. Hertz: errata 3.84, in transactionData too, where the schema forgot it.
UnitOfMeasure = Literal[
    "Wh",
    "kWh",
    "varh",
    "kvarh",
    "W",
    "kW",
    "VA",
    "kVA",
    "var",
    "kvar",
    "A",
    "V",
    "K",
    "Celcius",
    "Celsius",
    "Fahrenheit",
    "Percent",
    "Hertz",
]


class SampledValue(Message, frozen=True, kw_only=True):
    """One value of one measurand, as text; what the defaults of absent fields are says §7.43."""

    value: str
    context: ReadingContext | UnsetType = UNSET
    format: ValueFormat | UnsetType = UNSET
    measurand: Measurand | UnsetType = UNSET
    phase: Phase | UnsetType = UNSET
    location: Location | UnsetType = UNSET
    unit: UnitOfMeasure | UnsetType = UNSET


class MeterValue(Message, frozen=True, kw_only=True):
    """Everything sampled at one moment (§7.33)."""

    timestamp: Timestamp
    sampled_value: Annotated[list[SampledValue], Meta(min_length=1)]


class TransactionMeterValue(Message, frozen=True, kw_only=True):
    """A meter value inside StopTransaction, where the schema lets it be empty."""

    timestamp: Timestamp
    sampled_value: list[SampledValue]
