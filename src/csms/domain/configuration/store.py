"""Every query on wanted configuration."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final
from uuid import UUID

from msgspec import json
from sqlalchemy import Integer, Select, and_, bindparam, delete, exists, false, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.commands.unanswered import unanswered
from csms.domain.configuration.model import (
    QUEUED,
    SENT,
    ConfigurationState,
    ConfigurationTemplate,
    PendingReboot,
    WantedKey,
)
from csms.domain.configuration.views import KeyView
from csms.domain.stations.model import ConfigurationKey, Link, Station
from csms.domain.stations.selection import selection_of
from csms.kit.tables import UtcTime

_ASK: Final = text(
    "INSERT INTO configuration_states (station_id, asked_at) SELECT id, :now FROM stations WHERE id IN :ids "
    "ON CONFLICT (station_id) DO UPDATE SET asked_at = excluded.asked_at "
    "WHERE configuration_states.asked_at IS NULL OR configuration_states.asked_at < "
    "(SELECT booted_at FROM stations WHERE stations.id = excluded.station_id) RETURNING station_id"
).bindparams(bindparam("now", type_=UtcTime()), bindparam("ids", expanding=True))
SETTLING = timedelta(seconds=5)  # after a boot a station has other things to say first

# Made once: they are asked every two seconds while stations wait.
_TEMPLATES: Final = select(ConfigurationTemplate).order_by(
    ConfigurationTemplate.priority.desc(), ConfigurationTemplate.name
)
_ENABLED_TEMPLATES: Final = _TEMPLATES.where(ConfigurationTemplate.enabled)
_STAMP: Final = select(func.count(), func.max(ConfigurationTemplate.updated_at))
_NEVER_READ: Final = (
    select(Station.id)
    .join(Link, Link.station_id == Station.id)
    .outerjoin(ConfigurationState, ConfigurationState.station_id == Station.id)
    .where(
        Link.online,
        Station.booted_at >= Link.connected_at,
        Station.booted_at <= bindparam("settled"),
        or_(ConfigurationState.asked_at.is_(None), ConfigurationState.asked_at < Station.booted_at),
        or_(
            ~exists().where(ConfigurationKey.station_id == Station.id),
            exists().where(PendingReboot.station_id == Station.id, PendingReboot.since < Station.booted_at),
        ),
    )
    .limit(bindparam("most", type_=Integer()))
)


async def templates(session: AsyncSession, *, enabled: bool = False) -> Sequence[ConfigurationTemplate]:
    return (await session.scalars(_ENABLED_TEMPLATES if enabled else _TEMPLATES)).all()


async def find_template(session: AsyncSession, template_id: UUID) -> ConfigurationTemplate | None:
    return await session.get(ConfigurationTemplate, template_id)


async def stamp(session: AsyncSession) -> str:
    """A name for the present state of all templates."""
    return "/".join(str(part) for part in (await session.execute(_STAMP)).one())


async def states(session: AsyncSession, station_ids: Sequence[int]) -> dict[int, ConfigurationState]:
    """The stations' rows, made if need be and held against others until the unit of work ends."""
    query = select(ConfigurationState).where(ConfigurationState.station_id.in_(station_ids)).with_for_update()
    known = {row.station_id: row for row in await session.scalars(query)}
    begun = {id_: ConfigurationState(station_id=id_) for id_ in station_ids if id_ not in known}
    session.add_all(begun.values())
    return known | begun


async def ask(session: AsyncSession, station_ids: Sequence[int], now: datetime) -> list[int]:
    """Note that these stations are asked for their keys; gives those that had not been since their boot."""
    return list((await session.execute(_ASK, {"ids": station_ids, "now": now})).scalars())


async def wanted(session: AsyncSession, station_id: int) -> Sequence[WantedKey]:
    query = select(WantedKey).where(WantedKey.station_id == station_id).order_by(WantedKey.key)
    return (await session.scalars(query.execution_options(populate_existing=True))).all()


async def reported(session: AsyncSession, station_id: int) -> dict[str, ConfigurationKey]:
    rows = await session.scalars(select(ConfigurationKey).where(ConfigurationKey.station_id == station_id))
    return {row.key: row for row in rows}


async def pending(session: AsyncSession, station_id: int) -> Sequence[PendingReboot]:
    query = select(PendingReboot).where(PendingReboot.station_id == station_id).order_by(PendingReboot.key)
    return (await session.scalars(query.execution_options(populate_existing=True))).all()


