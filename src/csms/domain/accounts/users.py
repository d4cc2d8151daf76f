"""The verbs on users."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.accounts import store
from csms.domain.accounts.errors import EmailTaken, LastAdministrator, UnusableEmail, UserNotFound
from csms.domain.accounts.grants import NewGrant, grant_snapshots, grants_of, place_of, set_grants
from csms.domain.accounts.model import Grant, User
from csms.domain.accounts.organisations import get_organisation
from csms.domain.accounts.rules import Actor, Role
from csms.domain.accounts.web_sessions import end_web_sessions_of
from csms.domain.audit import service as audit
from csms.kit.ids import uuid7
from csms.kit.paging import Page, Slice

_EMAIL = re.compile(r"[^\s@<>\"(),:;\\\x00-\x1f\x7f]+@[^\s@<>\"(),:;\\\x00-\x1f\x7f]+")


def normal_email(text: str) -> str:
    """The address as it is kept: trimmed and in lower case; raises UnusableEmail."""
    email = text.strip().lower()
    if len(email) > 254 or not _EMAIL.fullmatch(email):
        raise UnusableEmail(field="email")
    return email


def _snapshot(user: User, grants: Sequence[Grant]) -> dict[str, Any]:
    return {
        "email": user.email,
        "name": user.name,
        "grants": grant_snapshots(grants),
        "organisation_id": str(user.organisation_id) if user.organisation_id else None,
        "disabled": user.disabled_at is not None,
    }


async def list_users(
    session: AsyncSession,
    part: Slice,
    *,
    role: str | None = None,
    disabled: bool | None = None,
    search: str | None = None,
) -> Page[User]:
    return await store.users(session, part, role=role, disabled=disabled, search=search)


async def get_user(session: AsyncSession, user_id: UUID) -> User:
    user = await store.user(session, user_id)
    if user is None:
        raise UserNotFound
    return user


async def create_user(
    session: AsyncSession,
    actor: Actor,
    *,
    email: str,
    name: str,
    grants: Sequence[NewGrant],
    password_hash: str,
    organisation_id: UUID | None = None,
    now: datetime,
) -> User:
    """Raises EmailTaken, UnusableEmail, OrganisationNotFound, NoGrant, AmbiguousGrant."""
    email = normal_email(email)
    await _refuse_taken(session, email)
    if organisation_id is not None:
        await get_organisation(session, organisation_id, field="organisation_id")
    user = User(
        id=uuid7(now),
        email=email,
        name=name,
        password_hash=password_hash,
        organisation_id=organisation_id,
        created_at=now,
        updated_at=now,
        disabled_at=None,
    )
    session.add(user)
    await session.flush()
    given = await set_grants(session, user, grants, now)
    after = _snapshot(user, given)
    await audit.record(session, actor, "create", "user", user.id, None, after, now, **place_of(given))
    return user


async def _refuse_taken(session: AsyncSession, email: str) -> None:
    if await store.user_by_email(session, email) is not None:
        raise EmailTaken(field="email")


async def change_user(
    session: AsyncSession, actor: Actor, user_id: UUID, changes: Mapping[str, Any], now: datetime
) -> User:
    """Set what `changes` has of email, name, organisation_id, password_hash, `disabled` (a bool) and `grants` (NewGrants).

    A user who is disabled or gets another password is signed out everywhere. Raises LastAdministrator, EmailTaken.
    """
    user = await get_user(session, user_id)
    held = await grants_of(session, user_id)
    before = _snapshot(user, held)
    wanted = dict(changes)
    if "email" in wanted:
        wanted["email"] = normal_email(wanted["email"])
        if wanted["email"] != user.email:
            await _refuse_taken(session, wanted["email"])
    if wanted.get("organisation_id") is not None:
        await get_organisation(session, wanted["organisation_id"], field="organisation_id")
    if "disabled" in wanted:
        wanted["disabled_at"] = (user.disabled_at or now) if wanted.pop("disabled") else None
    grants: Sequence[NewGrant] | None = wanted.pop("grants", None)
    stays = user.disabled_at is None if "disabled_at" not in wanted else wanted["disabled_at"] is None
    if user.disabled_at is None and _administers_all(held) and not (stays and _administers_all(grants or held)):
        await _refuse_last(session, user_id)
    if grants is not None:
        held = await set_grants(session, user, grants, now)
    for name, value in wanted.items():
        setattr(user, name, value)
    await _conclude_change(session, actor, user, before, held, "password_hash" in wanted, now)
    return user


async def _conclude_change(
    session: AsyncSession,
    actor: Actor,
    user: User,
    before: dict[str, Any],
    grants: Sequence[Grant],
    new_password: bool,
    now: datetime,
) -> None:
    after, place = _snapshot(user, grants), place_of(grants)
    if after != before:
        await audit.record(session, actor, "change", "user", user.id, before, after, now, **place)
    if new_password:
        await audit.record(session, actor, "change_password", "user", user.id, None, None, now, **place)
    if after != before or new_password:
        user.updated_at = now
    if new_password or user.disabled_at is not None:
        await end_web_sessions_of(session, user.id)
    await session.flush()


async def remove_user(session: AsyncSession, actor: Actor, user_id: UUID, now: datetime) -> None:
    """Raises LastAdministrator."""
    user = await get_user(session, user_id)
    held = await grants_of(session, user_id)
    if user.disabled_at is None and _administers_all(held):
        await _refuse_last(session, user_id)
    await audit.record(session, actor, "remove", "user", user_id, _snapshot(user, held), None, now, **place_of(held))
    await session.delete(user)
    await session.flush()


def _administers_all(grants: Sequence[Grant | NewGrant]) -> bool:
    return any(
        grant.role == Role.ADMINISTRATOR and grant.organisation_id is None and grant.location_id is None
        for grant in grants
    )


async def _refuse_last(session: AsyncSession, user_id: UUID) -> None:
    if not await store.other_administrators(session, user_id):
        raise LastAdministrator
