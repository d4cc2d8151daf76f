"""The verbs on web sessions: signed-in browsers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.accounts import store
from csms.domain.accounts.errors import WebSessionNotFound
from csms.domain.accounts.grants import granted_to
from csms.domain.accounts.model import User, WebSession
from csms.domain.accounts.rules import Actor
from csms.domain.accounts.tokens import fingerprint
from csms.domain.audit import service as audit
from csms.kit.ids import secret, uuid7

NOTE_USE_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Browser:
    """Where somebody signs in from."""

    address: str
    user_agent: str


@dataclass(frozen=True, slots=True)
class Lifetime:
    """A web session ends `idle` after it was last used, and `longest` after sign-in in any case."""

    idle: timedelta
    longest: timedelta

    def ends(self, created_at: datetime, now: datetime) -> datetime:
        return min(now + self.idle, created_at + self.longest)


async def actor_of_user(session: AsyncSession, user: User, web_session: WebSession | None = None) -> Actor:
    granted = await granted_to(session, user.id)
    return Actor("user", user.id, user.name, granted, user.email, web_session.id if web_session else None)


async def open_web_session(
    session: AsyncSession, user: User, browser: Browser, lifetime: Lifetime, now: datetime
) -> tuple[Actor, str]:
    """Sign the user in; gives the actor and the cookie's text."""
    token = secret()
    web_session = WebSession(
        token_hash=fingerprint(token),
        id=uuid7(now),
        user_id=user.id,
        created_at=now,
        seen_at=now,
        expires_at=lifetime.ends(now, now),
        address=browser.address,
        user_agent=browser.user_agent,
    )
    session.add(web_session)
    actor = await actor_of_user(session, user, web_session)
    await audit.record(
        session, actor, "sign_in", "user", user.id, None, {"address": browser.address}, now, **actor.place
    )
    await session.flush()
    return actor, token


async def find_web_session(session: AsyncSession, token: str, now: datetime) -> tuple[WebSession, User] | None:
    """The live web session behind a cookie, and its user."""
    return await store.web_session_with_user(session, fingerprint(token), now)


async def note_web_session_use(
    session: AsyncSession, web_session: WebSession, lifetime: Lifetime, now: datetime
) -> None:
    """Remember that it was used and put off its end, unless that was done within the last minute."""
    ends = lifetime.ends(web_session.created_at, now)
    await store.extend_web_session(session, web_session.id, now, ends, now - NOTE_USE_EVERY)


async def list_web_sessions(session: AsyncSession, user_id: UUID, now: datetime) -> Sequence[WebSession]:
    return await store.web_sessions_of(session, user_id, now)


async def end_web_session(session: AsyncSession, actor: Actor, web_session_id: UUID, now: datetime) -> None:
    """End one of the actor's own web sessions."""
    mine = (WebSession.id == web_session_id, WebSession.user_id == actor.id)
    if not await store.remove_web_sessions(session, *mine):
        raise WebSessionNotFound
    await audit.record(session, actor, "sign_out", "user", actor.id, None, None, now, **actor.place)


async def end_web_sessions_of(session: AsyncSession, user_id: UUID, *, but: UUID | None = None) -> None:
    """Sign a user out everywhere, but for one web session."""
    which = [WebSession.user_id == user_id]
    if but is not None:
        which.append(WebSession.id != but)
    await store.remove_web_sessions(session, *which)


async def forget_ended(session: AsyncSession, now: datetime) -> None:
    """Remove web sessions that have run out."""
    await store.remove_ended_web_sessions(session, now)
