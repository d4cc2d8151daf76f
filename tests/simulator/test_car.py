"""Batteries: what they take, how it tapers, and that energy is never invented."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csms.simulator import Car, ConnectorSpec
from csms.simulator.car import arriving_car

AC = ConnectorSpec(max_power_w=22_000)
DC = ConnectorSpec("DC", 150_000)


def test_the_weakest_link_decides():
    assert Car(max_ac_w=11_000).power_w(AC, 22_000) == 11_000
    assert Car(max_ac_w=22_000).power_w(AC, 8_000) == 8_000
    assert Car(max_ac_w=22_000).power_w(ConnectorSpec(max_power_w=11_000), 22_000) == 11_000
    assert Car(max_ac_w=22_000).power_w(ConnectorSpec(max_power_w=7_400, phases=1), 7_400) == pytest.approx(
        7_333, abs=1
    )
    assert Car(max_ac_w=3_700, ac_phases=1).power_w(AC, 22_000) == 3_700
    assert Car(max_dc_w=250_000, soc_percent=20).power_w(DC, 150_000) == 150_000


def test_fast_charging_tapers():
    powers = [Car(soc_percent=soc, max_dc_w=100_000).power_w(DC, 150_000) for soc in (20, 50, 70, 80, 95, 99.9)]
    assert powers == sorted(powers, reverse=True)
    assert powers[0] == 100_000
    assert powers[-1] < 12_000


def test_a_full_car_takes_nothing():
    assert Car(soc_percent=80, target_percent=80).power_w(DC, 150_000) == 0


def test_below_six_ampere_nothing_flows():
    assert Car().power_w(AC, 1_379) == 0
    assert Car().charge(AC, 1_000, 3_600) == 0


@given(
    soc=st.floats(0, 100),
    limit_w=st.floats(0, 400_000),
    seconds=st.floats(0, 50_000),
    cut=st.floats(0, 1),
    connector=st.sampled_from([AC, DC]),
)
@settings(max_examples=60, deadline=None)
def test_energy_is_bounded_by_power_and_battery_however_it_is_cut_up(soc, limit_w, seconds, cut, connector):
    car = Car(soc_percent=soc)
    taken = car.charge(connector, limit_w, seconds * cut) + car.charge(connector, limit_w, seconds * (1 - cut))
    assert 0 <= taken <= min(limit_w, connector.max_power_w) * seconds / 3_600 + 1e-6
    assert soc <= car.soc_percent <= 100
    assert (car.soc_percent - soc) / 100 * car.capacity_wh <= taken + 1e-6


def test_the_same_chance_brings_the_same_car():
    assert arriving_car(Random(5)) == arriving_car(Random(5))
    assert len({arriving_car(Random(seed)).capacity_wh for seed in range(50)}) > 4
