"""How a station gets its password."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.accounts.rules import Actor
from csms.domain.stations import trail
from csms.domain.stations.admission import GOOD_BESIDE
from csms.domain.stations.bells import ring_station_changed
from csms.domain.stations.credentials import OPEN, Credential, seal_chosen, seal_generated
from csms.domain.stations.errors import AmbiguousCredential
from csms.domain.stations.model import PasswordChange, Station
from csms.domain.stations.verbs.stations import get_station
from csms.kit.bus import Bus
from csms.kit.ids import station_password


@dataclass(frozen=True, slots=True)
class Issued:
    """A credential and the password behind it, which can be shown this once only; None for an open station."""

    credential: Credential
    password: str | None


def issue(key: bytes, identity: str, chosen: str | None = None, *, open_: bool = False) -> Issued:
    """A generated password, or the chosen one, or none at all. Slow for a chosen one: keep it off the event loop."""
    if open_:
        if chosen is not None:
            raise AmbiguousCredential(field="password")
        return Issued(Credential(OPEN, None), None)
    if chosen is not None:
        return Issued(seal_chosen(chosen), chosen)
    password = station_password()
    return Issued(seal_generated(key, identity, password), password)


async def change_credential(
    session: AsyncSession, bus: Bus, actor: Actor, identity: str, credential: Credential, now: datetime
) -> Station:
    """From its next connect the station must prove itself in this way, and no other."""
    station = await get_station(session, identity)
    before, after = {"credential_kind": station.credential_kind}, {"credential_kind": credential.kind}
    station.credential_kind = credential.kind
    station.credential = credential.sealed
    station.updated_at = now
    beside = update(PasswordChange).where(
        PasswordChange.station_id == station.id, PasswordChange.state.in_(GOOD_BESIDE)
    )
    await session.execute(beside.values(state="superseded", settled_at=now))
    await trail.record(session, actor, "change_password", station, before, after, now)
    ring_station_changed(session, bus, station.id)
    return station
