"""Fleets that charge, fail, lose their mains and their network, over lines that do all that lines do, and log all they know."""

import asyncio
from dataclasses import dataclass, replace
from random import Random

from csms.simulator import Behaviour, Fleet, PacedClock, make_specs

from ..harness.waiting import until
from ..proxy import Proxy


@dataclass(frozen=True)
class Pace:
    """How long the stations live, how much faster than we do, and what that means for what they do and put up with."""

    minutes: float
    speed: float

    @property
    def real_s(self) -> float:
        return self.minutes * 60 / self.speed

    @property
    def call_timeout_s(self) -> float:
        """Real seconds: no server gets faster because simulated time does."""
        return min(8.0, self.real_s / 5)

    def behaviour(self) -> Behaviour:
        """As much happens in a short life as in an hour."""
        return Behaviour(
            idle_s=self._of_an_hour(240),
            session_s=(self._of_an_hour(120), self._of_an_hour(1_200)),
            linger_s=(self._of_an_hour(10), self._of_an_hour(120)),
            fault_every_s=self._of_an_hour(1_800),
            fault_s=(self._of_an_hour(30), self._of_an_hour(300)),
            offline_every_s=self._of_an_hour(1_200),
            offline_s=(self._of_an_hour(20), self._of_an_hour(400)),
            power_cut_every_s=self._of_an_hour(2_400),
            power_cut_s=(self._of_an_hour(20), self._of_an_hour(200)),
            start_spread_s=self._of_an_hour(60),
        )

    def configuration(self) -> dict[str, str]:
        """Nobody gives up delivering, and a dead line is noticed by the pings."""
        return {
            "MeterValueSampleInterval": f"{self._of_an_hour(60):.0f}",
            "TransactionMessageAttempts": "100",
            "TransactionMessageRetryInterval": "5",
            "WebSocketPingInterval": f"{self.call_timeout_s / 2 * self.speed:.0f}",
        }

    def _of_an_hour(self, seconds: float) -> float:
        return seconds * self.minutes / 60


@dataclass(frozen=True)
class SoakFleet:
    fleet: Fleet
    cards: list[str]
    line: Proxy


def make_fleet(number: int, stations: int, line: Proxy, clock: PacedClock, pace: Pace, seed: int) -> SoakFleet:
    """Stations on one line, and the cards of their drivers. To be called inside a running event loop."""
    specs = make_specs([f"L{number}-{one}" for one in range(stations)], seed=seed)
    specs = [replace(spec, configuration={**spec.configuration, **pace.configuration()}) for spec in specs]
    cards = [f"L{number}-CARD-{one}" for one in range(3 * stations)]
    fleet = Fleet(
        f"ws://127.0.0.1:{line.port}/ocpp", specs, seed=seed, id_tags=cards, clock=clock, behaviour=pace.behaviour(),
        call_timeout_s=pace.call_timeout_s,
    )  # fmt: skip
    return SoakFleet(fleet, cards, line)


async def trouble(line: Proxy, random: Random, pace: Pace) -> None:
    """What befalls a line, for ever: cut, frozen, slower than anybody waits, half of it forgotten, answers lost."""
    patience_s = pace.call_timeout_s
    while True:
        await asyncio.sleep(random.expovariate(20 / pace.real_s))
        match random.choice(("cut", "freeze", "strand", "slow", "lossy")):
            case "cut":
                line.cut()
                await asyncio.sleep(random.uniform(0.0, patience_s / 8))
            case "freeze":
                line.freeze()
                await asyncio.sleep(random.uniform(0.2, patience_s))
                line.cut()
            case "strand":
                line.strand()
            case "slow":
                line.slow(patience_s * random.choice((0.05, 1.1)))
                await asyncio.sleep(random.uniform(0.2, 1.4) * patience_s)
            case "lossy":
                line.watch = lambda _data: random.choices((None, "lose request", "lose answer"), (0.9, 0.05, 0.05))[0]
                await asyncio.sleep(random.uniform(0.2, patience_s))
        repair(line)


def repair(line: Proxy) -> None:
    line.watch = lambda _data: None
    line.mend()


async def finish(fleet: Fleet, within_s: float) -> None:
    """Nobody comes any more, everything works again, what charges ends, and all of it is delivered."""
    await fleet.calm()
    for station in fleet:
        for connector in station.connectors:
            if connector.transaction is not None:
                station.finish(connector, "Reboot")
    await until(lambda: fleet.snapshot().queued == 0, within_s, f"{fleet.snapshot().queued} messages' delivery")
