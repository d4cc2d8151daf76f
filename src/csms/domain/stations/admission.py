"""Who a station is that wants to connect: looked up by the identity in its URL."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.stations.credentials import OPEN, Credential
from csms.domain.stations.model import Link, Station


class Admitted(NamedTuple):
    """A station of ours and how it proves who it is."""

    station_id: int
    credential: Credential


def find(connection: Connection, identities: Sequence[str]) -> dict[str, Admitted]:
    """The stations among these identities."""
    columns = select(Station.identity, Station.id, Station.credential_kind, Station.credential)
    return {
        identity: Admitted(station_id, Credential(kind, sealed))
        for identity, station_id, kind, sealed in connection.execute(columns.where(Station.identity.in_(identities)))
    }


async def accept_unknown(session: AsyncSession, identities: Sequence[str], now: datetime) -> None:
    """Make stations, open to anyone who knows the identity, of those that are not known yet."""
    connection = await session.connection()
    known = await connection.run_sync(find, identities)
    new = [identity for identity in dict.fromkeys(identities) if identity not in known]
    if not new:
        return
    facts = {"registration": "accepted", "credential_kind": OPEN, "created_at": now, "updated_at": now}
    await session.execute(insert(Station), [{"identity": identity, **facts} for identity in new])
    made = await connection.run_sync(find, new)
    links = [{"station_id": station.station_id, "epoch": 0, "online": False} for station in made.values()]
    await session.execute(insert(Link), links)
