"""What meters of different kinds show."""

from datetime import UTC, datetime

from csms.simulator import Car, ConnectorSpec, TransactionRecord
from csms.simulator.configuration import MEASURANDS
from csms.simulator.connector import Connector, Transaction
from csms.simulator.metering import meter_value

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def shown(spec, car, offered_w):
    record = TransactionRecord("CS-1", 1, 1, "TAG", 0, AT)
    connector = Connector(1, spec=spec, register_wh=1234.9, plugged=True, car=car, offered_w=offered_w)
    connector.transaction = Transaction(record, None)
    value = meter_value(connector, MEASURANDS, "Sample.Periodic", AT)
    return [(v.measurand, v.phase or None, float(v.value)) for v in value.sampled_value]


def test_a_single_phase_car_on_three_phases_loads_one():
    values = shown(ConnectorSpec(), Car(max_ac_w=3_700, ac_phases=1), 22_000)
    currents = {phase: ampere for measurand, phase, ampere in values if measurand == "Current.Import"}
    assert 15 < currents["L1"] < 17
    assert (currents["L2"], currents["L3"]) == (0, 0)


def test_power_is_voltage_times_current():
    values = shown(ConnectorSpec(), Car(max_ac_w=22_000, capacity_wh=90_000), 22_000)
    by = {(measurand, phase): value for measurand, phase, value in values}
    watts = sum(by["Current.Import", phase] * by["Voltage", phase] for phase in ("L1", "L2", "L3"))
    assert abs(watts - by["Power.Active.Import", None]) < 20


def test_direct_current_has_no_phases_but_a_state_of_charge():
    values = shown(ConnectorSpec("DC", 150_000), Car(soc_percent=40), 150_000)
    assert {phase for _, phase, _ in values} == {None}
    assert ("SoC", None, 40.0) in values
    assert ("Energy.Active.Import.Register", None, 1234.0) in values


def test_nothing_that_applies_is_nothing():
    connector = Connector(1)
    assert meter_value(connector, ["SoC"], "Sample.Periodic", AT) is None
    assert meter_value(connector, [], "Sample.Periodic", AT) is None
