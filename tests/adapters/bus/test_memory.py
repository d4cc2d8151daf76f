"""The bus of one process."""

from csms.adapters.bus.memory import MemoryBus


def test_listeners_to_a_kind_and_to_one_subject_are_rung() -> None:
    bus, heard = MemoryBus(), list[str]()
    bus.subscribe("commands.", lambda subject: heard.append(f"all {subject}"))
    bus.subscribe("commands.7", lambda subject: heard.append(f"one {subject}"))
    bus.ring("commands.7")
    bus.ring("commands.8")
    bus.ring("live.7")
    assert heard == ["all commands.7", "one commands.7", "all commands.8"]


def test_who_left_hears_nothing_more() -> None:
    bus, heard = MemoryBus(), list[str]()
    leave = bus.subscribe("live.", heard.append)
    stay = bus.subscribe("live.", heard.append)
    leave()
    leave()
    bus.ring("live.1")
    assert heard == ["live.1"]
    stay()
    bus.ring("live.2")
    assert heard == ["live.1"]


def test_a_listener_that_fails_disturbs_nobody() -> None:
    bus, heard = MemoryBus(), list[str]()

    def fail(_subject: str) -> None:
        raise RuntimeError("deaf")

    bus.subscribe("live.", fail)
    bus.subscribe("live.", heard.append)
    bus.ring("live.1")
    assert heard == ["live.1"]


def test_a_listener_may_leave_while_it_is_rung() -> None:
    bus, heard = MemoryBus(), list[str]()

    def once(subject: str) -> None:
        heard.append(subject)
        leave()

    leave = bus.subscribe("live.", once)
    bus.ring("live.1")
    bus.ring("live.2")
    assert heard == ["live.1"]


def test_nothing_is_ever_lost_here() -> None:
    assert MemoryBus().slow_poll_s is None


async def test_of_this_process_it_knows_who_is_there_and_of_others_nothing() -> None:
    bus = MemoryBus()
    assert await bus.is_there("gateway.main") is None
    leave = bus.be_there("gateway.main")
    assert await bus.is_there("gateway.main") is True
    leave()
    leave()
    assert await bus.is_there("gateway.main") is None