async def forget_taken(session: AsyncSession, station_ids: Sequence[int]) -> None:
    """Forget the values that these stations have taken with their last boot."""
    booted_at = select(Station.booted_at).where(Station.id == PendingReboot.station_id).scalar_subquery()
    over = delete(PendingReboot).where(PendingReboot.station_id.in_(station_ids), PendingReboot.since < booted_at)
    await session.execute(over.execution_options(synchronize_session=False))


async def lost(session: AsyncSession, station_id: int) -> set[str]:
    """Keys whose command will never be answered."""
    query = select(WantedKey.key).where(
        WantedKey.station_id == station_id, WantedKey.state == SENT, unanswered(WantedKey.command_id)
    )
    return set((await session.scalars(query)).all())


async def views(
    session: AsyncSession, *, station_id: int | None = None, template_id: UUID | None = None, limit: int = 10_000
) -> list[KeyView]:
    query = (
        select(
            WantedKey,
            ConfigurationKey.value,
            ConfigurationKey.reported_at,
            Station.identity,
            ConfigurationTemplate.name,
        )
        .join(Station, Station.id == WantedKey.station_id)
        .join(ConfigurationTemplate, ConfigurationTemplate.id == WantedKey.template_id)
        .outerjoin(
            ConfigurationKey,
            and_(ConfigurationKey.station_id == WantedKey.station_id, ConfigurationKey.key == WantedKey.key),
        )
        .order_by(Station.identity, WantedKey.key)
        .limit(limit)
    )
    if station_id is not None:
        query = query.where(WantedKey.station_id == station_id)
    if template_id is not None:
        query = query.where(WantedKey.template_id == template_id)
    return [KeyView(*row) for row in await session.execute(query)]


async def missing(session: AsyncSession, most: int) -> Sequence[int]:
    """Stations that a template applies to and that have no state yet."""
    statement, _ = _of_chosen(await _chosen(session))
    return (await session.scalars(statement, {"most": most})).all()


async def never_read(session: AsyncSession, now: datetime, most: int) -> Sequence[int]:
    """Stations that booted in their present connection and whose keys we never saw; asked once a boot."""
    return (await session.scalars(_NEVER_READ, {"settled": now - SETTLING, "most": most})).all()


async def to_compare(session: AsyncSession, stamp_: str, most: int) -> Sequence[int]:
    """Stations whose wanted keys may stand otherwise than we last saw."""
    _, statement = _of_chosen(await _chosen(session))
    return (await session.scalars(statement, {"stamp": stamp_, "most": most})).all()


async def _chosen(session: AsyncSession) -> tuple[bytes, ...]:
    """The selections of all templates that apply."""
    return tuple(json.encode(row.selection, order="sorted") for row in await templates(session, enabled=True))


@lru_cache(8)
def _of_chosen(selections: tuple[bytes, ...]) -> tuple[Select[int], Select[int]]:
    """The statements of `missing` and `to_compare`."""
    chosen = or_(false(), *[selection_of(json.decode(selection)).condition() for selection in selections])
    known = exists().where(ConfigurationState.station_id == Station.id)
    most = bindparam("most", type_=Integer())
    missing = select(Station.id).where(chosen, ~known).limit(most)
    own = WantedKey.station_id == ConfigurationState.station_id
    answered = and_(WantedKey.state == SENT, or_(WantedKey.answer.is_not(None), unanswered(WantedKey.command_id)))
    told = exists().where(
        ConfigurationKey.station_id == ConfigurationState.station_id,
        ConfigurationKey.reported_at > ConfigurationState.compared_at,
    )
    online = exists().where(Link.station_id == ConfigurationState.station_id, Link.online)
    to_send = and_(
        exists().where(own, WantedKey.state == QUEUED), ~exists().where(own, WantedKey.state == SENT), online
    )
    to_compare = (
        select(ConfigurationState.station_id)
        .join(Station, Station.id == ConfigurationState.station_id)
        .where(
            or_(
                and_(
                    or_(ConfigurationState.stamp.is_(None), ConfigurationState.stamp != bindparam("stamp")),
                    or_(exists().where(own), chosen),
                ),
                Station.booted_at > ConfigurationState.compared_at,
                exists().where(own, answered),
                to_send,
                and_(exists().where(own), told),
            )
        )
        .limit(most)
    )
    return missing, to_compare
