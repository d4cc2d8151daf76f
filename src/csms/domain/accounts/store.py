"""Every query about accounts."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, CursorResult, bindparam, delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.accounts.model import ApiKey, Grant, Organisation, SetupLink, SignInFailure, User, WebSession
from csms.domain.accounts.rules import Role
from csms.kit.paging import Page, Slice, fetch_page

_ANYTHING_OLD: Final = select(
    or_(
        select(WebSession.id).where(WebSession.expires_at <= bindparam("ended")).exists(),
        select(SignInFailure.subject).where(SignInFailure.last_at < bindparam("failed")).exists(),
    )
)

# --- organisations


async def organisation(session: AsyncSession, organisation_id: UUID) -> Organisation | None:
    return await session.get(Organisation, organisation_id)


async def organisations(
    session: AsyncSession, part: Slice, *, parent_id: UUID | None = None, search: str | None = None
) -> Page[Organisation]:
    query = select(Organisation)
    if parent_id is not None:
        query = query.where(Organisation.parent_id == parent_id)
    if search:
        query = query.where(Organisation.name.icontains(search, autoescape=True))
    sorts = {"name": Organisation.name, "created_at": Organisation.created_at}
    return await fetch_page(session, query, part, sorts, default="name", tie=Organisation.id)


async def organisation_parents(session: AsyncSession) -> dict[UUID, UUID | None]:
    """The whole tree, locked against others who would move its parts."""
    rows = await session.execute(select(Organisation.id, Organisation.parent_id).with_for_update())
    return {row[0]: row[1] for row in rows}


async def organisation_tree(session: AsyncSession) -> dict[UUID, list[UUID]]:
    """The organisations directly below each."""
    below: dict[UUID, list[UUID]] = {}
    rows = await session.execute(select(Organisation.id, Organisation.parent_id))
    for organisation_id, parent_id in rows:
        if parent_id is not None:
            below.setdefault(parent_id, []).append(organisation_id)
    return below


# --- grants


async def grants_of(session: AsyncSession, holders: Sequence[UUID]) -> Sequence[Grant]:
    query = select(Grant).where(or_(Grant.user_id.in_(holders), Grant.api_key_id.in_(holders)))
    return (await session.scalars(query.order_by(Grant.id))).all()


async def remove_grants_of(session: AsyncSession, holder_id: UUID) -> None:
    await session.execute(delete(Grant).where(or_(Grant.user_id == holder_id, Grant.api_key_id == holder_id)))


# --- users


async def user(session: AsyncSession, user_id: UUID, *, lock: bool = False) -> User | None:
    """With `lock`, nobody else changes the user until the unit ends."""
    return await session.get(User, user_id, with_for_update=lock or None)


async def user_by_email(session: AsyncSession, email: str) -> User | None:
    return await session.scalar(select(User).where(User.email == email))


async def users(
    session: AsyncSession, part: Slice, *, role: str | None, disabled: bool | None, search: str | None
) -> Page[User]:
    query = select(User)
    if role is not None:
        query = query.where(User.id.in_(select(Grant.user_id).where(Grant.role == role)))
    if disabled is not None:
        query = query.where(User.disabled_at.is_not(None) if disabled else User.disabled_at.is_(None))
    if search:
        query = query.where(
            or_(User.name.icontains(search, autoescape=True), User.email.icontains(search, autoescape=True))
        )
    sorts = {"name": User.name, "email": User.email, "created_at": User.created_at}
    return await fetch_page(session, query, part, sorts, default="name", tie=User.id)


async def any_user(session: AsyncSession) -> bool:
    return (await session.scalar(select(User.id).limit(1))) is not None


async def other_administrators(session: AsyncSession, user_id: UUID) -> Sequence[UUID]:
    """Administrators of everything who can sign in, apart from this one; all are locked until the unit ends."""
    everywhere = (Grant.organisation_id.is_(None), Grant.location_id.is_(None))
    administrators = select(Grant.user_id).where(Grant.role == Role.ADMINISTRATOR, *everywhere)
    query = select(User.id).where(User.id.in_(administrators), User.disabled_at.is_(None))
    await session.execute(query.with_for_update())  # who waited here must look again at what the other one changed
    return [found for found in await session.scalars(query) if found != user_id]


# --- web sessions


async def web_session_with_user(
    session: AsyncSession, token_hash: bytes, now: datetime
) -> tuple[WebSession, User] | None:
    """The web session that has not run out, with its user who is not disabled."""
    found = await session.execute(
        select(WebSession, User)
        .join(User, User.id == WebSession.user_id)
        .where(WebSession.token_hash == token_hash, WebSession.expires_at > now, User.disabled_at.is_(None))
    )
    row = found.first()
    return (row[0], row[1]) if row else None


async def web_sessions_of(session: AsyncSession, user_id: UUID, now: datetime) -> Sequence[WebSession]:
    """The newest sign-in first: the last use is noted beside the request that asks, and would change the order under it."""
    query = select(WebSession).where(WebSession.user_id == user_id, WebSession.expires_at > now)
    return (await session.scalars(query.order_by(WebSession.created_at.desc(), WebSession.id))).all()


async def extend_web_session(
    session: AsyncSession, web_session_id: UUID, seen_at: datetime, expires_at: datetime, before: datetime
) -> None:
    await session.execute(
        update(WebSession)
        .where(WebSession.id == web_session_id, WebSession.seen_at <= before)
        .values(seen_at=seen_at, expires_at=expires_at)
    )


async def remove_ended_web_sessions(session: AsyncSession, now: datetime) -> None:
    """But not those that somebody is removing at this moment."""
    ended = select(WebSession.token_hash).where(WebSession.expires_at <= now).with_for_update(skip_locked=True)
    await session.execute(delete(WebSession).where(WebSession.token_hash.in_(ended)))


async def remove_web_sessions(session: AsyncSession, *which: ColumnElement[bool]) -> int:
    return await _rows(session, delete(WebSession).where(*which))


# --- sign-in failures


async def failures_of(session: AsyncSession, subject: str) -> SignInFailure | None:
    """The subject's row, locked until the unit ends."""
    return await session.get(SignInFailure, subject, with_for_update=True, populate_existing=True)


