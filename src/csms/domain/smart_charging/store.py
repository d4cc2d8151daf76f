"""Every query on charging profiles."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.smart_charging.model import ChargingProfile, InstalledProfile, ReportedSchedule
from csms.domain.stations.listing import read_keys
from csms.domain.stations.model import ConfigurationKey, Counter
from csms.kit.paging import Slice

SORTABLE = {"name": ChargingProfile.name, "created_at": ChargingProfile.created_at,
            "updated_at": ChargingProfile.updated_at}  # fmt: skip
_NUMBERS = "charging_profile"


async def find(session: AsyncSession, profile_id: UUID) -> ChargingProfile | None:
    return await session.get(ChargingProfile, profile_id)


async def page(session: AsyncSession, wanted: Slice) -> tuple[list[ChargingProfile], int]:
    keys, total = await read_keys(session, select(ChargingProfile.id), ChargingProfile.id, SORTABLE, wanted)
    rows = await session.scalars(select(ChargingProfile).where(ChargingProfile.id.in_(keys)))
    by_key = {row.id: row for row in rows}
    return [by_key[key] for key in keys if key in by_key], total


async def installed(session: AsyncSession, station_id: int) -> Sequence[InstalledProfile]:
    query = select(InstalledProfile).where(
        InstalledProfile.station_id == station_id, InstalledProfile.cleared_at.is_(None)
    )
    order = (InstalledProfile.evse, InstalledProfile.purpose, InstalledProfile.stack_level.desc())
    return (await session.scalars(query.order_by(*order))).all()


async def number_at(session: AsyncSession, station_id: int, evse: int, purpose: str, stack_level: int) -> int | None:
    """The number of the profile that one like this would replace."""
    row = await session.get(InstalledProfile, (station_id, evse, purpose, stack_level))
    return row.number if row is not None and row.cleared_at is None else None


async def new_number(session: AsyncSession) -> int:
    """A number that no profile of any station has: a station replaces what has the same (OCPP 1.6 §5.16.3)."""
    taken = update(Counter).where(Counter.name == _NUMBERS).values(value=Counter.value + 1).returning(Counter.value)
    number = (await session.execute(taken)).scalar_one_or_none()
    if number is None:
        await session.execute(insert(Counter).values(name=_NUMBERS, value=1))
        number = 1
    return number


async def reported(session: AsyncSession, station_id: int, evse: int) -> ReportedSchedule | None:
    query = select(ReportedSchedule).where(ReportedSchedule.station_id == station_id, ReportedSchedule.evse == evse)
    return await session.scalar(query.execution_options(populate_existing=True))


async def key(session: AsyncSession, station_id: int, name: str) -> str | None:
    row = await session.get(ConfigurationKey, (station_id, name))
    return row.value if row is not None else None
