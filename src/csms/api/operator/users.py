"""Users: the people who work with the console."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import Field, StringConstraints
from sqlalchemy.ext.asyncio import AsyncSession

from csms.api.context import Context
from csms.api.operator.grants import (
    GrantBody,
    Granting,
    GrantOut,
    needed,
    refuse_beyond_reach,
    refuse_beyond_reach_of,
    wanted,
)
from csms.api.paging import PageOut, slice_of
from csms.api.rights import MayChangeUsers, MayReadUsers
from csms.api.routing import router
from csms.api.schemas import Change, Name, Out, Password
from csms.domain.accounts import service as accounts
from csms.domain.accounts.model import Grant, User
from csms.domain.accounts.rules import Right, Role, foremost
from csms.kit.paging import Slice

users = router("/users", "Users")

Email = Annotated[str, StringConstraints(max_length=254)]


class UserOut(Out):
    id: UUID
    email: str
    name: str
    role: Role | None = Field(description="the foremost of the roles")
    grants: list[GrantOut]
    organisation_id: UUID | None
    disabled: bool
    created_at: datetime
    updated_at: datetime


class UserIn(Granting):
    email: Email
    name: Name
    password: Password
    organisation_id: UUID | None = None


class UserChange(Change):
    """Only what is sent is changed. Who gets another password or is disabled is signed out everywhere."""

    email: Email = ""
    name: Name = ""
    role: Role = Field(default=Role.VIEWER, description="short for one grant of this role everywhere")
    grants: list[GrantBody] = Field(default=[], min_length=1, max_length=100, description="in place of those there are")
    password: Password = ""
    organisation_id: UUID | None = None
    disabled: bool = False


def _show(user: User, grants: Sequence[Grant]) -> UserOut:
    return UserOut(
        id=user.id,
        email=user.email,
        name=user.name,
        role=foremost(grant.role for grant in grants),
        grants=[GrantOut.model_validate(grant) for grant in grants],
        organisation_id=user.organisation_id,
        disabled=user.disabled_at is not None,
        created_at=user.created_at,
        updated_at=user.updated_at,
    )


async def _shown(session: AsyncSession, user: User) -> UserOut:
    return _show(user, (await accounts.list_grants(session, [user.id]))[user.id])


@users.get("")
async def list_users(
    _: MayReadUsers,
    context: Context,
    part: Annotated[Slice, slice_of("name", "email", "created_at", default="name")],
    role: Role | None = None,
    disabled: bool | None = None,
    search: Annotated[str | None, Query(max_length=200, description="part of the name or e-mail address")] = None,
) -> PageOut[UserOut]:
    async with context.database.view() as session:
        page = await accounts.list_users(session, part, role=role, disabled=disabled, search=search)
        grants = await accounts.list_grants(session, [user.id for user in page.items])
        return PageOut.of(page, lambda user: _show(user, grants[user.id]))


@users.post("", status_code=201)
async def create_user(actor: MayChangeUsers, context: Context, body: UserIn) -> UserOut:
    email, grants = accounts.normal_email(body.email), needed(body)
    sealed = await context.passwords.hash(body.password, email=email)
    async with context.database.unit() as session:
        await refuse_beyond_reach(session, actor, Right.USERS_WRITE, grants, new=True)
        made = await accounts.create_user(
            session,
            actor,
            email=email,
            name=body.name,
            grants=grants,
            password_hash=sealed,
            organisation_id=body.organisation_id,
            now=context.clock.now(),
        )
        return await _shown(session, made)


@users.get("/{user_id}")
async def get_user(_: MayReadUsers, context: Context, user_id: UUID) -> UserOut:
    async with context.database.view() as session:
        return await _shown(session, await accounts.get_user(session, user_id))


@users.patch("/{user_id}")
async def change_user(actor: MayChangeUsers, context: Context, user_id: UUID, body: UserChange) -> UserOut:
    """The last administrator who can sign in stays one."""
    changes = body.model_dump(exclude_unset=True)
    if "password" in changes:
        changes["password_hash"] = await context.passwords.hash(changes.pop("password"))
    given = Granting(role=changes.pop("role", None), grants=changes.pop("grants", None))
    grants = wanted(given)
    async with context.database.unit() as session:
        await accounts.get_user(session, user_id)
        await refuse_beyond_reach_of(session, actor, Right.USERS_WRITE, user_id)
        if grants is not None:
            await refuse_beyond_reach(session, actor, Right.USERS_WRITE, grants, new=True)
            changes["grants"] = grants
        changed = await accounts.change_user(session, actor, user_id, changes, context.clock.now())
        return await _shown(session, changed)


@users.delete("/{user_id}", status_code=204)
async def remove_user(actor: MayChangeUsers, context: Context, user_id: UUID) -> None:
    """The last administrator who can sign in stays."""
    async with context.database.unit() as session:
        await accounts.get_user(session, user_id)
        await refuse_beyond_reach_of(session, actor, Right.USERS_WRITE, user_id)
        await accounts.remove_user(session, actor, user_id, context.clock.now())
