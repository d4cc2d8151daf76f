"""A server, an administrator, and strict simulated stations."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ...harness.stage import Stage


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with Stage.set_up(tmp_path / "data") as stage:
        yield stage
