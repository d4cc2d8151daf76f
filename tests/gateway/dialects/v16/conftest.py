"""Every transcript is played twice: on the pure core, and over a socket on the real server."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from ....harness import transcript
from ....harness.pure import PureDriver
from ....harness.wire import WireDriver

Play = Callable[..., Awaitable[None]]


@pytest.fixture(params=["pure", "wire"])
def play(request: pytest.FixtureRequest, tmp_path: Path) -> Play:
    """Plays a transcript; stations are accepted and have booted before, unless said otherwise."""

    async def run(text: str, **how: Any) -> None:
        if request.param == "pure":
            await transcript.play(PureDriver(**how), text)
        else:
            async with WireDriver(tmp_path / "data", **how) as driver:
                await transcript.play(driver, text)

    return run


@pytest.fixture
def play_pure() -> Play:
    """For what differs in a word only, and need not go over the wire each time."""

    async def run(text: str, **how: Any) -> None:
        await transcript.play(PureDriver(**how), text)

    return run
