"""Columns that mean the same in every database."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import literal, select
from sqlalchemy.exc import StatementError

from csms.kit.tables import UtcTime

from ..setups import SETUP

SHANGHAI = timezone(timedelta(hours=8))


async def test_times_come_back_in_utc_to_the_microsecond(tmp_path: Path) -> None:
    times = [
        datetime(2030, 1, 1, 8, 0, 0, 1, tzinfo=SHANGHAI),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(1, 1, 2, tzinfo=UTC),
        datetime(9999, 12, 30, tzinfo=UTC),
    ]
    async with SETUP.opened(tmp_path) as (database, _bus), database.view() as session:
        for at in times:
            back = await session.scalar(select(literal(at, UtcTime())))
            assert back == at
            assert back.tzinfo is UTC
        assert await session.scalar(select(literal(None, UtcTime()))) is None


async def test_a_time_without_zone_is_refused(tmp_path: Path) -> None:
    async with SETUP.opened(tmp_path) as (database, _bus), database.view() as session:
        with pytest.raises(StatementError, match="a time without zone"):
            await session.scalar(select(literal(datetime(2030, 1, 1, tzinfo=UTC).replace(tzinfo=None), UtcTime())))
