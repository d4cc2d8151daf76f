"""Who is asking, and whether they may.

An API key comes as `Authorization: Bearer csms_…`; a browser has a cookie. A request with a cookie that may change
something must come from our own pages (Sec-Fetch-Site, or Origin where the browser does not send that).
"""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from csms.api.context import ApiContext, OpenContext
from csms.domain.accounts import service as accounts
from csms.domain.accounts.errors import NotSignedIn, PeopleOnly
from csms.domain.accounts.model import ApiKey, WebSession
from csms.domain.accounts.rules import Actor
from csms.domain.accounts.web_sessions import Browser
from csms.kit.errors import Forbidden

COOKIE = "csms_session"
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


class ForeignOrigin(Forbidden):
    """A signed-in browser may change things from this system's own pages only; scripts send an API key."""

    code = "foreign_origin"


def refuse_foreign_origin(request: Request, context: ApiContext, *, strict: bool = True) -> None:
    """Raises ForeignOrigin unless the browser says that one of our own pages asks.

    Not `strict`: who says nothing at all (a script) passes, which is right where no cookie is at stake yet.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None:
        ours = site == "same-origin"
    elif origin is not None:
        ours = _is_ours(origin, request, context)
    else:
        ours = not strict
    if not ours:
        raise ForeignOrigin


def _is_ours(origin: str, request: Request, context: ApiContext) -> bool:
    """Compares hosts, not schemes: a proxy may have ended TLS before us."""
    hosts = {request.headers.get("host", "")}
    if context.settings.public_url is not None:
        hosts.add(urlsplit(context.settings.public_url).netloc)
    try:
        return urlsplit(origin).netloc in hosts - {""}
    except ValueError:
        return False


async def signed_in(request: Request, context: OpenContext) -> Actor:
    """Whoever is asking, found with a few small reads; raises NotSignedIn, ForeignOrigin."""
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme:
        if scheme.lower() != "bearer":
            raise NotSignedIn("Send the API key as 'Authorization: Bearer csms_…'.")
        return await _by_api_key(credentials.strip(), context)
    token = request.cookies.get(COOKIE)
    if token is None:
        raise NotSignedIn
    actor = await _by_cookie(token, context)
    if request.method not in _SAFE_METHODS:
        refuse_foreign_origin(request, context)
    return actor


async def _by_api_key(text: str, context: ApiContext) -> Actor:
    async def find(session: AsyncSession) -> tuple[ApiKey, Actor]:
        key = await accounts.find_api_key(session, text)
        if key is None:
            raise NotSignedIn("This API key is not known or was revoked.")
        return key, await accounts.actor_of_key(session, key)

    key, actor = await context.database.look(find)
    now = context.clock.now()
    context.touches.note(
        key.id,
        key.used_at,
        now,
        lambda session: accounts.note_key_use(session, key.id, now),
        database=context.database,
        tasks=context.tasks,
    )
    return actor


async def _by_cookie(token: str, context: ApiContext) -> Actor:
    now = context.clock.now()

    async def find(session: AsyncSession) -> tuple[WebSession, Actor]:
        found = await accounts.find_web_session(session, token, now)
        if found is None:
            raise NotSignedIn("You are not signed in any more; sign in again.")
        web_session, user = found
        return web_session, await accounts.actor_of_user(session, user, web_session)

    web_session, actor = await context.database.look(find)
    context.touches.note(
        web_session.id,
        web_session.seen_at,
        now,
        lambda session: accounts.note_web_session_use(session, web_session, context.lifetime, now),
        database=context.database,
        tasks=context.tasks,
    )
    return actor


SignedIn = Annotated[Actor, Depends(signed_in)]


async def _person(actor: SignedIn) -> Actor:
    if actor.kind != "user":
        raise PeopleOnly
    return actor


Person = Annotated[Actor, Depends(_person)]


def browser_of(request: Request) -> Browser:
    """Where the request comes from, for the list of web sessions."""
    address = request.client.host if request.client else "unknown"
    return Browser(address, request.headers.get("user-agent", "")[:300])


def set_cookie(response: Response, token: str, context: ApiContext) -> None:
    """Hand the browser its cookie: not for scripts, not across sites, gone when the web session can last no longer."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(context.lifetime.longest.total_seconds()),
        path="/",
        secure=context.settings.secure_cookies,
        httponly=True,
        samesite="strict",
    )


def drop_cookie(response: Response, context: ApiContext) -> None:
    response.delete_cookie(COOKIE, path="/", secure=context.settings.secure_cookies, httponly=True, samesite="strict")
