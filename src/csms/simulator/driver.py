"""What happens around a station when nobody scripts it: drivers come and go, hardware fails, networks drop."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from random import Random

from csms.simulator.car import arriving_car
from csms.simulator.connector import Connector, Fault, Transaction
from csms.simulator.spec import Behaviour
from csms.simulator.station import Station

FAULTS = (
    Fault("GroundFailure", "Residual current above 6 mA", "E-0102"),
    Fault("OverCurrentFailure", "L2 over 36 A for 5 s", "E-0110"),
    Fault("HighTemperature", "Contactor at 92 C", "E-0207"),
    Fault("ConnectorLockFailure", "Lock motor blocked", "E-0301"),
    Fault("PowerMeterFailure", "Meter does not answer", "E-0415"),
    Fault("ReaderFailure", "Card reader does not answer", "E-0501"),
    Fault("OtherError", "Contactor welded", "E-0199"),
    Fault("InternalError", "Watchdog", "E-0001"),
)


class Cards:
    """The cards of all drivers of a fleet: one that is at a station is nowhere else."""

    def __init__(self, id_tags: Sequence[str]) -> None:
        self._free = list(id_tags)

    def take(self, random: Random) -> str | None:
        """A card of someone who is free to come; None when everybody is charging."""
        return self._free.pop(random.randrange(len(self._free))) if self._free else None

    def give_back(self, id_tag: str) -> None:
        self._free.append(id_tag)


class Drivers:
    """The people who use one connector, one after the other."""

    def __init__(
        self, station: Station, connector: Connector, behaviour: Behaviour, cards: Cards, random: Random
    ) -> None:
        self._station = station
        self._connector = connector
        self._id = connector.connector_id
        self._behaviour = behaviour
        self._cards = cards
        self._random = random

    async def come_and_go(self) -> None:
        """For ever: wait for the next car, charge it, see it off."""
        while True:
            await self._station.clock.sleep(self._random.expovariate(1 / self._behaviour.idle_s))
            if self._connector.free and self._station.powered:
                await self._someone_comes()

    async def come_invited(self) -> None:
        """Someone who started by app walks up to the station and plugs in."""
        await self._pause(5, 45)
        if self._connector.waiting is not None and not self._connector.plugged:
            await self._station.plug_in(self._id, arriving_car(self._random))
            await self._stay()

    async def _someone_comes(self) -> None:
        if self._random.random() < self._behaviour.bad_card_rate:
            await self._visit(self._random.choice(self._behaviour.bad_cards))
        elif (id_tag := self._cards.take(self._random)) is not None:
            await self._visit(id_tag)
            self._cards.give_back(id_tag)

    async def _visit(self, id_tag: str) -> None:
        car = arriving_car(self._random)
        if self._random.random() < self._behaviour.card_first_rate:
            info = await self._station.swipe(self._id, id_tag)
            if info.status != "Accepted":
                return
            await self._pause(3, 40)
            await self._station.plug_in(self._id, car)
        else:
            await self._station.plug_in(self._id, car)
            await self._pause(3, 40)
        if self._connector.transaction is None and not self._connector.finishing:
            await self._station.swipe(self._id, id_tag)
        await self._stay()

    async def _stay(self) -> None:
        """Charge until the driver comes back or something else ends it, then leave after a while."""
        transaction = self._connector.transaction
        if transaction is None:
            await self._pause(5, 60)
        elif not await self._ended(transaction, self._random.uniform(*self._behaviour.session_s)):
            await self._stop(transaction)
        if self._connector.plugged:
            await self._pause(*self._behaviour.linger_s)
            await self._station.unplug(self._id)

    async def _ended(self, transaction: Transaction, seconds: float) -> bool:
        """Whether the transaction ended by itself before the time was up."""
        ended: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        transaction.watchers.append(ended)

        def time_is_up() -> None:
            if not ended.done():
                ended.set_result(False)

        timer = self._station.after(seconds, time_is_up)
        result = await ended
        timer.cancel()
        return result

    async def _stop(self, transaction: Transaction) -> None:
        chance = self._random.random()
        if not self._station.powered:
            return
        if chance < self._behaviour.emergency_stop_rate:
            await self._station.emergency_stop(self._id)
        elif chance < self._behaviour.emergency_stop_rate + self._behaviour.unplug_to_stop_rate:
            await self._station.unplug(self._id)
        else:
            await self._station.swipe(self._id, transaction.record.id_tag)

    async def _pause(self, least_s: float, most_s: float) -> None:
        await self._station.clock.sleep(self._random.uniform(least_s, most_s))


class Weather:
    """What befalls a station: its network drops, its hardware fails, its mains go."""

    def __init__(self, station: Station, behaviour: Behaviour, random: Random) -> None:
        self._station = station
        self._behaviour = behaviour
        self._random = random
        self._kinds: list[tuple[float, Callable[[], Awaitable[None]]]] = [
            (every_s, happen)
            for every_s, happen in (
                (behaviour.offline_every_s, self._network_drops),
                (behaviour.fault_every_s, self._hardware_fails),
                (behaviour.power_cut_every_s, self._mains_go),
            )
            if every_s is not None
        ]

    async def blow(self) -> None:
        """For ever, or not at all if every kind of trouble is switched off."""
        rates = [1 / every_s for every_s, _ in self._kinds]
        while rates:
            await self._station.clock.sleep(self._random.expovariate(sum(rates)))
            _, happen = self._random.choices(self._kinds, rates)[0]
            await happen()

    async def _network_drops(self) -> None:
        await self._station.go_offline()
        await self._last(self._behaviour.offline_s)
        self._station.bring_online(0.0)

    async def _hardware_fails(self) -> None:
        connector = self._random.choice(self._station.connectors)
        if connector.fault is None:
            self._station.fail(connector.connector_id, self._random.choice(FAULTS))
            await self._last(self._behaviour.fault_s)
            self._station.recover(connector.connector_id)

    async def _mains_go(self) -> None:
        self._station.power_loss()
        await self._last(self._behaviour.power_cut_s)
        self._station.power_up(resume=self._random.random() < 0.5)

    async def _last(self, range_s: tuple[float, float]) -> None:
        await self._station.clock.sleep(self._random.uniform(*range_s))
