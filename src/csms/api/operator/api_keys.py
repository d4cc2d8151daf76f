"""API keys: how scripts sign in."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from csms.api.context import Context
from csms.api.paging import PageOut, slice_of
from csms.api.routing import router
from csms.api.schemas import Body, Name, Out
from csms.api.security import Administrator
from csms.domain.accounts import service as accounts
from csms.domain.accounts.rules import Role
from csms.kit.paging import Slice

api_keys = router("/api-keys", "API keys")


class ApiKeyOut(Out):
    id: UUID
    name: str
    hint: str = Field(description="how the key begins")
    role: Role
    created_at: datetime
    used_at: datetime | None = Field(description="when it was last used, to the minute")
    revoked_at: datetime | None


class NewApiKey(ApiKeyOut):
    key: str = Field(description="shown this once only")


class ApiKeyIn(Body):
    name: Name
    role: Role


@api_keys.get("")
async def list_api_keys(
    _: Administrator,
    context: Context,
    part: Annotated[Slice, slice_of("name", "created_at", "used_at", default="name")],
    revoked: bool | None = None,
) -> PageOut[ApiKeyOut]:
    async with context.database.view() as session:
        page = await accounts.list_api_keys(session, part, revoked=revoked)
        return PageOut.of(page, ApiKeyOut.model_validate)


@api_keys.post("", status_code=201)
async def create_api_key(actor: Administrator, context: Context, body: ApiKeyIn) -> NewApiKey:
    """The answer has the key itself, which is kept nowhere: note it now."""
    now = context.clock.now()
    async with context.database.unit() as session:
        made, text = await accounts.create_api_key(session, body.name, body.role, now, actor=actor)
        return NewApiKey(**ApiKeyOut.model_validate(made).model_dump(), key=text)


@api_keys.get("/{key_id}")
async def get_api_key(_: Administrator, context: Context, key_id: UUID) -> ApiKeyOut:
    async with context.database.view() as session:
        return ApiKeyOut.model_validate(await accounts.get_api_key(session, key_id))


@api_keys.delete("/{key_id}", status_code=204)
async def revoke_api_key(actor: Administrator, context: Context, key_id: UUID) -> None:
    """From now on the key opens nothing; it stays in the list."""
    async with context.database.unit() as session:
        await accounts.revoke_api_key(session, actor, key_id, context.clock.now())
