"""Opening links: raise the fencing number and recall what is known of the stations."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import BindParameter, Connection, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningUpdate

from csms.domain.stations.limits import Said, limits_of
from csms.domain.stations.live import ConnectorState, StationState
from csms.domain.stations.model import Connector, Counter, Link, Station
from csms.kit.lookups import Lookup, filled

TRANSACTION_IDS = "transaction_id"
_STATIONS: Final = Lookup(  # with their connectors: asking twice costs more than saying a station's few words twice
    select(
        Station.id, Station.identity, Station.registration, Station.booted_at, Station.serial_number,
        Connector.evse, Connector.number, Connector.status, Connector.error_code, Connector.received_at,
        Connector.standard, Connector.max_power_w, Connector.max_current_a, Connector.max_voltage_v,
    ).outerjoin(Connector, Connector.station_id == Station.id),
    Station.id,
)  # fmt: skip


def _raised() -> ReturningUpdate[int, int]:
    """Made once: to put it together takes longer than to run it."""
    mine = select(Link.station_id).where(Link.station_id.in_(bindparam("stations", expanding=True)))
    # In one order, so that two gateways taking the same links wait for each other instead of blocking each other.
    held = mine.order_by(Link.station_id).with_for_update().cte("held")
    now: BindParameter[datetime] = bindparam("now")
    taken = {"online": True, "gateway": bindparam("by"), "connected_at": now, "seen_at": now}
    raised = update(Link).where(Link.station_id.in_(select(held.c.station_id))).values(epoch=Link.epoch + 1, **taken)
    return raised.returning(Link.station_id, Link.epoch).execution_options(synchronize_session=False)


_RAISED: Final = _raised()
_counters = Counter.__table__
_TAKEN_IDS: Final = (
    update(_counters)  # type: ignore[arg-type]
    .where(_counters.c.name == TRANSACTION_IDS)
    .values(value=_counters.c.value + bindparam("count"))
    .returning(_counters.c.value)
)


async def raise_epochs(session: AsyncSession, ids: Sequence[int], gateway: str, now: datetime) -> dict[int, int]:
    """Take the stations' links for `gateway`: whoever held them loses every later write. Gives each new epoch.

    Waits for what the former holder is committing; so what is read afterwards in this unit is all there is. Stations that do
    not exist (any more) are left out.
    """
    raised = await session.execute(_RAISED, {"stations": filled(ids), "by": gateway, "now": now})
    epochs = {row.station_id: row.epoch for row in raised}
    missing = [station_id for station_id in ids if station_id not in epochs]
    if missing:
        new = list((await session.execute(select(Station.id).where(Station.id.in_(missing)))).scalars())
        if new:
            taken = {"epoch": 1, "online": True, "gateway": gateway, "connected_at": now, "seen_at": now}
            await session.execute(insert(Link), [{"station_id": station_id, **taken} for station_id in new])
        epochs.update(dict.fromkeys(new, 1))
    return epochs


async def close_left_open(session: AsyncSession, gateway: str, now: datetime) -> None:
    """Mark as offline what a crashed predecessor of this gateway left as online."""
    await session.execute(
        update(Link).where(Link.online, Link.gateway == gateway).values(online=False, disconnected_at=now)
    )


def recall_stations(connection: Connection, ids: Sequence[int]) -> dict[int, StationState]:
    """The live state of stations, as committed; those that do not exist are left out."""
    states: dict[int, StationState] = {}
    said: list[Said] = []
    for row in _STATIONS.rows(connection, ids):
        state = states.get(row.id)
        if state is None:
            known = row.id, row.identity, row.registration, row.booted_at is not None, row.serial_number, row.booted_at
            state = states[row.id] = StationState(*known)
        if row.evse is None:
            continue
        state.connectors[row.evse, row.number] = ConnectorState(row.status, row.error_code, row.received_at)
        if row.evse > 0:
            said.append((row.id, row.evse, row.standard, row.max_power_w, row.max_current_a, row.max_voltage_v))
    for station_id, limits in limits_of(said).items():
        states[station_id].limits = limits
    return states


async def take_transaction_ids(session: AsyncSession, count: int) -> range:
    """A block of transaction ids that nobody else will ever get."""
    last: int | None = (await session.execute(_TAKEN_IDS, {"count": count})).scalar_one_or_none()
    if last is None:
        await session.execute(insert(Counter).values(name=TRANSACTION_IDS, value=count))
        last = count
    return range(last - count + 1, last + 1)
