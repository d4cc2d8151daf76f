"""The first administrator: from the environment, or through a link that works once."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.accounts import store
from csms.domain.accounts.errors import EmailTaken, SetupDone, SetupLinkUnknown
from csms.domain.accounts.grants import NewGrant
from csms.domain.accounts.model import SetupLink
from csms.domain.accounts.organisations import create_organisation
from csms.domain.accounts.passwords import Passwords
from csms.domain.accounts.rules import ADMINISTRATOR_EVERYWHERE, SYSTEM, Actor, Role
from csms.domain.accounts.tokens import fingerprint
from csms.domain.accounts.users import create_user, normal_email
from csms.domain.accounts.web_sessions import Browser, Lifetime, open_web_session
from csms.kit.clock import Clock
from csms.kit.database import Database
from csms.kit.ids import secret


async def needs_setup(session: AsyncSession) -> bool:
    """Whether there is no user yet."""
    return not await store.any_user(session)


async def ensure_first_administrator(
    database: Database, passwords: Passwords, clock: Clock, *, email: str, password: str, name: str = "Administrator"
) -> bool:
    """Create the administrator when there is no user yet, and say so; raises UnusableEmail, UnusablePassword."""
    async with database.view() as session:
        if not await needs_setup(session):
            return False
    sealed = await passwords.hash(password, email=normal_email(email))
    grants = [NewGrant(Role.ADMINISTRATOR)]
    try:
        async with database.unit() as session:
            if not await needs_setup(session):
                return False
            now = clock.now()
            await create_user(session, SYSTEM, email=email, name=name, grants=grants, password_hash=sealed, now=now)
    except (IntegrityError, EmailTaken):  # another process that started with us was first
        return False
    return True


async def new_setup_link(session: AsyncSession, now: datetime) -> str:
    """A token for `/setup?token=…`, in place of any before it; raises SetupDone when there is a user."""
    if not await needs_setup(session):
        raise SetupDone
    await store.remove_open_setup_links(session)
    token = secret()
    session.add(SetupLink(token_hash=fingerprint(token), created_at=now, used_at=None))
    await session.flush()
    return token


async def complete_setup(
    database: Database,
    passwords: Passwords,
    clock: Clock,
    *,
    token: str,
    email: str,
    name: str,
    password: str,
    organisation_name: str | None,
    browser: Browser,
    lifetime: Lifetime,
) -> tuple[Actor, str]:
    """Create the first administrator and organisation, once, and sign in; gives the actor and the cookie's text.

    Raises SetupLinkUnknown, SetupDone, UnusableEmail, UnusablePassword.
    """
    token_hash = fingerprint(token)
    async with database.view() as session:  # strangers shall not make us hash passwords
        if not await needs_setup(session):
            raise SetupDone
        if not await store.setup_link_open(session, token_hash):
            raise SetupLinkUnknown
    sealed = await passwords.hash(password, email=normal_email(email))
    async with database.unit() as session:
        now = clock.now()
        if not await store.use_setup_link(session, token_hash, now) or not await needs_setup(session):
            raise SetupDone
        newcomer = Actor("user", None, name, ADMINISTRATOR_EVERYWHERE, normal_email(email))
        organisation_id = None
        if organisation_name is not None:
            organisation = await create_organisation(session, newcomer, name=organisation_name, parent_id=None, now=now)
            organisation_id = organisation.id
        user = await create_user(
            session,
            newcomer,
            email=email,
            name=name,
            grants=[NewGrant(Role.ADMINISTRATOR)],
            password_hash=sealed,
            organisation_id=organisation_id,
            now=now,
        )
        return await open_web_session(session, user, browser, lifetime, now)
