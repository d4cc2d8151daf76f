"""The verbs on the tree of organisations."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.accounts import store
from csms.domain.accounts.errors import OrganisationCycle, OrganisationInUse, OrganisationNotFound
from csms.domain.accounts.model import Organisation
from csms.domain.accounts.rules import Actor
from csms.domain.audit import service as audit
from csms.kit.ids import uuid7
from csms.kit.paging import Page, Slice


def snapshot(organisation: Organisation) -> dict[str, Any]:
    """What the audit trail says of an organisation."""
    parent = organisation.parent_id
    return {"name": organisation.name, "parent_id": str(parent) if parent else None}


async def list_organisations(
    session: AsyncSession, part: Slice, *, parent_id: UUID | None = None, search: str | None = None
) -> Page[Organisation]:
    return await store.organisations(session, part, parent_id=parent_id, search=search)


async def get_organisation(session: AsyncSession, organisation_id: UUID, *, field: str | None = None) -> Organisation:
    """Raises OrganisationNotFound, naming the `field` of the request that pointed there."""
    organisation = await store.organisation(session, organisation_id)
    if organisation is None:
        raise OrganisationNotFound(**({"field": field} if field else {}))
    return organisation


async def create_organisation(
    session: AsyncSession, actor: Actor, *, name: str, parent_id: UUID | None, now: datetime
) -> Organisation:
    if parent_id is not None:
        await get_organisation(session, parent_id, field="parent_id")
    organisation = Organisation(id=uuid7(now), name=name, parent_id=parent_id, created_at=now, updated_at=now)
    session.add(organisation)
    await audit.record(
        session,
        actor,
        "create",
        "organisation",
        organisation.id,
        None,
        snapshot(organisation),
        now,
        organisation_id=organisation.id,
    )
    await session.flush()
    return organisation


async def change_organisation(
    session: AsyncSession, actor: Actor, organisation_id: UUID, changes: dict[str, Any], now: datetime
) -> Organisation:
    """Set what `changes` has of `name` and `parent_id`; raises OrganisationCycle."""
    organisation = await get_organisation(session, organisation_id)
    before = snapshot(organisation)
    parent_id = changes.get("parent_id")
    if parent_id is not None:
        await get_organisation(session, parent_id, field="parent_id")
        await _refuse_cycle(session, organisation_id, parent_id)
    for name, value in changes.items():
        setattr(organisation, name, value)
    if snapshot(organisation) != before:
        organisation.updated_at = now
        after = snapshot(organisation)
        await audit.record(
            session,
            actor,
            "change",
            "organisation",
            organisation_id,
            before,
            after,
            now,
            organisation_id=organisation_id,
        )
        await session.flush()
    return organisation


async def _refuse_cycle(session: AsyncSession, organisation_id: UUID, parent_id: UUID) -> None:
    parents = await store.organisation_parents(session)
    above: UUID | None = parent_id
    while above is not None:
        if above == organisation_id:
            raise OrganisationCycle(field="parent_id")
        above = parents.get(above)


async def remove_organisation(session: AsyncSession, actor: Actor, organisation_id: UUID, now: datetime) -> None:
    """Raises OrganisationInUse while anything belongs to it."""
    organisation = await get_organisation(session, organisation_id)
    await session.delete(organisation)
    await audit.record(
        session,
        actor,
        "remove",
        "organisation",
        organisation_id,
        snapshot(organisation),
        None,
        now,
        organisation_id=organisation_id,
    )
    try:
        await session.flush()
    except IntegrityError as error:
        raise OrganisationInUse from error
