"""Every query about the audit trail."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.audit.model import AuditEntry
from csms.kit.paging import Page, Slice, fetch_page


async def entries(
    session: AsyncSession,
    part: Slice,
    *,
    actor: str | None,
    action: str | None,
    subject_kind: str | None,
    subject_id: str | None,
    since: datetime | None,
    until: datetime | None,
) -> Page[AuditEntry]:
    query = select(AuditEntry)
    if actor:
        query = query.where(AuditEntry.actor.icontains(actor, autoescape=True))
    if action is not None:
        query = query.where(AuditEntry.action == action)
    if subject_kind is not None:
        query = query.where(AuditEntry.subject_kind == subject_kind)
    if subject_id is not None:
        query = query.where(AuditEntry.subject_id == subject_id)
    if since is not None:
        query = query.where(AuditEntry.at >= since)
    if until is not None:
        query = query.where(AuditEntry.at < until)
    return await fetch_page(session, query, part, {"at": AuditEntry.at}, default="-at", tie=AuditEntry.id)
