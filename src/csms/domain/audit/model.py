"""The audit trail."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from csms.kit.tables import AutoId, Base


class AuditEntry(Base):
    """One change by a person or a script: who, when, what, and the subject before and after.

    `location_id` and `organisation_id` say where the subject was then; both empty: nowhere in particular.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index(None, "subject_kind", "subject_id"),
        Index(None, "at"),
        Index(None, "location_id"),
        Index(None, "organisation_id"),
    )

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    actor_kind: Mapped[str]
    action: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[str]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    location_id: Mapped[UUID | None]
    organisation_id: Mapped[UUID | None]
