"""What is over goes by itself, with nobody signing in."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from csms.domain.accounts import service as accounts
from csms.domain.accounts.model import SignInFailure
from csms.domain.accounts.sign_in import count_attempt
from csms.kit.database import Database


@pytest.mark.parametrize(("hours", "left"), [(23, 2), (25, 0)])
async def test_failures_of_yesterday_are_forgotten(database: Database, clock: Any, hours: int, left: int) -> None:
    async with database.unit() as session:
        await count_attempt(session, "eve@example.org", "192.0.2.7", clock.now())
    await accounts.forget_old(database, clock.now() + timedelta(hours=hours))
    async with database.view() as session:
        assert await session.scalar(select(func.count()).select_from(SignInFailure)) == left
