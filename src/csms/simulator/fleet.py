"""Any number of stations in one process, scripted one by one or left to themselves."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from csms.simulator.clock import Clock, PacedClock
from csms.simulator.commands import COMMANDS
from csms.simulator.connector import Connector
from csms.simulator.driver import Cards, Drivers, Weather
from csms.simulator.journal import Journal
from csms.simulator.modem import Violation
from csms.simulator.spec import Behaviour, ConnectorSpec, StationSpec
from csms.simulator.station import Station
from csms.simulator.world import World


@dataclass(frozen=True, slots=True)
class Snapshot:
    """How a fleet is doing; `energy_wh` is what all meters counted since the start, `trouble` why a station cannot connect."""

    stations: int
    online: int
    accepted: int
    charging: int
    faulted: int
    transactions: int
    energy_wh: int
    queued: int
    messages_in: int
    messages_out: int
    violations: int
    failures: int
    trouble: str | None


class Fleet:
    """Stations that share a central system, a clock and a journal. To be made inside a running event loop.

    Args:
        url: where the stations connect, without their identity: ws://host:port/path.
        specs: the stations; identities must differ.
        seed: chance is the same for the same seed, station by station and connector by connector.
        id_tags: the cards of drivers who come by themselves; each is in one place at a time.
        speed: simulated seconds in a real one.
        behaviour: what happens by itself after `start`.
        journal: a file to append every transaction to, line by line (see `journal.read_journal`).
        clock: another clock than one paced by `speed`.
        call_timeout_s: real seconds after which an answer is no longer waited for.
        tls_url: where stations connect whose security profile is 2 or 3: wss://host:port/path.
    """

    def __init__(
        self,
        url: str,
        specs: Sequence[StationSpec],
        *,
        seed: int = 0,
        id_tags: Sequence[str] = (),
        speed: float = 1.0,
        behaviour: Behaviour | None = None,
        journal: Path | None = None,
        clock: Clock | None = None,
        call_timeout_s: float = 30.0,
        tls_url: str | None = None,
    ) -> None:
        if len({spec.identity for spec in specs}) < len(specs):
            raise ValueError("two stations have the same identity")
        self.behaviour = behaviour or Behaviour()
        self.clock = clock or PacedClock(speed=speed)
        self.journal = Journal(journal)
        self._world = World(
            url, self.clock, seed=seed, call_timeout_s=call_timeout_s, tls_url=tls_url, journal=self.journal
        )
        self._id_tags = tuple(id_tags)
        self._stations = {spec.identity: Station(spec, self._world, COMMANDS) for spec in specs}
        self._life: list[asyncio.Task[object]] = []

    def __getitem__(self, identity: str) -> Station:
        return self._stations[identity]

    def __iter__(self) -> Iterator[Station]:
        return iter(self._stations.values())

    def __len__(self) -> int:
        return len(self._stations)

    @property
    def violations(self) -> Sequence[Violation]:
        """Everything the central system sent that the specification does not allow."""
        return self._world.violations

    @property
    def failures(self) -> Sequence[BaseException]:
        """What broke in the simulator itself; empty unless there is a bug."""
        return self._world.failures

    async def start(self, *, drivers: bool = True) -> None:
        """Switch the stations on: they connect one after the other, boot, and stay online by themselves.

        With `drivers`, they are let live at once. Returns at once.
        """
        for station in self:
            station.keep_online = True
            station.bring_online(station.random.uniform(0, self.behaviour.start_spread_s))
        if drivers:
            self.let_live()

    def let_live(self) -> None:
        """From now on people come to charge and things go wrong as `behaviour` says."""
        cards = Cards(self._id_tags)
        for station in self:
            self._let_live(station, cards)

    def _let_live(self, station: Station, cards: Cards) -> None:
        crowd = {
            connector.connector_id: Drivers(
                station,
                connector,
                self.behaviour,
                cards,
                self._world.random(station.identity, connector.connector_id),
            )
            for connector in station.connectors
        }

        def invite(connector: Connector) -> None:
            station.spawn(crowd[connector.connector_id].come_invited())

        station.invite = invite
        weather = Weather(station, self.behaviour, self._world.random(station.identity, "weather"))
        self._life += [station.spawn(drivers.come_and_go()) for drivers in crowd.values()]
        self._life.append(station.spawn(weather.blow()))

    async def calm(self) -> None:
        """The opposite of `let_live`: nobody comes any more, nothing goes wrong, and what is off or broken works again."""
        life, self._life = self._life, []
        for task in life:
            task.cancel()
        if life:
            await asyncio.wait(life)
        for station in self:
            if not station.powered:
                station.power_up(resume=True)
            for connector in station.connectors:
                if connector.fault is not None:
                    station.recover(connector.connector_id)
            if not station.online:
                station.bring_online(0.0)

    async def all_accepted(self) -> None:
        """Wait until every station has been accepted by the central system."""
        waiting = []
        for station in self:
            if not station.ready:
                accepted = asyncio.Event()
                station.once_accepted.append(accepted.set)
                waiting.append(accepted.wait())
        await asyncio.gather(*waiting)

    async def stop(self, *, finish: bool = False, patience_s: float = 5.0) -> None:
        """Switch everything off. With `finish`, transactions end first and are delivered within `patience_s` real seconds."""
        if finish:
            await self._finish(patience_s)
        for station in self:
            station.close()
        await self._world.cancel_all()
        self.journal.close()

    async def _finish(self, patience_s: float) -> None:
        for station in self:
            for connector in station.connectors:
                if connector.transaction is not None and station.powered:
                    station.finish(connector, "Reboot")
        deliveries = [asyncio.create_task(station.backlog.emptied()) for station in self]
        if deliveries:
            _, late = await asyncio.wait(deliveries, timeout=patience_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def snapshot(self) -> Snapshot:
        connectors = [connector for station in self for connector in station.connectors]
        return Snapshot(
            stations=len(self),
            online=sum(station.online for station in self),
            accepted=sum(station.ready for station in self),
            charging=sum(connector.transaction is not None for connector in connectors),
            faulted=sum(connector.fault is not None for connector in connectors),
            transactions=len(self.journal.records()),
            energy_wh=sum(connector.delivered_wh for connector in connectors),
            queued=sum(len(station.backlog) for station in self),
            messages_in=sum(station.modem.messages_in for station in self),
            messages_out=sum(station.modem.messages_out for station in self),
            violations=len(self.violations),
            failures=len(self.failures),
            trouble=next((f"{one.identity}: {one.trouble}" for one in self if one.trouble is not None), None),
        )


_MODELS: tuple[tuple[str, tuple[ConnectorSpec, ...]], ...] = (
    ("AC22", (ConnectorSpec(max_power_w=22_000),)),
    ("AC22", (ConnectorSpec(max_power_w=22_000),)),
    ("AC11", (ConnectorSpec(max_power_w=11_000),)),
    ("AC7", (ConnectorSpec(max_power_w=7_400, phases=1, lock="none"),)),
    ("DC60", (ConnectorSpec("DC", 60_000, lock="none"),)),
    ("DC150", (ConnectorSpec("DC", 150_000, lock="none"), ConnectorSpec(max_power_w=22_000))),
    ("HPC300", (ConnectorSpec("DC", 300_000, lock="none"),)),
)


def make_specs(
    identities: Sequence[str], *, connectors: int = 2, seed: int = 0, passwords: Mapping[str, str] | None = None
) -> list[StationSpec]:
    """A believable mixture of stations, the same for the same seed and identity."""
    specs = []
    for identity in identities:
        random = Random(f"{seed}:{identity}:model")
        model, kinds = random.choice(_MODELS)
        plugs = (kinds * connectors)[:connectors]
        meters = tuple(random.randrange(0, 4_000_000) for _ in plugs)
        specs.append(
            StationSpec(
                identity,
                tuple(
                    ConnectorSpec(plug.kind, plug.max_power_w, plug.phases, plug.lock, meter)
                    for plug, meter in zip(plugs, meters, strict=True)
                ),
                model=model,
                password=(passwords or {}).get(identity),
                configuration={"StopTxnSampledData": random.choice(("", "", "Energy.Active.Import.Register"))},
            )
        )
    return specs
