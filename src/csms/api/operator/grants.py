"""Roles and where they hold, as users and API keys have them."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from csms.api.schemas import Body, Out
from csms.domain.accounts.errors import AmbiguousGrant, BeyondReach, NoGrant
from csms.domain.accounts.grants import NewGrant
from csms.domain.accounts.model import Grant
from csms.domain.accounts.rules import Actor, Right, Role
from csms.domain.accounts.service import get_organisation, list_grants
from csms.domain.stations.verbs.locations import get_location
from csms.kit.errors import NotFound


class GrantBody(Body):
    """A role in an organisation and all below it, or at a location; of neither it holds everywhere."""

    role: Role
    organisation_id: UUID | None = None
    location_id: UUID | None = None


class GrantOut(Out):
    """A role in an organisation and all below it, or at a location; of neither it holds everywhere."""

    role: str
    organisation_id: UUID | None
    location_id: UUID | None


class Granting(Body):
    """`role` alone is short for one grant of it everywhere."""

    role: Role | None = Field(default=None, description="short for one grant of this role everywhere")
    grants: list[GrantBody] | None = Field(default=None, min_length=1, max_length=100)


def wanted(body: Granting) -> list[NewGrant] | None:
    """None when the body says nothing of roles; raises AmbiguousGrant."""
    if body.role is not None and body.grants is not None:
        raise AmbiguousGrant("Give a role or grants, not both.", field="grants")
    if body.role is not None:
        return [NewGrant(body.role)]
    if body.grants is None:
        return None
    return [NewGrant(grant.role, grant.organisation_id, grant.location_id) for grant in body.grants]


def needed(body: Granting) -> list[NewGrant]:
    """Raises NoGrant."""
    grants = wanted(body)
    if grants is None:
        raise NoGrant(field="grants")
    return grants


async def refuse_beyond_reach(
    session: AsyncSession, actor: Actor, right: Right, grants: Sequence[NewGrant | Grant], *, new: bool
) -> None:
    """Roles are given and taken only where the actor has the right; the session must be narrowed to there.

    Raises BeyondReach, and of `new` ones OrganisationNotFound, LocationNotFound.
    """
    if actor.scope_of(right).everything and not new:
        return
    for grant in grants:
        if grant.organisation_id is not None and grant.location_id is not None:
            raise AmbiguousGrant(field="grants")
        try:
            if grant.organisation_id is not None:
                await get_organisation(session, grant.organisation_id, field="grants")
            elif grant.location_id is not None:
                await get_location(session, grant.location_id)
            elif not actor.scope_of(right).everything:
                raise BeyondReach
        except NotFound as error:
            raise error if new else BeyondReach from error


async def refuse_beyond_reach_of(session: AsyncSession, actor: Actor, right: Right, holder_id: UUID) -> None:
    """Somebody who also works where the actor has no say is changed by others; raises BeyondReach."""
    held = (await list_grants(session, [holder_id]))[holder_id]
    await refuse_beyond_reach(session, actor, right, held, new=False)
