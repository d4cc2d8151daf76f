"""Writes and lists the audit trail."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.audit.model import AuditEntry


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
) -> None:
    """Add an entry to the unit of work that makes the change; `action` is a verb (`create`), before and after are JSON."""
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
        )
    )
