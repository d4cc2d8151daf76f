"""What people say of a station's evses and connectors: their names, plugs and power."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.accounts.rules import Actor
from csms.domain.audit import service as audit
from csms.domain.stations.bells import JUDGED_BY, ring_after_commit
from csms.domain.stations.checks import check_text
from csms.domain.stations.errors import ConnectorNotFound, EvseNotFound
from csms.domain.stations.model import Connector, Evse, Station
from csms.domain.stations.verbs.stations import get_station
from csms.kit.bus import Bus


async def change_evse(
    session: AsyncSession, bus: Bus, actor: Actor, identity: str, number: int, changes: Mapping[str, Any], now: datetime
) -> None:
    """Set its name. Raises StationNotFound, EvseNotFound."""
    station = await get_station(session, identity)
    evse = await session.get(Evse, (station.id, number))
    if evse is None:
        raise EvseNotFound
    await _change(session, bus, actor, station, f"evse {number}", evse, changes, now)


async def change_connector(
    session: AsyncSession,
    bus: Bus,
    actor: Actor,
    identity: str,
    evse: int,
    number: int,
    changes: Mapping[str, Any],
    now: datetime,
) -> None:
    """Set its standard, format and limits. Raises StationNotFound, ConnectorNotFound."""
    station = await get_station(session, identity)
    connector = await session.get(Connector, (station.id, evse, number))
    if connector is None:
        raise ConnectorNotFound
    await _change(session, bus, actor, station, f"connector {evse}.{number}", connector, changes, now)


async def _change(
    session: AsyncSession,
    bus: Bus,
    actor: Actor,
    station: Station,
    part: str,
    row: Evse | Connector,
    changes: Mapping[str, Any],
    now: datetime,
) -> None:
    wanted = {name: check_text(value, name) if isinstance(value, str) else value for name, value in changes.items()}
    before = {name: getattr(row, name) for name in wanted}
    if before == wanted:
        return
    for name, value in wanted.items():
        setattr(row, name, value)
    said = {"part": part}
    await audit.record(
        session, actor, "change", "station", station.identity, said | before, said | wanted, now,
        location_id=station.location_id,
    )  # fmt: skip
    ring_after_commit(session, bus, f"live.{station.id}", f"{JUDGED_BY}{station.id}")
