"""Who is asking, and whether they may.

An API key comes as `Authorization: Bearer csms_…`; a browser has a cookie. A request with a cookie that may change
something must come from our own pages (Sec-Fetch-Site, or Origin where the browser does not send that).
"""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends
from starlette.requests import Request

from csms.api.context import ApiContext, Context
from csms.domain.accounts import service as accounts
from csms.domain.accounts.errors import NotAllowed, NotSignedIn
from csms.domain.accounts.rules import Actor, Right, may
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


async def signed_in(request: Request, context: Context) -> Actor:
    """Whoever is asking; raises NotSignedIn."""
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme:
        if scheme.lower() != "bearer":
            raise NotSignedIn("Send the API key as 'Authorization: Bearer csms_…'.")
        async with context.database.view() as session:
            key = await accounts.find_key(session, credentials.strip())
        if key is None:
            raise NotSignedIn("This API key is not known or was revoked.")
        return accounts.actor_of_key(key)
    raise NotSignedIn


SignedIn = Annotated[Actor, Depends(signed_in)]


class _Holder:
    """A dependency: the actor, if their role has the right."""

    def __init__(self, right: Right) -> None:
        self._right = right

    async def __call__(self, actor: SignedIn) -> Actor:
        if not may(actor.role, self._right):
            raise NotAllowed
        return actor


Viewer = Annotated[Actor, Depends(_Holder(Right.READ))]
Administrator = Annotated[Actor, Depends(_Holder(Right.CHANGE))]
