"""What a route takes: a dependency for each right, which gives the actor and narrows what the request sees to where it holds.

A route that declares none sees nothing; `tests/api/test_rights.py` walks all of them.
"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from csms.api.context import OpenContext
from csms.api.security import SignedIn
from csms.api.within import WITHIN, narrowed
from csms.domain.accounts.errors import NotAllowed
from csms.domain.accounts.rules import NETWORK, Actor, Right, Scope, roles_with
from csms.domain.stations.model import Location, Station


def refusal(actor: Actor, right: Right) -> NotAllowed:
    """Who could do it, and who is asking."""
    able = ", ".join(roles_with(right)).replace("_", " ")
    mine = (actor.role or "none").replace("_", " ")
    where = " everywhere" if right in NETWORK else " here"
    return NotAllowed(f"This takes one of the roles {able}{where}; yours is {mine}.", right=right)


class May:
    """Raises NotAllowed when none of the actor's roles has the right."""

    def __init__(self, right: Right) -> None:
        self.right = right

    async def __call__(self, request: Request, actor: SignedIn, context: OpenContext) -> Actor:
        scope = actor.scope_of(self.right)
        if not scope:
            raise refusal(actor, self.right)
        seen = actor.scope_of(Right.STATIONS_READ)
        if scope != seen and not scope.everything:
            async with context.database.view() as session:
                if await _is_elsewhere(session, request, scope, seen):
                    raise refusal(actor, self.right)
        wanted = request.headers.get(WITHIN)
        if wanted is not None and request.method == "GET":
            scope = await narrowed(context.database, self.right, scope, wanted)
        request.state.scope = scope
        return actor


async def _is_elsewhere(session: AsyncSession, request: Request, scope: Scope, seen: Scope) -> bool:
    """Whether the path names a station or location that the actor sees, but may not do this to."""
    identity, location_id = request.path_params.get("identity"), request.path_params.get("location_id")
    query = select(Location.id, Location.organisation_id)
    if identity is not None:
        query = query.join(Station, Station.location_id == Location.id).where(Station.identity == identity)
    elif location_id is not None:
        try:
            query = query.where(Location.id == UUID(location_id))
        except ValueError:
            return False
    else:
        return False
    place = (await session.execute(query)).first()
    return place is not None and seen.covers(*place) and not scope.covers(*place)


MayReadStations = Annotated[Actor, Depends(May(Right.STATIONS_READ))]
MayChangeStations = Annotated[Actor, Depends(May(Right.STATIONS_WRITE))]
MayChangeLocations = Annotated[Actor, Depends(May(Right.LOCATIONS_WRITE))]
MayReadOrganisations = Annotated[Actor, Depends(May(Right.ORGANISATIONS_READ))]
MayChangeOrganisations = Annotated[Actor, Depends(May(Right.ORGANISATIONS_WRITE))]
MayReadSessions = Annotated[Actor, Depends(May(Right.SESSIONS_READ))]
MayReview = Annotated[Actor, Depends(May(Right.SESSIONS_REVIEW))]
MayReadCommands = Annotated[Actor, Depends(May(Right.COMMANDS_READ))]
MayCharge = Annotated[Actor, Depends(May(Right.COMMANDS_CHARGE))]
MayOperate = Annotated[Actor, Depends(May(Right.COMMANDS_OPERATE))]
MaySendRaw = Annotated[Actor, Depends(May(Right.COMMANDS_RAW))]
MayReadReservations = Annotated[Actor, Depends(May(Right.RESERVATIONS_READ))]
MayReserve = Annotated[Actor, Depends(May(Right.RESERVATIONS_WRITE))]
MayReadCharging = Annotated[Actor, Depends(May(Right.CHARGING_READ))]
MayLimitCharging = Annotated[Actor, Depends(May(Right.CHARGING_WRITE))]
MayChangeChargingProfiles = Annotated[Actor, Depends(May(Right.CHARGING_PROFILES_WRITE))]
MayReadConfiguration = Annotated[Actor, Depends(May(Right.CONFIGURATION_READ))]
MayConfigure = Annotated[Actor, Depends(May(Right.CONFIGURATION_WRITE))]
MayReadTemplates = Annotated[Actor, Depends(May(Right.TEMPLATES_READ))]
MayChangeTemplates = Annotated[Actor, Depends(May(Right.TEMPLATES_WRITE))]
MayReadMaintenance = Annotated[Actor, Depends(May(Right.MAINTENANCE_READ))]
MayMaintain = Annotated[Actor, Depends(May(Right.MAINTENANCE_WRITE))]
MayChangeFirmware = Annotated[Actor, Depends(May(Right.FIRMWARE_WRITE))]
MayReadCampaigns = Annotated[Actor, Depends(May(Right.CAMPAIGNS_READ))]
MayChangeCampaigns = Annotated[Actor, Depends(May(Right.CAMPAIGNS_WRITE))]
MayReadMessages = Annotated[Actor, Depends(May(Right.MESSAGES_READ))]
MayRetryReactions = Annotated[Actor, Depends(May(Right.REACTIONS_RETRY))]
MayReadSecurity = Annotated[Actor, Depends(May(Right.SECURITY_READ))]
MayChangeSecurity = Annotated[Actor, Depends(May(Right.SECURITY_WRITE))]
MayReadInbox = Annotated[Actor, Depends(May(Right.INBOX_READ))]
MayChangeInbox = Annotated[Actor, Depends(May(Right.INBOX_WRITE))]
MayReadIdTokens = Annotated[Actor, Depends(May(Right.ID_TOKENS_READ))]
MayChangeIdTokens = Annotated[Actor, Depends(May(Right.ID_TOKENS_WRITE))]
MayReadLocalLists = Annotated[Actor, Depends(May(Right.LOCAL_LISTS_READ))]
MaySendLocalLists = Annotated[Actor, Depends(May(Right.LOCAL_LISTS_WRITE))]
MayReadLocalListRules = Annotated[Actor, Depends(May(Right.LOCAL_LIST_RULES_READ))]
MayChangeLocalListRules = Annotated[Actor, Depends(May(Right.LOCAL_LIST_RULES_WRITE))]
MayReadUsers = Annotated[Actor, Depends(May(Right.USERS_READ))]
MayChangeUsers = Annotated[Actor, Depends(May(Right.USERS_WRITE))]
MayReadApiKeys = Annotated[Actor, Depends(May(Right.API_KEYS_READ))]
MayChangeApiKeys = Annotated[Actor, Depends(May(Right.API_KEYS_WRITE))]
MayReadAudit = Annotated[Actor, Depends(May(Right.AUDIT_READ))]
