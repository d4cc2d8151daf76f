"""Opening links: raise the fencing number and recall what is known of the stations."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.stations.live import ConnectorState, StationState
from csms.domain.stations.model import Connector, Counter, Link, Station
from csms.kit.lookups import Lookup, filled

TRANSACTION_IDS = "transaction_id"
_STATIONS: Final = Lookup(
    select(Station.id, Station.identity, Station.registration, Station.booted_at, Station.serial_number), Station.id
)
_CONNECTORS: Final = Lookup(
    select(
        Connector.station_id, Connector.evse, Connector.number, Connector.status, Connector.error_code,
        Connector.received_at,
    ),
    Connector.station_id,
)  # fmt: skip


async def raise_epochs(session: AsyncSession, ids: Sequence[int], gateway: str, now: datetime) -> dict[int, int]:
    """Take the stations' links for `gateway`: whoever held them loses every later write. Gives each new epoch.

    Waits for what the former holder is committing; so what is read afterwards in this unit is all there is. Stations that do
    not exist (any more) are left out.
    """
    taken = {"online": True, "gateway": gateway, "connected_at": now, "seen_at": now}
    mine = Link.station_id.in_(filled(ids))
    # In one order, so that two gateways taking the same links wait for each other instead of blocking each other.
    await session.execute(select(Link.station_id).where(mine).order_by(Link.station_id).with_for_update())
    raised = update(Link).where(mine).values(epoch=Link.epoch + 1, **taken).returning(Link.station_id, Link.epoch)
    epochs = {station_id: epoch for station_id, epoch in await session.execute(raised)}  # noqa: C416 - a Row is no tuple to mypy
    missing = [station_id for station_id in ids if station_id not in epochs]
    if missing:
        new = list((await session.execute(select(Station.id).where(Station.id.in_(missing)))).scalars())
        if new:
            await session.execute(insert(Link), [{"station_id": station_id, "epoch": 1, **taken} for station_id in new])
        epochs.update(dict.fromkeys(new, 1))
    return epochs


async def close_left_open(session: AsyncSession, gateway: str, now: datetime) -> None:
    """Mark as offline what a crashed predecessor of this gateway left as online."""
    await session.execute(
        update(Link).where(Link.online, Link.gateway == gateway).values(online=False, disconnected_at=now)
    )


def recall_stations(connection: Connection, ids: Sequence[int]) -> dict[int, StationState]:
    """The live state of stations, as committed; those that do not exist are left out."""
    states = {
        station_id: StationState(station_id, identity, registration, booted_at is not None, serial_number, booted_at)
        for station_id, identity, registration, booted_at, serial_number in _STATIONS.rows(connection, ids)
    }
    for station_id, evse, number, status, error_code, received_at in _CONNECTORS.rows(connection, ids):
        if station_id in states:
            states[station_id].connectors[evse, number] = ConnectorState(status, error_code, received_at)
    return states


async def take_transaction_ids(session: AsyncSession, count: int) -> range:
    """A block of transaction ids that nobody else will ever get."""
    taken = update(Counter).where(Counter.name == TRANSACTION_IDS).values(value=Counter.value + count)
    last = (await session.execute(taken.returning(Counter.value))).scalar_one_or_none()
    if last is None:
        await session.execute(insert(Counter).values(name=TRANSACTION_IDS, value=count))
        last = count
    return range(last - count + 1, last + 1)
