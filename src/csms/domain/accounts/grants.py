"""The verbs on grants: which role somebody has, and where."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.accounts import store
from csms.domain.accounts.errors import AmbiguousGrant, NoGrant
from csms.domain.accounts.model import ApiKey, Grant, User
from csms.domain.accounts.organisations import get_organisation
from csms.domain.accounts.rules import EVERYWHERE, Granted, Role, Scope
from csms.kit.ids import uuid7


class NewGrant(NamedTuple):
    """A role in an organisation and all below it, or at a location; of neither it holds everywhere."""

    role: Role
    organisation_id: UUID | None = None
    location_id: UUID | None = None


async def granted_to(session: AsyncSession, holder_id: UUID) -> tuple[Granted, ...]:
    """What a user or an API key may do, with organisations below those that were granted."""
    grants = await store.grants_of(session, [holder_id])
    tree = await store.organisation_tree(session) if any(grant.organisation_id for grant in grants) else {}
    return tuple(Granted(grant.role, _scope(grant, tree), grant.organisation_id) for grant in grants)


def _scope(grant: Grant, tree: dict[UUID, list[UUID]]) -> Scope:
    if grant.location_id is not None:
        return Scope(locations=frozenset({grant.location_id}))
    return Scope(organisations=_within(grant.organisation_id, tree)) if grant.organisation_id else EVERYWHERE


def _within(organisation_id: UUID, tree: dict[UUID, list[UUID]]) -> frozenset[UUID]:
    found, waiting = set[UUID](), [organisation_id]
    while waiting:
        next_ = waiting.pop()
        if next_ not in found:
            found.add(next_)
            waiting += tree.get(next_, ())
    return frozenset(found)


async def organisations_below(session: AsyncSession, organisation_id: UUID) -> frozenset[UUID]:
    """The organisation itself, and all below it."""
    return _within(organisation_id, await store.organisation_tree(session))


async def list_grants(session: AsyncSession, holders: Iterable[UUID]) -> dict[UUID, list[Grant]]:
    """The grants of users or API keys, by holder, in the order they were given."""
    found: dict[UUID, list[Grant]] = {holder: [] for holder in holders}
    for grant in await store.grants_of(session, list(found)):
        found[grant.holder_id].append(grant)
    return found


async def grants_of(session: AsyncSession, holder_id: UUID) -> Sequence[Grant]:
    return await store.grants_of(session, [holder_id])


async def set_grants(
    session: AsyncSession, holder: User | ApiKey, wanted: Sequence[NewGrant], now: datetime
) -> Sequence[Grant]:
    """In place of those there were. Raises NoGrant, AmbiguousGrant, OrganisationNotFound."""
    if not wanted:
        raise NoGrant(field="grants")
    for grant in wanted:
        if grant.organisation_id is not None and grant.location_id is not None:
            raise AmbiguousGrant(field="grants")
        if grant.organisation_id is not None:
            await get_organisation(session, grant.organisation_id, field="grants")
    await store.remove_grants_of(session, holder.id)
    whose = {"user_id" if isinstance(holder, User) else "api_key_id": holder.id}
    given = [
        Grant(id=uuid7(now), role=str(role), organisation_id=organisation_id, location_id=location_id, **whose)
        for role, organisation_id, location_id in dict.fromkeys(wanted)
    ]
    session.add_all(given)
    await session.flush()
    return given


def place_of(grants: Sequence[Grant]) -> dict[str, UUID | None]:
    """Where the audit trail looks for somebody with these grants: where the first holds."""
    first = grants[0] if grants else None
    return {
        "organisation_id": first.organisation_id if first else None,
        "location_id": first.location_id if first else None,
    }


def grant_snapshots(grants: Iterable[Grant]) -> list[dict[str, Any]]:
    """What the audit trail says of grants."""
    return [
        {
            "role": grant.role,
            "organisation_id": str(grant.organisation_id) if grant.organisation_id else None,
            "location_id": str(grant.location_id) if grant.location_id else None,
        }
        for grant in grants
    ]
