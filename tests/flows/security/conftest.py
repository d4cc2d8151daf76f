"""A server with a TLS door, an administrator, and strict simulated stations with keys and certificates."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ...harness.secure_stage import SECURED, SecureStage


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[SecureStage]:
    async with SecureStage.set_up(tmp_path / "data", **SECURED) as stage:
        yield stage
