"""Writes and lists the audit trail."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.audit import store
from csms.domain.audit.model import AuditEntry
from csms.kit.paging import Page, Slice


class Author(Protocol):
    """Who changed something; `label` names one person or key and no other."""

    @property
    def kind(self) -> str: ...
    @property
    def label(self) -> str: ...


async def record(
    session: AsyncSession,
    actor: Author,
    action: str,
    subject_kind: str,
    subject_id: object,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    now: datetime,
    *,
    location_id: UUID | None = None,
    organisation_id: UUID | None = None,
) -> None:
    """Add an entry to the unit of work that makes the change; `action` is a verb (`create`), before and after are JSON.

    Where the subject is decides who sees the entry besides those who see everything.
    """
    session.add(
        AuditEntry(
            at=now,
            actor=actor.label,
            actor_kind=actor.kind,
            action=action,
            subject_kind=subject_kind,
            subject_id=str(subject_id),
            before=dict(before) if before is not None else None,
            after=dict(after) if after is not None else None,
            location_id=location_id,
            organisation_id=organisation_id,
        )
    )


async def list_entries(
    session: AsyncSession,
    part: Slice,
    *,
    actor: str | None = None,
    action: str | None = None,
    subject_kind: str | None = None,
    subject_id: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Page[AuditEntry]:
    """Entries from `since` on and before `until`, of which the actor's label contains `actor`."""
    return await store.entries(
        session,
        part,
        actor=actor,
        action=action,
        subject_kind=subject_kind,
        subject_id=subject_id,
        since=since,
        until=until,
    )
