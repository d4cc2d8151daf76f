"""Who a station is that wants to connect: looked up by the identity in its URL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, and_, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from csms.domain.stations.credentials import OPEN, Credential
from csms.domain.stations.model import Link, PasswordChange, ProfileChange, Station
from csms.kit.lookups import Lookup

ON_ITS_WAY = "asked"
GOOD_BESIDE = frozenset({"accepted", "unanswered"})
_RAISING: Final = ("asked", "accepted", "fell_back")


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


_ADMITTED: Final = Lookup(
    select(
        Station.identity, Station.id, Station.credential_kind, Station.credential, Station.security_profile,
        Station.serial_number, PasswordChange.state, PasswordChange.credential_kind, PasswordChange.credential,
        ProfileChange.profile,
    )
    .outerjoin(
        PasswordChange,
        and_(
            PasswordChange.station_id == Station.id, or_(*(PasswordChange.state == state for state in (ON_ITS_WAY, *GOOD_BESIDE)))
        ),
    )
    .outerjoin(
        ProfileChange,
        and_(ProfileChange.station_id == Station.id, or_(*(ProfileChange.state == state for state in _RAISING))),
    ),
    Station.identity,
)  # fmt: skip


def find(connection: Connection, identities: Sequence[str]) -> dict[str, Admitted]:
    """The stations among these identities."""
    return {
        identity: Admitted(
            station_id, Credential(kind, sealed), profile, serial_number,
            Credential(next_kind, next_sealed) if state in GOOD_BESIDE else None, state == ON_ITS_WAY, raising_to,
        )
        for identity, station_id, kind, sealed, profile, serial_number, state, next_kind, next_sealed, raising_to
        in _ADMITTED.rows(connection, identities)
    }  # fmt: skip


# Plain inserts: a crowd of new stations is made this way, and rows as objects take twice as long.
_MAKE: Final = insert(Station.__table__).returning(Station.identity, Station.id)  # type: ignore[arg-type]
_LINK: Final = insert(Link.__table__)  # type: ignore[arg-type]


async def accept_unknown(session: AsyncSession, identities: Sequence[str], now: datetime) -> dict[str, Admitted]:
    """Make stations, open to anyone who knows the identity, of those that are not known yet; gives all of them."""
    known = await session.run_sync(lambda plain: find(plain.connection(), identities))
    new = [identity for identity in dict.fromkeys(identities) if identity not in known]
    if not new:
        return known
    facts = {"registration": "accepted", "credential_kind": OPEN, "created_at": now, "updated_at": now}
    stations = [{"identity": identity, **facts} for identity in new]

    def make(plain: Session) -> dict[str, int]:
        connection = plain.connection()
        made = {row.identity: row.id for row in connection.execute(_MAKE, stations)}
        connection.execute(
            _LINK, [{"station_id": station_id, "epoch": 0, "online": False} for station_id in made.values()]
        )
        return made

    made = await session.run_sync(make)
    return known | {identity: Admitted(station_id, Credential(OPEN, None)) for identity, station_id in made.items()}
