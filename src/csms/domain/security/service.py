"""The verbs on stations' security: passwords, profiles, events."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.accounts.rules import SYSTEM, Actor
from csms.domain.audit import service as audit
from csms.domain.commands import service as commands
from csms.domain.security import store
from csms.domain.security.arrival import has_new_password
from csms.domain.security.errors import ChangeUnderWay, NeedsPassword, PasswordUncertain, ProfileObjection
from csms.domain.security.rules import Standing, objections
from csms.domain.security.store import EventFilter, EventView
from csms.domain.security.verbs import SetPassword, SetSecurityProfile
from csms.domain.stations import trail
from csms.domain.stations.admission import GOOD_BESIDE
from csms.domain.stations.credentials import OPEN, Credential
from csms.domain.stations.model import PasswordChange, ProfileChange, Station
from csms.kit.bus import Bus
from csms.kit.database import Database
from csms.kit.facts import FactRow
from csms.kit.paging import Page, Slice
from csms.kit.sealing import Seal

__all__ = ["EventFilter", "EventView", "Known", "due", "list_events", "raise_profile", "require", "rotate"]

T = TypeVar("T", PasswordChange, ProfileChange)

SET_PASSWORD = "set-password"  # noqa: S105 - a verb
SET_PROFILE = "set-security-profile"
RETURNS_WITHIN_S = 600.0


@dataclass(frozen=True, slots=True)
class Known:
    """What the caller knows of the way up, besides our own tables."""

    tls_served: bool
    trusts_a_root: bool
    has_certificate: bool


async def list_events(session: AsyncSession, asked: EventFilter, wanted: Slice) -> Page[EventView]:
    items, total = await store.page(session, asked, wanted)
    return Page(items, total, wanted.offset, wanted.limit)


async def rotate(
    session: AsyncSession,
    bus: Bus,
    actor: Actor,
    station: Station,
    credential: Credential,
    password: str,
    now: datetime,
    *,
    seal: Seal,
    expires_in_s: float = commands.EXPIRES_IN_S,
) -> PasswordChange:
    """Send the station its next password. It is good once accepted, and the only one once used.

    Only two passwords are ever good, so it must be known which of them the station has before it is sent a third. Raises
    ChangeUnderWay, PasswordUncertain.
    """
    change = await session.get(PasswordChange, station.id)
    if change is not None:
        await _settle(session, change, now)
    wish = SetPassword(password, "AuthorizationKey")
    command = await commands.place(
        session, bus, actor, station, SET_PASSWORD, wish, now=now, expires_in_s=expires_in_s, seal=seal
    )
    asked: dict[str, Any] = {
        "state": "asked", "credential_kind": credential.kind, "credential": credential.sealed,
        "command_id": command.id, "requested_by": actor.label, "asked_at": now, "settled_at": None,
    }  # fmt: skip
    after = {"credential_kind": credential.kind, "command": str(command.id)}
    await trail.record(session, actor, "rotate_password", station, None, after, now)
    return await _put(session, PasswordChange, change, station.id, asked)


async def _settle(session: AsyncSession, change: PasswordChange, now: datetime) -> None:
    if change.state == "asked":
        raise ChangeUnderWay
    if change.state not in GOOD_BESIDE or await store.came_with_the_old(session, change):
        return
    if change.state == "unanswered":
        raise PasswordUncertain
    await has_new_password(session, change.station_id, now, "the station's word (A01.FR.03)")


async def _put(session: AsyncSession, kind: type[T], row: T | None, station_id: int, values: dict[str, Any]) -> T:
    if row is None:
        row = kind()
        values = {"station_id": station_id, **values}
        session.add(row)
    for name, value in values.items():
        setattr(row, name, value)
    await session.flush()
    return row


async def raise_profile(
    session: AsyncSession,
    bus: Bus,
    actor: Actor,
    station: Station,
    profile: int,
    now: datetime,
    *,
    within_s: float = RETURNS_WITHIN_S,
    check: Known | None = None,
    expires_in_s: float = commands.EXPIRES_IN_S,
) -> ProfileChange:
    """Ask the station to come back with a higher profile (A05). Until it has, what it has now is good; if it does not come
    back with it in time, that stays so. With `check` raises ProfileObjection when we foresee that it cannot; ChangeUnderWay.
    """
    change = await session.get(ProfileChange, station.id)
    if change is not None and change.state in ("asked", "accepted"):
        raise ChangeUnderWay
    if check is not None:
        has_password = station.credential_kind != OPEN or await _has_next_password(session, station.id)
        standing = Standing(
            station.security_profile, has_password, check.tls_served, check.trusts_a_root, check.has_certificate
        )
        found = objections(profile, standing)
        if found:
            raise ProfileObjection(" ".join(found), objections=found)
    command = await commands.place(
        session, bus, actor, station, SET_PROFILE, SetSecurityProfile(profile), now=now, expires_in_s=expires_in_s
    )
    asked: dict[str, Any] = {
        "state": "asked", "profile": profile, "within_s": within_s, "command_id": command.id,
        "requested_by": actor.label, "asked_at": now, "deadline_at": None, "settled_at": None,
    }  # fmt: skip
    before, after = {"security_profile": station.security_profile}, {"wanted": profile, "command": str(command.id)}
    await trail.record(session, actor, "ask_security_profile", station, before, after, now)
    return await _put(session, ProfileChange, change, station.id, asked)


async def _has_next_password(session: AsyncSession, station_id: int) -> bool:
    good = exists().where(PasswordChange.station_id == station_id, PasswordChange.state.in_(GOOD_BESIDE))
    return bool(await session.scalar(select(good)))


async def require(session: AsyncSession, actor: Actor, station: Station, profile: int, now: datetime) -> None:
    """What the station must have from its next connect on, whatever it has now. Raises NeedsPassword."""
    if profile in (1, 2) and station.credential_kind == OPEN:
        raise NeedsPassword
    if profile != station.security_profile:
        before, after = {"security_profile": station.security_profile}, {"security_profile": profile}
        station.security_profile, station.updated_at = profile, now
        await trail.record(session, actor, "require_security_profile", station, before, after, now)


async def due(database: Database, now: datetime) -> None:
    """Settle what was never answered; give up those that accepted a profile and did not come back with it in time."""
    if not await database.look(store.on_their_way):
        return
    async with database.unit() as session:
        await store.settle_passwords(session, now)
        await store.settle_profiles(session, now)
        for change in await store.overdue(session, now):
            change.state, change.settled_at = "fell_back", now
            detail = {"wanted": change.profile, "within_s": change.within_s}
            session.add(FactRow(kind="SecurityProfileFellBack", at=now, station_id=change.station_id, detail=detail))
            station = await session.get(Station, change.station_id)
            name, place = (station.identity, station.location_id) if station is not None else ("", None)
            await audit.record(
                session, SYSTEM, "give_up_security_profile", "station", name, None, detail, now, location_id=place
            )
