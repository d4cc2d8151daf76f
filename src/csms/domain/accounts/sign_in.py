"""Signing in with a password, and changing it; guessing slows down."""

from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.accounts import store
from csms.domain.accounts.errors import TooManyAttempts, UserNotFound, WrongPassword, WrongSignIn
from csms.domain.accounts.model import User
from csms.domain.accounts.passwords import Passwords
from csms.domain.accounts.patience import FOR_ADDRESS, FOR_EMAIL, FORGET_AFTER, Patience, neighbourhood
from csms.domain.accounts.rules import Actor
from csms.domain.accounts.web_sessions import (
    Browser,
    Lifetime,
    end_web_sessions_of,
    forget_ended,
    open_web_session,
)
from csms.domain.audit import service as audit
from csms.kit.clock import Clock
from csms.kit.database import Database


def _subjects(email: str, address: str) -> tuple[tuple[str, Patience], ...]:
    return (f"email:{email}", FOR_EMAIL), (f"address:{neighbourhood(address)}", FOR_ADDRESS)


async def count_attempt(session: AsyncSession, email: str, address: str, now: datetime) -> None:
    """Count an attempt as failed before it is checked, so that many at once gain nothing; raises TooManyAttempts."""
    rows = [
        (await store.failures_of_or_none_yet(session, subject, now), patience)
        for subject, patience in _subjects(email, address)
    ]
    wait_s = max(patience.wait_s(row.failures, row.last_at, now) for row, patience in rows)
    if wait_s:
        raise TooManyAttempts(
            f"There were too many wrong passwords. The next attempt is possible in {_in_words(wait_s)}.",
            retry_after_s=wait_s,
        )
    for row, _ in rows:
        row.failures = 1 if now - row.last_at > FORGET_AFTER else row.failures + 1
        row.last_at = now


async def take_back_attempt(session: AsyncSession, email: str, address: str) -> None:
    """The attempt was a good one: the e-mail address starts afresh, the network address has one failure less."""
    (by_email, _), (by_address, _) = _subjects(email, address)
    row = await store.failures_of(session, by_email)
    if row is not None:
        await session.delete(row)
    row = await store.failures_of(session, by_address)
    if row is not None:
        row.failures = max(0, row.failures - 1)


def _in_words(seconds: int) -> str:
    if seconds < 90:
        return f"{seconds} seconds"
    return f"{-(-seconds // 60)} minutes"


async def sign_in(
    database: Database,
    passwords: Passwords,
    clock: Clock,
    *,
    email: str,
    password: str,
    browser: Browser,
    lifetime: Lifetime,
) -> tuple[Actor, str]:
    """The actor and the cookie's text; raises WrongSignIn, TooManyAttempts.

    An unknown or disabled user costs the same work and gets the same answer as a wrong password.
    """
    email = email.strip().lower()
    async with database.unit() as session:
        await count_attempt(session, email, browser.address, clock.now())
        user = await store.user_by_email(session, email)
    sealed = user.password_hash if user is not None and user.disabled_at is None else None
    if not await passwords.matches(sealed, password):
        raise WrongSignIn
    assert user is not None
    async with database.unit() as session:
        now = clock.now()
        present = await store.user(session, user.id, lock=True)
        if present is None or present.disabled_at is not None or present.password_hash != sealed:
            raise WrongSignIn
        await take_back_attempt(session, email, browser.address)
        return await open_web_session(session, present, browser, lifetime, now)


async def change_own_password(
    database: Database, passwords: Passwords, clock: Clock, actor: Actor, *, current: str, new: str, address: str
) -> None:
    """Ends the user's other web sessions; raises WrongPassword, UnusablePassword, TooManyAttempts."""
    assert actor.id is not None
    async with database.unit() as session:
        user = await _user(session, actor.id)
        await count_attempt(session, user.email, address, clock.now())
    if not await passwords.matches(user.password_hash, current):
        raise WrongPassword(field="current_password")
    sealed = await passwords.hash(new, email=user.email, field="new_password")
    async with database.unit() as session:
        present = await _user(session, actor.id, lock=True)
        if present.password_hash != user.password_hash:
            raise WrongPassword(field="current_password")
        present.password_hash = sealed
        present.updated_at = clock.now()
        await take_back_attempt(session, user.email, address)
        await end_web_sessions_of(session, user.id, but=actor.web_session_id)
        await audit.record(session, actor, "change_password", "user", user.id, None, None, clock.now(), **actor.place)


async def _user(session: AsyncSession, user_id: UUID, *, lock: bool = False) -> User:
    user = await store.user(session, user_id, lock=lock)
    if user is None:
        raise UserNotFound
    return user


async def forget_old(database: Database, now: datetime) -> None:
    """Remove web sessions that have run out, and failures too old to count."""
    if not await database.look(partial(store.anything_old, ended=now, failed=now - FORGET_AFTER)):
        return
    async with database.unit() as session:
        await forget_ended(session, now)
        await store.remove_failures_before(session, now - FORGET_AFTER)
