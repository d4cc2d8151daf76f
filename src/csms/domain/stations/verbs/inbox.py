"""The verbs on the inbox of unknown stations."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.accounts.rules import Actor
from csms.domain.audit import service as audit
from csms.domain.stations.credentials import Credential
from csms.domain.stations.errors import NotInInbox
from csms.domain.stations.model import Station, UnknownStation
from csms.domain.stations.store import inbox as store
from csms.domain.stations.verbs.stations import create_station
from csms.kit.bus import Bus
from csms.kit.paging import Page, Slice


async def list_unknown(session: AsyncSession, search: str | None, wanted: Slice) -> Page[UnknownStation]:
    items, total = await store.page(session, search, wanted)
    return Page(items, total, wanted.offset, wanted.limit)


async def get_unknown(session: AsyncSession, identity: str) -> UnknownStation:
    """Raises NotInInbox."""
    unknown = await store.find(session, identity)
    if unknown is None:
        raise NotInInbox(identity=identity)
    return unknown


async def adopt(
    session: AsyncSession,
    bus: Bus,
    actor: Actor,
    *,
    identity: str,
    credential: Credential,
    now: datetime,
    name: str | None = None,
    location_id: UUID | None = None,
    registration: str = "accepted",
) -> Station:
    """Make an unknown station ours. Raises NotInInbox and what `create_station` raises."""
    await get_unknown(session, identity)
    return await create_station(
        session,
        bus,
        actor,
        identity=identity,
        credential=credential,
        now=now,
        name=name,
        location_id=location_id,
        registration=registration,
    )


async def dismiss(session: AsyncSession, actor: Actor, identity: str, now: datetime) -> None:
    """Forget an unknown station; it comes back when it tries again."""
    unknown = await get_unknown(session, identity)
    before = {"address": unknown.address, "attempts": unknown.attempts}
    await audit.record(session, actor, "dismiss", "unknown_station", identity, before, None, now)
    await store.remove(session, [identity])
