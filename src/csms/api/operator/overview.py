"""The network in numbers, live enough for a first page, and what needs a person now."""

from datetime import datetime
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Query
from pydantic import Field

from csms.api.context import Context
from csms.api.rights import MayReadStations
from csms.api.routing import router
from csms.api.schemas import Out
from csms.domain.sessions import overview as numbers
from csms.kit.errors import Invalid

overview = router("/overview", "Overview")


class DayOut(Out):
    energy_wh: float = Field(description="delivered in these hours")
    sessions: int = Field(description="started in these hours")


class PowerPointOut(Out):
    at: datetime
    power_w: float = Field(description="mean over the quarter of an hour from `at` on")


class NeedOut(Out):
    kind: str = Field(description="faulted, offline, review, failed_start, refused or unknown")
    since: datetime
    station: str
    evse: int | None
    connector: int | None
    detail: str | None
    session_uid: UUID | None


class OverviewOut(Out):
    at: datetime
    stations: int
    online: int
    never_connected: int
    connectors: dict[str, int] = Field(description="by status; those of offline stations count as `offline`")
    active_sessions: int
    power_w: float
    today: DayOut
    week_ago: DayOut = Field(description="the same hours a week earlier")
    curve: list[PowerPointOut] = Field(description="the last 24 hours")
    failed_starts: int = Field(description="of the last 24 hours: refused, rejected, unanswered, or without a session")
    needs: list[NeedOut] = Field(description="the worst first; at most 50")
    needs_total: int


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        message = "is no time zone"
        errors = [{"in": "query", "field": "time_zone", "code": "time_zone", "message": message}]
        raise Invalid(f"time_zone: {message}.", errors=errors) from None


@overview.get("")
async def get_overview(
    _: MayReadStations,
    context: Context,
    time_zone: Annotated[str, Query(max_length=64, description="IANA name: where a day begins")] = "UTC",
) -> OverviewOut:
    now = context.clock.now()
    async with context.database.view() as session:
        found = await numbers.get_overview(session, now, _zone(time_zone))
    return OverviewOut.model_validate({**found._asdict(), "at": now})
