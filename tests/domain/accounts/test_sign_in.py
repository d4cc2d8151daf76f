"""Signing in while things change underneath."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from csms.domain.accounts import service as accounts
from csms.domain.accounts.errors import WrongPassword, WrongSignIn
from csms.domain.accounts.passwords import Passwords
from csms.domain.accounts.rules import SYSTEM, Actor, Role
from csms.domain.accounts.web_sessions import Browser, Lifetime
from csms.kit.database import Database

PASSWORD = "three random words"
LIFETIME = Lifetime(timedelta(hours=12), timedelta(days=30))
BROWSER = Browser("192.0.2.7", "Firefox")


class HeldPasswords(Passwords):
    """Real passwords whose check waits until the test lets it go on."""

    def __init__(self, real: Passwords) -> None:
        super().__init__()
        self._real = real
        self.asked = asyncio.Event()
        self.go_on = asyncio.Event()

    async def matches(self, sealed: str | None, password: str) -> bool:
        self.asked.set()
        await self.go_on.wait()
        return await self._real.matches(sealed, password)

    async def hash(self, password: str, *, email: str | None = None, field: str = "password") -> str:
        return await self._real.hash(password, email=email, field=field)


@pytest.fixture
async def ana(database: Database, passwords: Passwords, clock: Any) -> Actor:
    sealed = await passwords.hash(PASSWORD)
    async with database.unit() as session:
        for name in ("ana", "root"):
            user = await accounts.create_user(
                session,
                SYSTEM,
                email=f"{name}@example.org",
                name=name.title(),
                grants=[accounts.NewGrant(Role.ADMINISTRATOR)],
                password_hash=sealed,
                now=clock.now(),
            )
            if name == "ana":
                ana = await accounts.actor_of_user(session, user)
    return ana


@pytest.mark.parametrize("change", [{"disabled": True}, {"password_hash": "$another"}, None])
async def test_who_is_put_out_while_signing_in_stays_out(
    database: Database, passwords: Passwords, clock: Any, ana: Actor, change: dict[str, Any] | None
) -> None:
    held = HeldPasswords(passwords)
    signing_in = asyncio.create_task(
        accounts.sign_in(
            database, held, clock, email="ana@example.org", password=PASSWORD, browser=BROWSER, lifetime=LIFETIME
        )
    )
    await held.asked.wait()
    assert ana.id is not None
    async with database.unit() as session:
        if change is None:
            await accounts.remove_user(session, SYSTEM, ana.id, clock.now())
        else:
            await accounts.change_user(session, SYSTEM, ana.id, change, clock.now())
    held.go_on.set()
    with pytest.raises(WrongSignIn):
        await signing_in


async def test_of_two_password_changes_at_once_one_counts(
    database: Database, passwords: Passwords, clock: Any, ana: Actor
) -> None:
    held = HeldPasswords(passwords)

    async def change(new: str) -> None:
        await accounts.change_own_password(database, held, clock, ana, current=PASSWORD, new=new, address="192.0.2.7")

    changes = [asyncio.create_task(change(f"new password {n}")) for n in (1, 2)]
    await held.asked.wait()
    held.go_on.set()
    outcomes = await asyncio.gather(*changes, return_exceptions=True)
    assert sorted(type(outcome) for outcome in outcomes if outcome is not None) == [WrongPassword]
