"""Stations over a real database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from csms.kit.database import Database

from ...setups import SETUP


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with SETUP.opened(tmp_path) as (database, _):
        yield database
