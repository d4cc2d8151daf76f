"""Stations whose figures the schema takes and physics does not: what would help is suggested; good stations are left alone."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csms.domain.quirks.service import SUGGESTED_AFTER
from csms.ocpp import v16
from csms.simulator.car import Car, arriving_car
from csms.simulator.connector import Connector, Transaction
from csms.simulator.journal import TransactionRecord
from csms.simulator.metering import meter_value
from csms.simulator.spec import ConnectorSpec

from ....harness.pure import PureDriver
from ....harness.server import NOON

AC = ConnectorSpec()
DC = ConnectorSpec("DC", 150_000)
MEASURANDS = ["Energy.Active.Import.Register", "Power.Active.Import"]
Sample = dict[str, Any]
Said = Callable[[Sample], Sample]


def energy(text: Callable[[float], str], unit: str | None, factor: float = 1.0) -> Said:
    """How a station writes its register, which its meter tells in Wh."""
    return _written("Energy.Active.Import.Register", text, unit, factor)


def power(text: Callable[[float], str], unit: str | None, factor: float = 1.0) -> Said:
    return _written("Power.Active.Import", text, unit, factor)


def _written(measurand: str, text: Callable[[float], str], unit: str | None, factor: float) -> Said:
    def said(sample: Sample) -> Sample:
        if sample["measurand"] == measurand:
            sample = {**sample, "value": text(float(sample["value"]) * factor), "unit": unit}
        return {name: value for name, value in sample.items() if value is not None}

    return said


def places(number: int) -> Callable[[float], str]:
    return f"{{:.{number}f}}".format


@dataclass
class Charge:
    """A car at a simulated connector, and what its station tells of it."""

    driver: PureDriver
    spec: ConnectorSpec = AC
    car: Car = field(default_factory=lambda: Car(soc_percent=20.0))
    meter_wh: float = 1_234_567.0
    said: tuple[Said, ...] = ()
    register: Callable[[int], int] = int
    measurands: list[str] = field(default_factory=lambda: MEASURANDS)
    ahead: timedelta = timedelta()
    zone: str = "Z"
    number = 0

    def __post_init__(self) -> None:
        record = TransactionRecord("A", 1, 1, "FRIEND", 0, NOON)
        self.connector = Connector(1, spec=self.spec, register_wh=self.meter_wh, plugged=True, car=self.car,
                                   offered_w=self.spec.max_power_w)  # fmt: skip
        self.connector.transaction = Transaction(record, None)
        self.transaction_id = 0

    def time(self) -> str:
        return (self.driver.now + self.ahead).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + self.zone

    async def call(self, action: str, **payload: Any) -> Any:
        Charge.number += 1
        await self.driver.say("A", json.dumps([2, str(Charge.number), action, payload]))
        kind, _, answer = await self.driver.hear("A")
        assert kind == 3
        return answer

    async def begin(self) -> None:
        answer = await self.call("StartTransaction", connectorId=1, idTag="FRIEND", timestamp=self.time(),
                                 meterStart=self.register(self.connector.meter_wh))  # fmt: skip
        self.transaction_id = answer["transactionId"]

    async def wait(self, seconds: float) -> None:
        self.driver.now += timedelta(seconds=seconds)
        self.connector.register_wh += self.car.charge(self.spec, self.connector.offered_w, seconds)

    async def read(self) -> None:
        value = meter_value(self.connector, self.measurands, "Sample.Periodic", self.driver.now)
        assert value is not None
        samples = [self._sample(sample) for sample in value.sampled_value]
        await self.call("MeterValues", connectorId=1, transactionId=self.transaction_id,
                        meterValue=[{"timestamp": self.time(), "sampledValue": samples}])  # fmt: skip

    def _sample(self, sampled: v16.SampledValue) -> Sample:
        sample: Sample = {
            "measurand": sampled.measurand, "value": sampled.value, "unit": sampled.unit, "phase": sampled.phase or None,
            "location": sampled.location or None,
        }  # fmt: skip
        for said in self.said:
            sample = said(sample)
        return {name: value for name, value in sample.items() if value is not None}

    async def end(self) -> None:
        await self.call("StopTransaction", transactionId=self.transaction_id, timestamp=self.time(),
                        meterStop=self.register(self.connector.meter_wh))  # fmt: skip

    async def whole(self, readings: int = 6, every_s: float = 300) -> None:
        await self.begin()
        for _ in range(readings):
            await self.wait(every_s)
            await self.read()
        await self.wait(60)
        await self.end()


def missed(driver: PureDriver) -> dict[str, int]:
    """How often each repair would have helped; none was applied."""
    rows = driver.tables.rows("station_repairs")
    assert not any(row["applied"] for row in rows)
    return {row["kind"]: row["missed"] for row in rows}


def suggested(driver: PureDriver) -> set[str]:
    return {kind for kind, times in missed(driver).items() if times >= SUGGESTED_AFTER}


WRONG_UNITS = {
    "kWh under Wh": ("energy_kwh_said_wh", energy(places(2), "Wh", 1 / 1000)),
    "kWh without a unit": ("energy_kwh_said_wh", energy(places(1), None, 1 / 1000)),
    "Wh under kWh": ("energy_wh_said_kwh", energy(places(0), "kWh")),
    "kW under W": ("power_kw_said_w", power(places(1), "W", 1 / 1000)),
    "kW without a unit": ("power_kw_said_w", power(places(2), None, 1 / 1000)),
    "W under kW": ("power_w_said_kw", power(places(0), "kW")),
}


@pytest.mark.parametrize("meter_wh", [0.0, 1_234_567.0])
@pytest.mark.parametrize("spec", [AC, DC])
@pytest.mark.parametrize("what", WRONG_UNITS)
async def test_a_unit_that_cannot_be_is_suggested_after_three_readings(
    what: str, spec: ConnectorSpec, meter_wh: float
) -> None:
    """From the second reading on there is something to compare."""
    repair, said = WRONG_UNITS[what]
    charge = Charge(PureDriver(), spec, meter_wh=meter_wh, said=(said,))
    await charge.begin()
    for times in (0, 1, 2):
        await charge.wait(300)
        await charge.read()
        assert missed(charge.driver).get(repair, 0) == times
    assert not suggested(charge.driver)
    await charge.wait(300)
    await charge.read()
    assert suggested(charge.driver) == {repair}
    await charge.end()
    assert suggested(charge.driver) == {repair}


async def test_wrong_energy_is_seen_without_power_too() -> None:
    low = Charge(PureDriver(), said=(energy(places(3), "Wh", 1 / 1000),), measurands=MEASURANDS[:1])
    high = Charge(PureDriver(), said=(energy(places(0), "kWh"),), measurands=MEASURANDS[:1])
    await low.whole()
    await high.whole()
    assert suggested(low.driver) == {"energy_kwh_said_wh"}
    assert suggested(high.driver) == {"energy_wh_said_kwh"}


SMALL = ConnectorSpec(max_power_w=1_400, phases=1)


@pytest.mark.parametrize("measurands", [MEASURANDS[:1], MEASURANDS[1:]])
async def test_what_some_evse_can_give_and_this_one_cannot_is_seen_once_its_limit_is_known(
    measurands: list[str],
) -> None:
    """1.4 kW told as 1.4 MW: any evse may, for all that is known in general; one of 3.7 kW cannot. All of it is kept."""
    charge = Charge(
        PureDriver(),
        SMALL,
        meter_wh=0.0,
        said=(energy(places(0), "kWh"), power(places(0), "kW")),
        measurands=measurands,
    )
    await charge.begin()
    await charge.wait(300)
    await charge.read()
    await charge.wait(300)
    await charge.read()
    assert not missed(charge.driver)
    assert not charge.driver.tables.rows("review_items")

    charge.driver.live("A").station.limits = {1: 3_700}
    for _ in range(SUGGESTED_AFTER):
        assert not suggested(charge.driver)
        await charge.wait(300)
        await charge.read()
    repair = "energy_wh_said_kwh" if measurands == MEASURANDS[:1] else "power_w_said_kw"
    assert suggested(charge.driver) == {repair}
    [item] = charge.driver.tables.rows("review_items")
    assert (item["kind"], item["session_id"]) == ("over_power", charge.transaction_id)
    assert "its evse gives 3.7 kW at most" in item["detail"]
    assert len(charge.driver.tables.rows("readings", session_id=charge.transaction_id)) == 2 + SUGGESTED_AFTER


async def test_more_in_the_end_than_its_evse_gives_is_marked_and_kept() -> None:
    driver = PureDriver()
    driver.live("A").station.limits = {1: 22_000}
    charge = Charge(driver, register=lambda wh: wh * 1000, meter_wh=0.0)
    await charge.begin()
    await charge.wait(600)
    await charge.end()
    [item] = driver.tables.rows("review_items")
    [session] = driver.tables.rows("sessions")
    assert item["kind"] == "over_power"
    assert session["energy_wh"] == session["meter_stop_wh"] > 1_000_000
    driver.live("A").station.limits = None  # and nobody delivers ten megawatt-hours
    await charge.begin()
    await charge.call("StopTransaction", transactionId=charge.transaction_id, timestamp=charge.time(),
                      meterStop=1_850_000_000)  # fmt: skip
    assert [item["detail"].split(": ")[1] for item in driver.tables.rows("review_items")] == [
        "its evse gives 22.0 kW at most.",
        "no evse gives that.",
    ]


async def test_all_in_kwh_needs_both_repairs() -> None:
    charge = Charge(PureDriver(), said=(energy(places(2), "Wh", 1 / 1000),), register=lambda wh: wh // 1000)
    await charge.whole()
    assert suggested(charge.driver) == {"energy_kwh_said_wh", "register_in_kwh"}


@pytest.mark.parametrize("meter_wh", [0.0, 7_000.0, 1_234_567.0])
@pytest.mark.parametrize(
    ("repair", "scaled"),
    [
        ("register_in_kwh", lambda wh: wh // 1000),
        ("register_in_tenths_of_kwh", lambda wh: wh // 100),
        ("register_in_tenths", lambda wh: wh * 10),
    ],
)
async def test_registers_in_another_scale_are_suggested_after_three_transactions(
    repair: str, scaled: Callable[[int], int], meter_wh: float
) -> None:
    driver = PureDriver()
    for transactions in range(1, SUGGESTED_AFTER + 1):
        charge = Charge(driver, meter_wh=meter_wh, register=scaled)
        await charge.whole()
        assert missed(driver) == {repair: transactions}
        driver.now += timedelta(hours=1)
        meter_wh = charge.connector.register_wh if meter_wh else 0.0


@pytest.mark.parametrize(
    ("location", "hours", "zone", "repair"),
    [
        ("Asia/Shanghai", 8, "Z", "local_times_said_utc"),
        ("Asia/Shanghai", 8, "", "local_times"),
        ("Asia/Kathmandu", 5.75, "Z", "local_times_said_utc"),
        ("America/New_York", -5, "Z", "local_times_said_utc"),
        (None, 8, "Z", "local_times_said_utc"),
        ("Asia/Shanghai", 7, "Z", None),
        ("Asia/Shanghai", 8, "+08:00", None),
        ("Asia/Shanghai", 7.9, "Z", None),
    ],
)
async def test_local_times_are_suggested_where_they_are_those_of_the_location(
    location: str | None, hours: float, zone: str, repair: str | None
) -> None:
    driver = PureDriver()
    driver.live("A").time_zone = location
    charge = Charge(driver, ahead=timedelta(hours=hours), zone=zone)
    await charge.whole()
    found = {row["kind"]: row["missed"] for row in driver.tables.rows("station_repairs")}
    assert {kind for kind, times in found.items() if times >= SUGGESTED_AFTER} == ({repair} if repair else set())


async def test_a_queue_that_is_a_whole_hour_old_is_no_zone() -> None:
    """All of it comes at once, and each is as late as the one before."""
    driver = PureDriver()
    driver.live("A").time_zone = "Atlantic/Azores"
    charge = Charge(driver, ahead=timedelta(hours=-1))
    await charge.begin()
    for _ in range(20):
        driver.now -= timedelta(seconds=0.9)
        await charge.read()
    assert missed(driver) == {}


@settings(max_examples=120, deadline=None)
@given(
    st.sampled_from((AC, DC, ConnectorSpec(max_power_w=3_700, phases=1), ConnectorSpec("DC", 400_000))),
    st.integers(0, 10_000),
    st.sampled_from((0.0, 3.0, 1_234_567.0, 98_765_432.0)),
    st.lists(st.tuples(st.sampled_from((5, 15, 60, 300, 900)), st.booleans()), max_size=25),
    st.sampled_from(
        ((), (energy(places(3), "kWh", 1 / 1000), power(places(2), "kW", 1 / 1000)), (energy(places(0), "kWh", 1 / 1000),),
         (energy(places(1), None),))
    ),
    st.booleans(),
    st.booleans(),
)  # fmt: skip
async def test_a_good_station_is_never_suspected(
    spec: ConnectorSpec,
    seed: int,
    meter_wh: float,
    course: list[tuple[int, bool]],
    said: tuple[Said, ...],
    late: bool,
    limited: bool,
) -> None:
    """Whatever car comes, however its power is paused, in whatever unit it is told, at once or out of a queue."""
    driver = PureDriver()
    driver.live("A").time_zone = "Europe/Berlin"
    charge = Charge(driver, spec, arriving_car(Random(seed)), meter_wh, said)
    if limited:
        driver.live("A").station.limits = {1: round(spec.max_power_w)}
    if late:
        charge.ahead = timedelta(hours=-2)
    await charge.begin()
    for seconds, paused in course:
        charge.connector.offered_w = 0.0 if paused else spec.max_power_w
        await charge.wait(seconds)
        await charge.read()
        if late:
            driver.now -= timedelta(seconds=seconds, microseconds=-1)  # no two frames at the same moment
            charge.ahead += timedelta(seconds=seconds)
    await charge.wait(30)
    await charge.end()
    assert missed(driver) == {}
    assert driver.tables.rows("review_items", kind="over_power") == []