async def failures_of_or_none_yet(session: AsyncSession, subject: str, now: datetime) -> SignInFailure:
    """The same, made when there is none; of several who make it at once, all get the one that was made first."""
    found = await failures_of(session, subject)
    if found is None:
        with suppress(IntegrityError):
            async with session.begin_nested():
                session.add(SignInFailure(subject=subject, failures=0, last_at=now))
        found = await failures_of(session, subject)
    assert found is not None
    return found


async def remove_failures_before(session: AsyncSession, at: datetime) -> None:
    """But not those that somebody is counting at this moment."""
    old = select(SignInFailure.subject).where(SignInFailure.last_at < at).with_for_update(skip_locked=True)
    await session.execute(delete(SignInFailure).where(SignInFailure.subject.in_(old)))


async def anything_old(session: AsyncSession, ended: datetime, failed: datetime) -> bool:
    """Whether a web session had ended by then, or the last failure of a subject is that old."""
    return bool(await session.scalar(_ANYTHING_OLD, {"ended": ended, "failed": failed}))


# --- API keys


async def api_key(session: AsyncSession, key_id: UUID) -> ApiKey | None:
    return await session.get(ApiKey, key_id)


async def api_key_by_hash(session: AsyncSession, key_hash: bytes) -> ApiKey | None:
    return await session.scalar(select(ApiKey).where(ApiKey.key_hash == key_hash))


async def api_keys(session: AsyncSession, part: Slice, *, revoked: bool | None) -> Page[ApiKey]:
    query = select(ApiKey)
    if revoked is not None:
        query = query.where(ApiKey.revoked_at.is_not(None) if revoked else ApiKey.revoked_at.is_(None))
    sorts = {"name": ApiKey.name, "created_at": ApiKey.created_at, "used_at": ApiKey.used_at}
    return await fetch_page(session, query, part, sorts, default="name", tie=ApiKey.id)


async def note_key_use(session: AsyncSession, key_id: UUID, at: datetime, before: datetime) -> None:
    unused = or_(ApiKey.used_at.is_(None), ApiKey.used_at <= before)
    await session.execute(update(ApiKey).where(ApiKey.id == key_id, unused).values(used_at=at))


async def revoke_api_key(session: AsyncSession, key_id: UUID, now: datetime) -> bool:
    """False when it was revoked before."""
    query = update(ApiKey).where(ApiKey.id == key_id, ApiKey.revoked_at.is_(None)).values(revoked_at=now)
    return await _rows(session, query) == 1


# --- set-up links


async def setup_link_open(session: AsyncSession, token_hash: bytes) -> bool:
    query = select(SetupLink.token_hash).where(SetupLink.token_hash == token_hash, SetupLink.used_at.is_(None))
    return (await session.scalar(query)) is not None


async def use_setup_link(session: AsyncSession, token_hash: bytes, now: datetime) -> bool:
    """True for the one caller who turned it from open to used."""
    query = update(SetupLink).where(SetupLink.token_hash == token_hash, SetupLink.used_at.is_(None))
    return await _rows(session, query.values(used_at=now)) == 1


async def remove_open_setup_links(session: AsyncSession) -> None:
    await session.execute(delete(SetupLink).where(SetupLink.used_at.is_(None)))


async def _rows(session: AsyncSession, statement: object) -> int:
    result = await session.execute(statement)  # type: ignore[call-overload]
    assert isinstance(result, CursorResult)
    return result.rowcount
