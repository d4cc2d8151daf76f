"""A station's security: the profile it must have, its way to a higher one, the change of its password."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Query
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from csms.api.context import ApiContext, Context
from csms.api.operator.commands import ExpiresIn
from csms.api.operator.stations import ChosenPassword, CredentialIn, issued
from csms.api.rights import MayChangeSecurity, MayReadSecurity
from csms.api.routing import router
from csms.api.schemas import Body, Out
from csms.domain.certificates import service as certificates
from csms.domain.certificates.service import CertificateFilter
from csms.domain.commands import service as commands
from csms.domain.security import service as verbs
from csms.domain.security.service import Known
from csms.domain.stations.model import Link, PasswordChange, ProfileChange, Station
from csms.domain.stations.verbs import stations
from csms.kit.paging import Slice

station_security = router("/stations", "Security")

Profile = Annotated[
    Literal[0, 1, 2, 3],
    Field(description="0: nothing; 1: a password; 2: TLS and a password; 3: TLS with the station's certificate"),
]
Check = Annotated[bool, Query(description="refuse (409) when we foresee that the station will, or cannot come back")]


class PasswordChangeOut(Out):
    """asked → accepted (both passwords are good) → done; or refused, unanswered (both are good), expired, or superseded."""

    state: str
    requested_by: str
    asked_at: datetime
    settled_at: datetime | None


class ProfileChangeOut(Out):
    """asked → accepted → done; or refused, failed, or fell_back (it did not return in time)."""

    state: str
    profile: int
    requested_by: str
    asked_at: datetime
    deadline_at: datetime | None
    settled_at: datetime | None


class SecurityOut(Out):
    required_profile: int = Field(description="what its connections must have at least")
    present_profile: int | None = Field(description="what its last connection had")
    tls: str | None = Field(description="the version of TLS of its last connection")
    credential: str
    password_change: PasswordChangeOut | None
    profile_change: ProfileChangeOut | None


class Requirement(Body):
    profile: Profile


class Raise(Body):
    profile: Annotated[Literal[1, 2, 3], Field(description="the profile to come back with")]
    within_s: float = Field(default=verbs.RETURNS_WITHIN_S, ge=1, le=86_400, description="seconds to come back in")


class Rotation(Body):
    password: ChosenPassword | None = None


async def _shown(session: AsyncSession, station: Station) -> SecurityOut:
    link = await session.get(Link, station.id)
    password = await session.get(PasswordChange, station.id)
    profile = await session.get(ProfileChange, station.id)
    return SecurityOut(
        required_profile=station.security_profile,
        present_profile=link.security_profile if link is not None else None,
        tls=link.tls if link is not None else None,
        credential=station.credential_kind,
        password_change=PasswordChangeOut.model_validate(password) if password is not None else None,
        profile_change=ProfileChangeOut.model_validate(profile) if profile is not None else None,
    )


async def _known(context: ApiContext, session: AsyncSession, station: Station) -> Known:
    now = context.clock.now()
    installed = await certificates.installed(session, station.id)
    mine = CertificateFilter(station.id, "installed", revoked=False)
    own = await certificates.list_(session, mine, Slice(0, 50, "-not_after"))
    return Known(
        context.settings.ocpp_tls_url is not None,
        any(row.use == "central_system" and row.items for row in installed),
        any(row.not_after is not None and row.not_after > now for row in own.items),
    )


@station_security.get("/{identity}/security")
async def get_station_security(_: MayReadSecurity, context: Context, identity: str) -> SecurityOut:
    async with context.database.view() as session:
        return await _shown(session, await stations.get_station(session, identity))


@station_security.put("/{identity}/security")
async def require_security_profile(
    actor: MayChangeSecurity, context: Context, identity: str, body: Requirement
) -> SecurityOut:
    """What the station must have from its next connect on; nothing is said to the station."""
    async with context.database.unit() as session:
        station = await stations.get_station(session, identity)
        await verbs.require(session, actor, station, body.profile, context.clock.now())
        return await _shown(session, station)


@station_security.post("/{identity}/security/raise", status_code=202)
async def raise_security_profile(
    actor: MayChangeSecurity,
    context: Context,
    identity: str,
    body: Raise,
    check: Check = False,
    expires_in: ExpiresIn = commands.EXPIRES_IN_S,
) -> SecurityOut:
    """Ask the station to come back with a higher profile (A05); required only once it has, else all stays as it is."""
    async with context.database.unit() as session:
        station = await stations.get_station(session, identity)
        known = await _known(context, session, station) if check else None
        await verbs.raise_profile(
            session, context.bus, actor, station, body.profile, context.clock.now(), within_s=body.within_s,
            check=known, expires_in_s=expires_in,
        )  # fmt: skip
        return await _shown(session, station)


@station_security.post("/{identity}/password/rotate", status_code=202)
async def rotate_password(
    actor: MayChangeSecurity,
    context: Context,
    identity: str,
    body: Rotation,
    expires_in: ExpiresIn = commands.EXPIRES_IN_S,
) -> SecurityOut:
    """Send the station a new password, generated unless given; nobody sees it. The old one is good until it is used."""
    given = await issued(context, identity, CredentialIn(password=body.password))
    assert given.password is not None
    async with context.database.unit() as session:
        station = await stations.get_station(session, identity)
        await verbs.rotate(
            session, context.bus, actor, station, given.credential, given.password, context.clock.now(),
            expires_in_s=expires_in, seal=context.seal,
        )  # fmt: skip
        return await _shown(session, station)
