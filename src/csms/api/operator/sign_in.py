"""Signing in and out, and what a signed-in person may do about themselves."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import Field, StringConstraints
from starlette.requests import Request

from csms.api.context import OpenContext
from csms.api.routing import router
from csms.api.schemas import OPEN, Body, Out, Password
from csms.api.security import (
    COOKIE,
    Person,
    SignedIn,
    browser_of,
    drop_cookie,
    refuse_foreign_origin,
    set_cookie,
)
from csms.domain.accounts import service as accounts
from csms.domain.accounts.rules import Actor, Right, Role

sign_in_router = router("", "Sign-in")


class SignIn(Body):
    email: Annotated[str, StringConstraints(max_length=254)]
    password: Password


class ScopeOut(Out):
    """A role and where it holds: everywhere, in organisations (those below are named too), or at locations."""

    role: str
    everything: bool
    organisation_ids: list[UUID]
    location_ids: list[UUID]
    rights: list[Right]


class Me(Out):
    """Who is asking and what they may do."""

    kind: str = Field(description="user or api_key")
    id: UUID
    name: str
    email: str | None
    role: Role | None = Field(description="the foremost of the roles")
    rights: list[Right] = Field(description="what is allowed somewhere")
    scopes: list[ScopeOut] = Field(description="where which rights hold")


class WebSessionOut(Out):
    """A signed-in browser."""

    id: UUID
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str
    user_agent: str
    current: bool = Field(description="the one this request came with")


class WebSessions(Out):
    items: list[WebSessionOut]


class PasswordChange(Body):
    current_password: Password
    new_password: Password


def me_of(actor: Actor) -> Me:
    assert actor.id is not None
    return Me(
        kind=actor.kind,
        id=actor.id,
        name=actor.name,
        email=actor.handle if actor.kind == "user" else None,
        role=actor.role,
        rights=sorted(actor.rights),
        scopes=[
            ScopeOut(
                role=granted.role,
                everything=granted.scope.everything,
                organisation_ids=sorted(granted.scope.organisations),
                location_ids=sorted(granted.scope.locations),
                rights=sorted(granted.rights),
            )
            for granted in actor.granted
        ],
    )


@sign_in_router.post("/sign-in", openapi_extra=OPEN)
async def sign_in(request: Request, response: Response, context: OpenContext, body: SignIn) -> Me:
    """Sets the cookie `csms_session`. Wrong passwords are answered ever more slowly: 429 with `Retry-After`."""
    refuse_foreign_origin(request, context, strict=False)
    actor, token = await accounts.sign_in(
        context.database,
        context.passwords,
        context.clock,
        email=body.email,
        password=body.password,
        browser=browser_of(request),
        lifetime=context.lifetime,
    )
    set_cookie(response, token, context)
    return me_of(actor)


@sign_in_router.post("/sign-out", status_code=204, openapi_extra=OPEN)
async def sign_out(request: Request, response: Response, context: OpenContext) -> None:
    """Ends the web session of the cookie that is sent, if any, and drops the cookie."""
    refuse_foreign_origin(request, context, strict=False)
    drop_cookie(response, context)
    token = request.cookies.get(COOKIE)
    if token is None:
        return
    now = context.clock.now()
    async with context.database.unit() as session:
        found = await accounts.find_web_session(session, token, now)
        if found is not None:
            web_session, user = found
            actor = await accounts.actor_of_user(session, user, web_session)
            await accounts.end_web_session(session, actor, web_session.id, now)


@sign_in_router.get("/me")
async def me(actor: SignedIn) -> Me:
    return me_of(actor)


@sign_in_router.put("/me/password", status_code=204)
async def change_password(request: Request, actor: Person, context: OpenContext, body: PasswordChange) -> None:
    """Ends every other web session of this person."""
    await accounts.change_own_password(
        context.database,
        context.passwords,
        context.clock,
        actor,
        current=body.current_password,
        new=body.new_password,
        address=browser_of(request).address,
    )


@sign_in_router.get("/me/web-sessions")
async def list_web_sessions(actor: Person, context: OpenContext) -> WebSessions:
    assert actor.id is not None
    async with context.database.view() as session:
        found = await accounts.list_web_sessions(session, actor.id, context.clock.now())
    return WebSessions(
        items=[
            WebSessionOut(
                id=item.id,
                created_at=item.created_at,
                seen_at=item.seen_at,
                expires_at=item.expires_at,
                address=item.address,
                user_agent=item.user_agent,
                current=item.id == actor.web_session_id,
            )
            for item in found
        ]
    )


@sign_in_router.delete("/me/web-sessions/{web_session_id}", status_code=204)
async def end_web_session(actor: Person, context: OpenContext, web_session_id: UUID) -> None:
    async with context.database.unit() as session:
        await accounts.end_web_session(session, actor, web_session_id, context.clock.now())
