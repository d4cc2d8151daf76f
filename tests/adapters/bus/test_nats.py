"""The bus between processes, over a real NATS server that is stopped and started."""

import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from bench.services import NatsServer

from csms.adapters.bus import nats
from csms.adapters.bus.nats import NatsBus, Polls
from csms.kit.tasks import Tasks

from ...harness.waiting import until
from ...setups import SETUP


@dataclass
class Side:
    """A process on the bus, and what it has heard."""

    bus: NatsBus
    heard: list[str] = field(default_factory=list)

    def listen(self, subject: str) -> Callable[[], None]:
        return self.bus.subscribe(subject, self.heard.append)

    @property
    def connected(self) -> bool:
        return self.bus.trouble is None


@asynccontextmanager
async def side(url: str, prefix: str = "test-bus") -> AsyncIterator[Side]:
    tasks = Tasks()
    bus = NatsBus(url, tasks, prefix=prefix)
    await bus.start()
    yield Side(bus)
    await bus.close()
    await tasks.stop()


@pytest.fixture
async def gateway(request: pytest.FixtureRequest) -> AsyncIterator[Side]:
    async with side(SETUP.nats_url, request.node.name) as made:
        yield made


@pytest.fixture
async def api(request: pytest.FixtureRequest) -> AsyncIterator[Side]:
    async with side(SETUP.nats_url, request.node.name) as made:
        yield made


@pytest.fixture
def server() -> Iterator[NatsServer]:
    """A server of the test's own, not yet started."""
    made = NatsServer()
    yield made
    made.stop(signal.SIGKILL)


async def heard(who: Side, *subjects: str) -> None:
    """Wait until it has heard these, and see that it heard nothing else, nor anything twice."""
    await until(lambda: len(who.heard) >= len(subjects), what=f"{subjects} heard")
    assert sorted(who.heard) == sorted(subjects)
    who.heard.clear()


async def introduced(first: Side, second: Side) -> None:
    """Ring until both hear each other: a subscription takes a moment to reach the server."""
    leave = [first.listen("hello.1"), second.listen("hello.2")]

    def met() -> bool:
        second.bus.ring("hello.1")
        first.bus.ring("hello.2")
        return "hello.1" in first.heard and "hello.2" in second.heard

    await until(met, what="both hear each other")
    for hang_up in leave:
        hang_up()
    await settled(first, second)


async def settled(*sides: Side) -> None:
    for who in sides:
        await who.bus._client.flush()
        who.heard.clear()


async def test_a_ring_is_heard_in_every_process_once(gateway: Side, api: Side) -> None:
    for who in (gateway, api):
        who.listen("commands.")
    await introduced(gateway, api)
    api.bus.ring("commands.7")
    await heard(api, "commands.7")
    await heard(gateway, "commands.7")


async def test_only_what_one_listens_to_is_heard(gateway: Side, api: Side) -> None:
    gateway.listen("commands.7")
    gateway.listen("live.")
    await introduced(gateway, api)
    for subject in ("commands.8", "commands.7", "settled.7", "live.9"):
        api.bus.ring(subject)
    await heard(gateway, "commands.7", "live.9")


async def test_more_rings_than_one_message_holds(gateway: Side, api: Side) -> None:
    gateway.listen("live.")
    await introduced(gateway, api)
    many = [f"live.{number}" for number in range(5_001)]
    for subject in many:
        api.bus.ring(subject)
        api.bus.ring(subject)  # twice in one breath is once
    await heard(gateway, *many)


async def test_who_left_hears_nothing_more(gateway: Side, api: Side) -> None:
    leave = gateway.listen("live.1")
    gateway.listen("live.2")
    await introduced(gateway, api)
    leave()
    leave()
    api.bus.ring("live.1")
    api.bus.ring("live.2")
    await heard(gateway, "live.2")


async def test_who_is_there_is_found_and_who_left_is_missed_at_once(
    gateway: Side, api: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Right after we came onto the bus others may still be on their way: then nothing can be known of who is missing."""
    assert await api.bus.is_there("gateway.one") is None
    monkeypatch.setattr(nats, "_ALL_BACK_S", 0.0)
    assert await api.bus.is_there("gateway.one") is False
    leave = gateway.bus.be_there("gateway.one")

    async def seen() -> bool:
        return await api.bus.is_there("gateway.one") is True

    await until(seen)
    assert await gateway.bus.is_there("gateway.one") is True, "in the process itself"
    assert await api.bus.is_there("gateway one, *.>") is False, "any name will do"
    leave()
    leave()

    async def missed() -> bool:
        return await api.bus.is_there("gateway.one") is False

    await until(missed)
    assert await gateway.bus.is_there("gateway.one") is False
    gateway.bus.be_there("gateway.one")
    await until(seen)
    await gateway.bus.close()
    await until(missed)


async def test_without_a_server_nothing_is_known_of_others(server: NatsServer) -> None:
    server.start()
    async with side(server.url) as alone:
        alone.bus.be_there("here")
        server.stop(signal.SIGKILL)
        await until(lambda: not alone.connected)
        assert await alone.bus.is_there("there") is None
        assert await alone.bus.is_there("here") is True


async def test_without_a_server_it_starts_all_the_same_and_connects_when_there_is_one(server: NatsServer) -> None:
    async with side(server.url) as alone:
        alone.listen("live.")
        alone.bus.ring("live.1")
        assert alone.heard == ["live.1"], "in the process itself rings need no server"
        assert not alone.connected
        assert alone.bus.slow_poll_s == Polls().troubled_s
        server.start()
        await until(lambda: alone.connected)
        assert alone.bus.slow_poll_s == Polls().well_s


async def test_a_server_that_goes_and_comes_back(server: NatsServer) -> None:
    server.start()
    async with side(server.url) as first, side(server.url) as second:
        first.listen("live.")
        await introduced(first, second)
        server.stop(signal.SIGKILL)
        await until(lambda: not first.connected and not second.connected)
        second.bus.ring("live.1")
        second.bus.ring("commands.1")
        server.start()
        await until(lambda: first.connected and second.connected)
        await introduced(first, second)
        second.bus.ring("live.2")
        await heard(first, "live.2")
