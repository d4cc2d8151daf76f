"""Figures over time."""

from datetime import date, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.analytics import store
from csms.domain.analytics.model import NOWHERE, DailyTotal
from csms.kit.errors import Invalid

MOST_DAYS: Final = 400


class TooManyDays(Invalid):
    """At most 400 days can be shown together."""

    code = "too_many_days"


async def list_days(
    session: AsyncSession, since: date, until: date, location_id: UUID | None = None
) -> list[DailyTotal]:
    """Every day from `since` to `until`, also those on which nothing happened. Raises TooManyDays."""
    length = (until - since).days + 1
    if length > MOST_DAYS:
        raise TooManyDays
    found = {total.day: total for total in await store.totals(session, since, until, location_id)}
    nothing = {"location_id": location_id or NOWHERE, "sessions": 0, "energy_wh": 0, "faults": 0}
    days = [since + timedelta(days=number) for number in range(length)]
    return [found.get(day) or DailyTotal(day=day, **nothing) for day in days]
