"""A connector and what happens at it: the cable, the car, the transaction, and the status that follows from them."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from csms.ocpp import v16
from csms.simulator.car import Car
from csms.simulator.clock import Timer
from csms.simulator.journal import TransactionRecord
from csms.simulator.spec import ConnectorSpec


class Fault(NamedTuple):
    """Why nothing works at the moment."""

    error_code: v16.ChargePointErrorCode
    info: str | None = None
    vendor_error_code: str | None = None


class Condition(NamedTuple):
    """What a StatusNotification says."""

    status: v16.ChargePointStatus
    error_code: v16.ChargePointErrorCode = "NoError"
    info: str | None = None
    vendor_error_code: str | None = None


_ROUNDING_WH = 1e-6
"""Sums of floats may fall this short of the whole watt-hour they stand for."""
_AVAILABLE = Condition("Available")


@dataclass(slots=True, eq=False)
class Transaction:
    """A running transaction; `record` is its entry in the journal.

    `allowance_wh` is what an invalidated id tag may still take (None: no limit), `stops_after_allowance` whether the
    transaction ends then or only stops giving energy (OCPP 1.6 §3.5.4).
    """

    record: TransactionRecord
    parent_id_tag: str | None
    next_reading_at: datetime | None = None
    reading_interval_s: int = 0
    allowance_wh: float | None = None
    stops_after_allowance: bool = False
    data: list[v16.TransactionMeterValue] = field(default_factory=list)
    timer: Timer | None = None
    watchers: list[asyncio.Future[bool]] = field(default_factory=list)

    def end(self) -> None:
        """Let those know who wait for the end."""
        for watcher in self.watchers:
            if not watcher.done():
                watcher.set_result(True)


@dataclass(slots=True, eq=False)
class Waiting:
    """An accepted id tag that waits for the cable (status Preparing) until ConnectionTimeOut."""

    id_tag: str
    parent_id_tag: str | None
    profile: v16.ChargingProfile | None
    timer: Timer | None = None


@dataclass(slots=True, eq=False)
class Reported:
    """Something with a status of its own; connector 0 is the station's main controller."""

    connector_id: int
    operative: bool = True
    fault: Fault | None = None
    condition: Condition = _AVAILABLE
    since: datetime | None = None
    told: Condition | None = None
    """The condition the central system knows of, None when it should be told in any case."""

    def derive(self) -> Condition:
        """The condition that follows from the facts."""
        if self.fault is not None:
            return Condition("Faulted", *self.fault)
        return Condition("Available" if self.operative else "Unavailable")


@dataclass(slots=True, eq=False)
class Connector(Reported):
    """One plug; `register_wh` is its meter, which never runs backwards, `former_wh` what those showed that it took the place of."""

    spec: ConnectorSpec = field(default_factory=ConnectorSpec)
    register_wh: float = 0.0
    former_wh: int = 0
    metered_at: datetime | None = None
    plugged: bool = False
    car: Car | None = None
    waiting: Waiting | None = None
    transaction: Transaction | None = None
    reserved: bool = False
    finishing: bool = False
    becomes_operative: bool | None = None
    """The change of availability that waits for the end of the transaction."""
    offered_w: float = 0.0
    note: str | None = None

    @property
    def meter_wh(self) -> int:
        return int(self.register_wh + _ROUNDING_WH)

    @property
    def delivered_wh(self) -> int:
        """What all its meters counted since the start."""
        return self.former_wh + self.meter_wh - self.spec.meter_start_wh

    def exchange_meter(self) -> None:
        """Someone hangs a new meter there, which begins at nought."""
        self.former_wh += self.meter_wh
        self.register_wh = 0.0

    @property
    def power_w(self) -> float:
        """What flows now; a transaction without a car (a scripted one) shows what is on offer."""
        if self.transaction is None or not self.plugged:
            return 0.0
        return self.offered_w if self.car is None else self.car.power_w(self.spec, self.offered_w)

    @property
    def usable(self) -> bool:
        """Whether it works and is meant to."""
        return self.operative and self.fault is None

    @property
    def free(self) -> bool:
        """Whether somebody new could use it."""
        return self.usable and not (self.plugged or self.waiting or self.transaction or self.finishing or self.reserved)

    def derive(self) -> Condition:
        if self.fault is not None:
            return Condition("Faulted", *self.fault)
        return Condition(self._status(), info=self.note)

    def _status(self) -> v16.ChargePointStatus:
        if self.transaction is not None:
            if self.offered_w <= 0:
                return "SuspendedEVSE"
            return "Charging" if self.power_w > 0 else "SuspendedEV"
        if not self.operative:
            return "Unavailable"
        if self.finishing:
            return "Finishing"
        if self.plugged or self.waiting is not None:
            return "Preparing"
        return "Reserved" if self.reserved else "Available"
