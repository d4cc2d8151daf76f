"""Where a caller wants to look: a header narrows what a request sees to an organisation and all below it, or to a location."""

from typing import Final
from uuid import UUID

from sqlalchemy import select

from csms.domain.accounts import service as accounts
from csms.domain.accounts.rules import NOWHERE, Right, Scope
from csms.domain.stations.model import Location
from csms.kit.database import Database
from csms.kit.errors import Invalid

WITHIN: Final = "Bluesky-Within"
# What belongs to organisations and never to a location: there, what its organisation has is meant.
_OF_ORGANISATIONS: Final = frozenset({Right.ID_TOKENS_READ})


class UnclearPlace(Invalid):
    """Bluesky-Within is `organisation=` or `location=` and its id."""

    code = "unclear_place"


async def narrowed(database: Database, right: Right, scope: Scope, wanted: str) -> Scope:
    """What of a right's scope lies in the wanted place; nothing of it where they do not meet. Raises UnclearPlace."""
    kind, _, text = wanted.partition("=")
    try:
        place = UUID(text)
    except ValueError:
        raise UnclearPlace from None
    async with database.view() as session:
        if kind == "location":
            owner = await session.scalar(select(Location.organisation_id).where(Location.id == place))
            if right in _OF_ORGANISATIONS:
                return Scope(organisations=frozenset({owner})) if owner and scope.covers(None, owner) else NOWHERE
            return Scope(locations=frozenset({place})) if scope.covers(place, owner) else NOWHERE
        if kind != "organisation":
            raise UnclearPlace
        below = await accounts.organisations_below(session, place)
        owned = await session.scalars(select(Location.id).where(Location.organisation_id.in_(below)))
    if scope.everything:
        return Scope(organisations=below)
    return Scope(organisations=below & scope.organisations, locations=frozenset(owned) & scope.locations)
