"""Who a station is that wants to connect: looked up by the identity in its URL."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.stations.credentials import OPEN, Credential
from csms.domain.stations.model import Link, PasswordChange, ProfileChange, Station

ON_ITS_WAY = "asked"
GOOD_BESIDE = frozenset({"accepted", "unanswered"})


class Admitted(NamedTuple):
    """A station of ours and how it proves who it is.

    `security_profile` is the least it must have. `next_credential` is as good as its credential; while `asked`, its answer
    to a password change may be on its way. `raising_to` is the profile it may return with, to be noted when it does.
    """

    station_id: int
    credential: Credential
    security_profile: int = 0
    serial_number: str | None = None
    next_credential: Credential | None = None
    asked: bool = False
    raising_to: int | None = None


def find(connection: Connection, identities: Sequence[str]) -> dict[str, Admitted]:
    """The stations among these identities."""
    next_, raising = PasswordChange, ProfileChange
    query = (
        select(Station.identity, Station.id, Station.credential_kind, Station.credential, Station.security_profile,
               Station.serial_number, next_.state, next_.credential_kind, next_.credential, raising.profile)
        .outerjoin(next_, (next_.station_id == Station.id) & next_.state.in_((ON_ITS_WAY, *GOOD_BESIDE)))
        .outerjoin(raising, (raising.station_id == Station.id) & raising.state.in_(("asked", "accepted", "fell_back")))
        .where(Station.identity.in_(identities))
    )  # fmt: skip
    return {
        identity: Admitted(
            station_id, Credential(kind, sealed), profile, serial_number,
            Credential(next_kind, next_sealed) if state in GOOD_BESIDE else None, state == ON_ITS_WAY, raising_to,
        )
        for identity, station_id, kind, sealed, profile, serial_number, state, next_kind, next_sealed, raising_to
        in connection.execute(query)
    }  # fmt: skip


async def accept_unknown(session: AsyncSession, identities: Sequence[str], now: datetime) -> None:
    """Make stations, open to anyone who knows the identity, of those that are not known yet."""
    known = await session.run_sync(lambda plain: find(plain.connection(), identities))
    new = [identity for identity in dict.fromkeys(identities) if identity not in known]
    if not new:
        return
    facts = {"registration": "accepted", "credential_kind": OPEN, "created_at": now, "updated_at": now}
    await session.execute(insert(Station), [{"identity": identity, **facts} for identity in new])
    made = await session.run_sync(lambda plain: find(plain.connection(), new))
    links = [{"station_id": station.station_id, "epoch": 0, "online": False} for station in made.values()]
    await session.execute(insert(Link), links)
