"""Sessions, energy and faults by location and local day."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import Field

from csms.api.context import Context
from csms.api.rights import MayReadSessions
from csms.api.routing import router
from csms.api.schemas import Out
from csms.domain.analytics import service as analytics

daily_totals = router("/daily-totals", "Overview")


class DailyTotalOut(Out):
    day: date = Field(description="in each location's own time zone")
    sessions: int = Field(description="that began on this day and have ended")
    energy_wh: int = Field(description="which these delivered")
    faults: int = Field(description="that connectors reported")


@daily_totals.get("")
async def list_daily_totals(
    _: MayReadSessions,
    context: Context,
    since: Annotated[date, Query(alias="from", description="the first day")],
    until: Annotated[date, Query(alias="to", description="the last day")],
    location: Annotated[UUID | None, Query(description="only at this location")] = None,
) -> list[DailyTotalOut]:
    """One entry a day, at most 400; of all locations together unless one is named."""
    async with context.database.view() as session:
        days = await analytics.list_days(session, since, until, location)
    return [DailyTotalOut.model_validate(day) for day in days]
