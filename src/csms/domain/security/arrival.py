"""What a station proves by connecting: that it has its new password, that it has reached a higher security profile."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.accounts.rules import SYSTEM
from csms.domain.stations import trail
from csms.domain.stations.admission import GOOD_BESIDE
from csms.domain.stations.model import PasswordChange, ProfileChange, Station
from csms.kit.facts import FactRow

DONE = "done"


async def has_new_password(
    session: AsyncSession, station_id: int, now: datetime, by: str = "the station's connecting with it"
) -> None:
    """The old password is good no more."""
    change, station = await session.get(PasswordChange, station_id), await session.get(Station, station_id)
    if change is None or station is None or change.state not in GOOD_BESIDE:
        return
    before = {"credential_kind": station.credential_kind}
    station.credential_kind, station.credential = change.credential_kind, change.credential
    station.updated_at = change.settled_at = now
    change.state = DONE
    after = {"credential_kind": station.credential_kind, "by": by}
    await trail.record(session, SYSTEM, "change_password", station, before, after, now)
    session.add(FactRow(kind="StationPasswordChanged", at=now, station_id=station_id, detail={}))


async def has_reached_profile(session: AsyncSession, station_id: int, profile: int, now: datetime) -> None:
    """From now on the station must have the profile that it was raised to."""
    change, station = await session.get(ProfileChange, station_id), await session.get(Station, station_id)
    if change is None or station is None or profile < change.profile:
        return
    mine = update(ProfileChange).where(
        ProfileChange.station_id == station_id, ProfileChange.state.in_(("asked", "accepted", "fell_back"))
    )
    settled = await session.execute(mine.values(state=DONE, settled_at=now))
    if settled.rowcount != 1:  # type: ignore[attr-defined]
        return
    before, after = {"security_profile": station.security_profile}, {"security_profile": change.profile}
    station.security_profile, station.updated_at = change.profile, now
    await trail.record(session, SYSTEM, "raise_security_profile", station, before, after, now)
    session.add(FactRow(kind="SecurityProfileReached", at=now, station_id=station_id, detail=after))
