"""The audit trail: who changed what, and when."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Query

from csms.api.context import Context
from csms.api.paging import PageOut, slice_of
from csms.api.routing import router
from csms.api.schemas import Out, Time
from csms.api.security import Administrator
from csms.domain.audit import service as trail
from csms.kit.paging import Slice

audit = router("/audit", "Audit trail")

Filter = Annotated[str | None, Query(max_length=300)]


class AuditEntryOut(Out):
    id: int
    at: datetime
    actor_kind: str
    actor: str
    action: str
    subject_kind: str
    subject_id: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


@audit.get("")
async def list_audit_entries(
    _: Administrator,
    context: Context,
    part: Annotated[Slice, slice_of("at", default="-at")],
    actor: Annotated[str | None, Query(max_length=300, description="part of the actor's name")] = None,
    action: Filter = None,
    subject_kind: Filter = None,
    subject_id: Filter = None,
    since: Annotated[Time | None, Query(alias="from", description="from this time on")] = None,
    until: Annotated[Time | None, Query(alias="to", description="before this time")] = None,
) -> PageOut[AuditEntryOut]:
    async with context.database.view() as session:
        page = await trail.list_entries(
            session,
            part,
            actor=actor,
            action=action,
            subject_kind=subject_kind,
            subject_id=subject_id,
            since=since,
            until=until,
        )
        return PageOut.of(page, AuditEntryOut.model_validate)
