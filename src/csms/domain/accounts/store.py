"""Every query about accounts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.accounts.model import ApiKey, Organisation, User, WebSession
from csms.domain.audit.listing import fetch_page
from csms.kit.paging import Page, Slice


async def api_key_by_hash(session: AsyncSession, key_hash: bytes) -> ApiKey | None:
    return await session.scalar(select(ApiKey).where(ApiKey.key_hash == key_hash))


async def web_session_by_hash(
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
    rows = await session.execute(select(Organisation.id, Organisation.parent_id))
    return {row[0]: row[1] for row in rows}
