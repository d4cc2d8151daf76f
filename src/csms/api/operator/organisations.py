"""Organisations: operators, sub-operators and site hosts, in a tree."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query

from csms.api.context import Context
from csms.api.paging import PageOut, slice_of
from csms.api.rights import MayChangeOrganisations, MayReadOrganisations
from csms.api.routing import router
from csms.api.schemas import Body, Change, Name, Out
from csms.domain.accounts import service as accounts
from csms.domain.accounts.rules import Actor, Right
from csms.kit.errors import Invalid
from csms.kit.paging import Slice

organisations = router("/organisations", "Organisations")


class OrganisationOut(Out):
    id: UUID
    name: str
    parent_id: UUID | None
    created_at: datetime
    updated_at: datetime


class OrganisationIn(Body):
    name: Name
    parent_id: UUID | None = None


class OrganisationChange(Change):
    """Only what is sent is changed."""

    name: Name = ""
    parent_id: UUID | None = None


class ParentNeeded(Invalid):
    """Name an organisation of yours that it stands below; only who works everywhere makes one that stands alone."""

    code = "parent_needed"


def _refuse_root(actor: Actor, parent_id: UUID | None) -> None:
    if parent_id is None and not actor.scope_of(Right.ORGANISATIONS_WRITE).everything:
        raise ParentNeeded(field="parent_id")


@organisations.get("")
async def list_organisations(
    _: MayReadOrganisations,
    context: Context,
    part: Annotated[Slice, slice_of("name", "created_at", default="name")],
    parent_id: Annotated[UUID | None, Query(description="only those directly below this one")] = None,
    search: Annotated[str | None, Query(max_length=200, description="part of the name")] = None,
) -> PageOut[OrganisationOut]:
    async with context.database.view() as session:
        page = await accounts.list_organisations(session, part, parent_id=parent_id, search=search)
        return PageOut.of(page, OrganisationOut.model_validate)


@organisations.post("", status_code=201)
async def create_organisation(actor: MayChangeOrganisations, context: Context, body: OrganisationIn) -> OrganisationOut:
    _refuse_root(actor, body.parent_id)
    async with context.database.unit() as session:
        made = await accounts.create_organisation(
            session, actor, name=body.name, parent_id=body.parent_id, now=context.clock.now()
        )
        return OrganisationOut.model_validate(made)


@organisations.get("/{organisation_id}")
async def get_organisation(_: MayReadOrganisations, context: Context, organisation_id: UUID) -> OrganisationOut:
    async with context.database.view() as session:
        return OrganisationOut.model_validate(await accounts.get_organisation(session, organisation_id))


@organisations.patch("/{organisation_id}")
async def change_organisation(
    actor: MayChangeOrganisations, context: Context, organisation_id: UUID, body: OrganisationChange
) -> OrganisationOut:
    changes = body.model_dump(exclude_unset=True)
    if "parent_id" in changes:
        _refuse_root(actor, body.parent_id)
    async with context.database.unit() as session:
        changed = await accounts.change_organisation(session, actor, organisation_id, changes, context.clock.now())
        return OrganisationOut.model_validate(changed)


@organisations.delete("/{organisation_id}", status_code=204)
async def remove_organisation(actor: MayChangeOrganisations, context: Context, organisation_id: UUID) -> None:
    async with context.database.unit() as session:
        await accounts.remove_organisation(session, actor, organisation_id, context.clock.now())
