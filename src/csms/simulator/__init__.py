"""Charging stations that talk OCPP 1.6J to us, or to any CSMS.

Imports ocpp only.
"""

from csms.simulator.car import Car
from csms.simulator.clock import BelatedClock, Clock, PacedClock, SteppedClock
from csms.simulator.fleet import Fleet, Snapshot, make_specs
from csms.simulator.journal import Journal, TransactionRecord, read_journal
from csms.simulator.modem import CallFailed, ConnectionLost, Violation
from csms.simulator.past import Visit, relive
from csms.simulator.settings_page import SettingsPage
from csms.simulator.spec import Behaviour, ConnectorSpec, StationSpec
from csms.simulator.station import Station

__all__ = [
    "Behaviour",
    "BelatedClock",
    "CallFailed",
    "Car",
    "Clock",
    "ConnectionLost",
    "ConnectorSpec",
    "Fleet",
    "Journal",
    "PacedClock",
    "SettingsPage",
    "Snapshot",
    "Station",
    "StationSpec",
    "SteppedClock",
    "TransactionRecord",
    "Violation",
    "Visit",
    "make_specs",
    "read_journal",
    "relive",
]
