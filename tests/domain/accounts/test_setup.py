"""Processes that start together make one first administrator."""

import asyncio
from typing import Any

from csms.domain.accounts import service as accounts
from csms.domain.accounts.passwords import Passwords
from csms.kit.database import Database
from csms.kit.paging import Slice


async def test_of_processes_that_start_together_one_makes_the_administrator(
    database: Database, passwords: Passwords, clock: Any
) -> None:
    async def start() -> bool:
        return await accounts.ensure_first_administrator(
            database, passwords, clock, email="ana@example.org", password="three random words"
        )

    assert sorted(await asyncio.gather(*(start() for _ in range(4)))) == [False, False, False, True]
    async with database.view() as session:
        assert (await accounts.list_users(session, Slice())).total == 1
