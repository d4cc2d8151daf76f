"""The audit trail: who changed what, and when."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import Field

from csms.api.context import Context
from csms.api.paging import PageOut, slice_of
from csms.api.rights import MayReadAudit
from csms.api.routing import router
from csms.api.schemas import Out, Time
from csms.api.scoping import narrow
from csms.domain.accounts import service as accounts
from csms.domain.accounts.rules import Scope
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
    organisation_id: UUID | None = Field(description="where the subject was, if it was somewhere")
    location_id: UUID | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None


@audit.get("")
async def list_audit_entries(
    _: MayReadAudit,
    context: Context,
    part: Annotated[Slice, slice_of("at", default="-at")],
    actor: Annotated[str | None, Query(max_length=300, description="part of the actor's name")] = None,
    action: Filter = None,
    subject_kind: Filter = None,
    subject_id: Filter = None,
    organisation_id: Annotated[UUID | None, Query(description="with all below it")] = None,
    since: Annotated[Time | None, Query(alias="from", description="from this time on")] = None,
    until: Annotated[Time | None, Query(alias="to", description="before this time")] = None,
) -> PageOut[AuditEntryOut]:
    async with context.database.view() as session:
        if organisation_id is not None:
            await accounts.get_organisation(session, organisation_id)
            below = await accounts.organisations_below(session, organisation_id)
            narrow(session, Scope(organisations=below))
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
