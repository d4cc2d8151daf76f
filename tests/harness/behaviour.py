"""Stations that behave at random, as small steps that hypothesis can draw and shrink."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from hypothesis import strategies as st

Call = tuple[str, dict[str, Any]]

STATIONS: Final = ("A", "B")
TOKENS: Final = ("FRIEND", "SON", "OTHER", "STRANGER", "BLOCKED", "EXPIRED", "friend")
STATUS: Final = ("Available", "Preparing", "Charging", "Finishing", "Faulted")
CALLS: Final = ("boot", "status", "authorize", "start", "start", "measure", "measure", "measure", "stop", "again")
EVENTS: Final = ("reconnect", "wait")
LAGS: Final = (timedelta(hours=-2), timedelta(days=-20_000), timedelta(days=1000), timedelta(minutes=-3))


class Step(NamedTuple):
    """Something happens at a station's connector; `pick` chooses between the kinds of it, `amount` says how much."""

    station: str
    what: str
    connector: int
    pick: int
    amount: int


STEPS: Final = st.lists(
    st.builds(
        Step,
        st.sampled_from(STATIONS),
        st.sampled_from(CALLS + EVENTS),
        st.sampled_from((1, 2)),
        st.integers(0, 11),
        st.integers(0, 2000),
    ),
    max_size=40,
)


def random_steps(seed: int, count: int, stations: tuple[str, ...] = STATIONS) -> list[Step]:
    """The same sort of steps where hypothesis would be too slow."""
    rng = random.Random(seed)
    return [
        Step(
            rng.choice(stations), rng.choice(CALLS + EVENTS), rng.choice((1, 2)), rng.randrange(12), rng.randrange(2000)
        )
        for _ in range(count)
    ]


@dataclass
class Behaviour:
    """One station: its registers in Wh, the transaction ids it was given, and what it said last."""

    registers: dict[int, int] = field(default_factory=lambda: {1: 1000, 2: 50})
    given: list[tuple[int, int]] = field(default_factory=list)
    last: Call | None = None

    def call(self, step: Step, now: datetime) -> Call:
        """What it says, and remembers; `again` repeats the call before, whose answer was lost."""
        if step.what != "again" or self.last is None:
            make = {"boot": _boot, "status": _status, "authorize": _authorize, "start": _start, "measure": _measure}
            self.last = make.get(step.what, _stop)(self, step, now)
        return self.last

    def heard(self, call: Call, answer: Any) -> None:
        """An answer's payload."""
        if call[0] == "StartTransaction":
            self.given.append((call[1]["connectorId"], answer["transactionId"]))

    def transaction(self, step: Step) -> int:
        """Mostly the last one of the connector; else an older one, one of another station, or none there ever was."""
        strange = {0: -1, 1: 0, 2: 3, 3: 4711}
        mine = [transaction_id for connector, transaction_id in self.given if connector == step.connector]
        if step.pick == 4 and self.given:
            return self.given[step.amount % len(self.given)][1]
        return strange[step.pick % 4] if step.pick in strange or not mine else mine[-1]

    def delivers(self, step: Step) -> int:
        self.registers[step.connector] += step.amount
        return self.registers[step.connector]


def _at(step: Step, now: datetime) -> str:
    """The station's time: now and then it was offline, or its clock is wrong."""
    lag = LAGS[step.amount % 4] if step.pick > 8 else timedelta()
    return (now + lag).isoformat()


def _boot(_station: Behaviour, _step: Step, _now: datetime) -> Call:
    return "BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"}


def _status(_station: Behaviour, step: Step, _now: datetime) -> Call:
    status = STATUS[step.pick % 5] if step.pick < 8 else "Available"
    return "StatusNotification", {"connectorId": step.connector, "errorCode": "NoError", "status": status}


def _authorize(_station: Behaviour, step: Step, _now: datetime) -> Call:
    return "Authorize", {"idTag": TOKENS[step.pick % 7]}


def _start(station: Behaviour, step: Step, now: datetime) -> Call:
    token = TOKENS[step.amount % 7]
    register = station.registers[step.connector]
    said = {"connectorId": step.connector, "idTag": token, "meterStart": register, "timestamp": _at(step, now)}
    return "StartTransaction", said


def _sampled(station: Behaviour, step: Step, now: datetime) -> dict[str, Any]:
    samples = [{"value": str(station.delivers(step))}]
    if step.pick % 2:
        samples.append({"value": str(step.amount), "measurand": "Power.Active.Import", "unit": "W"})
        samples.append({"value": str(step.amount % 100), "measurand": "SoC", "unit": "Percent"})
    return {"timestamp": _at(step, now), "sampledValue": samples}


def _measure(station: Behaviour, step: Step, now: datetime) -> Call:
    said: dict[str, Any] = {"connectorId": step.connector, "meterValue": [_sampled(station, step, now)]}
    if step.pick != 5:
        said["transactionId"] = station.transaction(step)
    return "MeterValues", said


def _stop(station: Behaviour, step: Step, now: datetime) -> Call:
    said: dict[str, Any] = {"transactionId": station.transaction(step), "timestamp": _at(step, now)}
    if step.pick == 6:
        said["transactionData"] = [_sampled(station, step, now)]
    said["meterStop"] = station.delivers(step) if step.pick != 7 else step.amount % 500
    if step.pick % 3 == 0:
        said["idTag"] = TOKENS[step.amount % 7]
    return "StopTransaction", said
