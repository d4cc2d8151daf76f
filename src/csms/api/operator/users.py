"""Users: the people who work with the console."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import StringConstraints

from csms.api.context import Context
from csms.api.paging import PageOut, slice_of
from csms.api.routing import router
from csms.api.schemas import Body, Change, Name, Out, Password
from csms.api.security import Administrator
from csms.domain.accounts import service as accounts
from csms.domain.accounts.model import User
from csms.domain.accounts.rules import Role
from csms.kit.paging import Slice

users = router("/users", "Users")

Email = Annotated[str, StringConstraints(max_length=254)]


class UserOut(Out):
    id: UUID
    email: str
    name: str
    role: Role
    organisation_id: UUID | None
    disabled: bool
    created_at: datetime
    updated_at: datetime


class UserIn(Body):
    email: Email
    name: Name
    role: Role
    password: Password
    organisation_id: UUID | None = None


class UserChange(Change):
    """Only what is sent is changed. Who gets another password or is disabled is signed out everywhere."""

    email: Email = ""
    name: Name = ""
    role: Role = Role.VIEWER
    password: Password = ""
    organisation_id: UUID | None = None
    disabled: bool = False


def _show(user: User) -> UserOut:
    return UserOut(
        id=user.id,
        email=user.email,
        name=user.name,
        role=Role(user.role),
        organisation_id=user.organisation_id,
        disabled=user.disabled_at is not None,
        created_at=user.created_at,
        updated_at=user.updated_at,
    )


@users.get("")
async def list_users(
    _: Administrator,
    context: Context,
    part: Annotated[Slice, slice_of("name", "email", "created_at", default="name")],
    role: Role | None = None,
    disabled: bool | None = None,
    search: Annotated[str | None, Query(max_length=200, description="part of the name or e-mail address")] = None,
) -> PageOut[UserOut]:
    async with context.database.view() as session:
        return PageOut.of(await accounts.list_users(session, part, role=role, disabled=disabled, search=search), _show)


@users.post("", status_code=201)
async def create_user(actor: Administrator, context: Context, body: UserIn) -> UserOut:
    email = accounts.normal_email(body.email)
    sealed = await context.passwords.hash(body.password, email=email)
    async with context.database.unit() as session:
        made = await accounts.create_user(
            session,
            actor,
            email=email,
            name=body.name,
            role=body.role,
            password_hash=sealed,
            organisation_id=body.organisation_id,
            now=context.clock.now(),
        )
        return _show(made)


@users.get("/{user_id}")
async def get_user(_: Administrator, context: Context, user_id: UUID) -> UserOut:
    async with context.database.view() as session:
        return _show(await accounts.get_user(session, user_id))


@users.patch("/{user_id}")
async def change_user(actor: Administrator, context: Context, user_id: UUID, body: UserChange) -> UserOut:
    """The last administrator who can sign in stays one."""
    changes = body.model_dump(exclude_unset=True)
    if "password" in changes:
        changes["password_hash"] = await context.passwords.hash(changes.pop("password"))
    async with context.database.unit() as session:
        return _show(await accounts.change_user(session, actor, user_id, changes, context.clock.now()))


@users.delete("/{user_id}", status_code=204)
async def remove_user(actor: Administrator, context: Context, user_id: UUID) -> None:
    """The last administrator who can sign in stays."""
    async with context.database.unit() as session:
        await accounts.remove_user(session, actor, user_id, context.clock.now())
