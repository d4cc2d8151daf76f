"""Accounts over a real database, with a clock that stands still and passwords that cost little."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from csms.domain.accounts.passwords import Passwords
from csms.kit.database import Database

from ...setups import SETUP

NOW = datetime(2030, 1, 31, 12, tzinfo=UTC)


class StillClock:
    """It is always noon."""

    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def passwords() -> Passwords:
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with SETUP.opened(tmp_path) as (database, _):
        yield database
