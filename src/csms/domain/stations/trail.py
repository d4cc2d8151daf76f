"""The audit trail of stations."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.audit import service as audit
from csms.domain.stations.model import Station


async def record(
    session: AsyncSession,
    actor: audit.Author,
    action: str,
    station: Station,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    now: datetime,
) -> None:
    """Add an entry about a station, to be seen by those who may see its location."""
    await audit.record(
        session, actor, action, "station", station.identity, before, after, now, location_id=station.location_id
    )
