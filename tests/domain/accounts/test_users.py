"""Administrators who race to put each other out."""

import asyncio
from typing import Any

from csms.domain.accounts import service as accounts
from csms.domain.accounts.errors import LastAdministrator
from csms.domain.accounts.rules import SYSTEM, Role
from csms.kit.database import Database
from csms.kit.paging import Slice


async def test_two_who_remove_each_other_leave_one(database: Database, clock: Any) -> None:
    async with database.unit() as session:
        made = [
            await accounts.create_user(
                session,
                SYSTEM,
                email=f"{name}@example.org",
                name=name,
                grants=[accounts.NewGrant(Role.ADMINISTRATOR)],
                password_hash="x",
                now=clock.now(),
            )
            for name in ("ana", "bob")
        ]

    async def remove(whom: int) -> None:
        async with database.unit() as session:
            await accounts.remove_user(
                session, await accounts.actor_of_user(session, made[1 - whom]), made[whom].id, clock.now()
            )

    outcomes = await asyncio.gather(remove(0), remove(1), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes if outcome is not None] == [LastAdministrator]
    async with database.view() as session:
        assert (await accounts.list_users(session, Slice())).total == 1
