"""Every query on certificates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final
from uuid import UUID

from sqlalchemy import Integer, Select, bindparam, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from csms.domain.certificates.model import (
    FAILED,
    INSTALLED,
    REFUSED,
    REQUESTED,
    SENT,
    InstalledCertificates,
    StationCertificate,
)
from csms.domain.commands.unanswered import unanswered
from csms.domain.stations.listing import read_keys
from csms.domain.stations.model import Station
from csms.kit.paging import Slice

SORTABLE = {
    "id": StationCertificate.id,
    "requested_at": StationCertificate.requested_at,
    "not_after": StationCertificate.not_after,
    "identity": StationCertificate.identity,
    "state": StationCertificate.state,
}

_OPEN_COUNT: Final = (
    select(func.count()).select_from(StationCertificate).where(StationCertificate.state.in_((REQUESTED, SENT)))
)


@dataclass(frozen=True, slots=True)
class CertificateFilter:
    station_id: int | None = None
    state: str | None = None
    revoked: bool | None = None
    expires_before: datetime | None = None


async def page(session: AsyncSession, asked: CertificateFilter, wanted: Slice) -> tuple[list[StationCertificate], int]:
    rows = StationCertificate
    query = select(rows.id)
    if asked.station_id is not None:
        query = query.where(rows.station_id == asked.station_id)
    if asked.state is not None:
        query = query.where(rows.state == asked.state)
    if asked.revoked is not None:
        query = query.where(rows.revoked_at.is_not(None) if asked.revoked else rows.revoked_at.is_(None))
    if asked.expires_before is not None:
        query = query.where(rows.not_after < asked.expires_before)
    keys, total = await read_keys(session, query, rows.id, SORTABLE, wanted)
    found = {row.id: row for row in await session.scalars(select(rows).where(rows.id.in_(keys)))}
    return [found[key] for key in keys if key in found], total


async def find(session: AsyncSession, certificate_id: UUID) -> StationCertificate | None:
    return await session.get(StationCertificate, certificate_id)


async def revoked(session: AsyncSession) -> list[tuple[str, datetime]]:
    """Serial numbers and since when: what was revoked, and what belonged to stations that are no more."""
    rows = StationCertificate
    columns = select(rows.serial_number, rows.revoked_at, rows.requested_at)
    gone = rows.serial_number.is_not(None) & or_(rows.revoked_at.is_not(None), rows.station_id.is_(None))
    found = await session.execute(columns.where(gone).order_by(rows.id))
    return [(serial_number, at or asked) for serial_number, at, asked in found if serial_number is not None]


async def waiting(session: AsyncSession, limit: int) -> Sequence[StationCertificate]:
    rows = StationCertificate
    query = select(rows).where(rows.state == REQUESTED, rows.station_id.is_not(None)).order_by(rows.id).limit(limit)
    return (await session.scalars(query)).all()


async def supersede(session: AsyncSession, now: datetime) -> None:
    """Of several requests of a station only the newest is signed."""
    rows, newer = StationCertificate, aliased(StationCertificate)
    later = exists().where(newer.station_id == rows.station_id, newer.state == REQUESTED, newer.id > rows.id)
    reason = "The station made another request before this one was signed."
    await session.execute(
        update(rows)
        .where(rows.state == REQUESTED, later)
        .values(state=REFUSED, reason=reason, settled_at=now)
        .execution_options(synchronize_session=False)
    )


async def claim(session: AsyncSession, row: StationCertificate, **values: object) -> bool:
    """Flip a request to sent, once, whoever does it."""
    mine = update(StationCertificate).where(StationCertificate.id == row.id, StationCertificate.state == REQUESTED)
    done = await session.execute(mine.values(state=SENT, **values).execution_options(synchronize_session=False))
    return done.rowcount == 1  # type: ignore[attr-defined,no-any-return]


async def open_count(session: AsyncSession) -> int:
    return await session.scalar(_OPEN_COUNT) or 0


async def give_up_unanswered(session: AsyncSession, now: datetime) -> None:
    rows = StationCertificate
    lost = update(rows).where(rows.state == SENT, unanswered(rows.command_id))
    await session.execute(lost.values(state=FAILED, settled_at=now).execution_options(synchronize_session=False))


async def to_renew(
    session: AsyncSession, before: datetime, asked_before: datetime, now: datetime, limit: int
) -> list[tuple[StationCertificate, Station]]:
    """Certificates in use that end before a time, whose station has none that lasts longer and was not asked of late."""
    values = {"before": before, "asked_before": asked_before, "now": now, "limit": limit}
    return [(certificate, station) for certificate, station in await session.execute(_to_renew(), values)]


@cache
def _to_renew() -> Select[StationCertificate, Station]:
    rows, longer = StationCertificate, aliased(StationCertificate)
    better = exists().where(
        longer.station_id == rows.station_id,
        longer.revoked_at.is_(None),
        or_(longer.not_after > rows.not_after, longer.state == REQUESTED),
    )
    return (
        select(rows, Station)
        .join(Station, Station.id == rows.station_id)
        .where(
            rows.state == INSTALLED,
            rows.revoked_at.is_(None),
            rows.not_after < bindparam("before"),
            rows.not_after > bindparam("now"),
            or_(rows.renewal_asked_at.is_(None), rows.renewal_asked_at < bindparam("asked_before")),
            ~better,
        )
        .order_by(rows.not_after)
        .limit(bindparam("limit", type_=Integer()))
    )


async def installed(session: AsyncSession, station_id: int) -> list[InstalledCertificates]:
    query = select(InstalledCertificates).where(InstalledCertificates.station_id == station_id)
    return list((await session.scalars(query.order_by(InstalledCertificates.use))).all())


async def stations_of(session: AsyncSession, ids: Sequence[int]) -> dict[int, Station]:
    return {station.id: station for station in await session.scalars(select(Station).where(Station.id.in_(ids)))}
