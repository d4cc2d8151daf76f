"""API keys: how scripts sign in."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from csms.api.context import Context
from csms.api.operator.grants import Granting, GrantOut, needed, refuse_beyond_reach, refuse_beyond_reach_of
from csms.api.paging import PageOut, slice_of
from csms.api.rights import MayChangeApiKeys, MayReadApiKeys
from csms.api.routing import router
from csms.api.schemas import Name, Out
from csms.domain.accounts import service as accounts
from csms.domain.accounts.model import ApiKey, Grant
from csms.domain.accounts.rules import Right, Role, foremost
from csms.kit.paging import Slice

api_keys = router("/api-keys", "API keys")


class ApiKeyOut(Out):
    id: UUID
    name: str
    hint: str = Field(description="how the key begins")
    role: Role | None = Field(description="the foremost of the roles")
    grants: list[GrantOut]
    created_at: datetime
    used_at: datetime | None = Field(description="when it was last used, to the minute")
    revoked_at: datetime | None


class NewApiKey(ApiKeyOut):
    key: str = Field(description="shown this once only")


class ApiKeyIn(Granting):
    name: Name


def _show(key: ApiKey, grants: Sequence[Grant]) -> ApiKeyOut:
    columns = {name: getattr(key, name) for name in ApiKeyOut.model_fields if hasattr(key, name)}
    shown = [GrantOut.model_validate(grant) for grant in grants]
    return ApiKeyOut(**columns, role=foremost(grant.role for grant in grants), grants=shown)


async def _shown(session: AsyncSession, key: ApiKey) -> ApiKeyOut:
    return _show(key, (await accounts.list_grants(session, [key.id]))[key.id])


@api_keys.get("")
async def list_api_keys(
    _: MayReadApiKeys,
    context: Context,
    part: Annotated[Slice, slice_of("name", "created_at", "used_at", default="name")],
    revoked: bool | None = None,
) -> PageOut[ApiKeyOut]:
    async with context.database.view() as session:
        page = await accounts.list_api_keys(session, part, revoked=revoked)
        grants = await accounts.list_grants(session, [key.id for key in page.items])
        return PageOut.of(page, lambda key: _show(key, grants[key.id]))


@api_keys.post("", status_code=201)
async def create_api_key(actor: MayChangeApiKeys, context: Context, body: ApiKeyIn) -> NewApiKey:
    """The answer has the key itself, which is kept nowhere: note it now."""
    now, grants = context.clock.now(), needed(body)
    async with context.database.unit() as session:
        await refuse_beyond_reach(session, actor, Right.API_KEYS_WRITE, grants, new=True)
        made, text = await accounts.create_api_key(session, body.name, grants, now, actor=actor)
        return NewApiKey(**(await _shown(session, made)).model_dump(), key=text)


@api_keys.get("/{key_id}")
async def get_api_key(_: MayReadApiKeys, context: Context, key_id: UUID) -> ApiKeyOut:
    async with context.database.view() as session:
        return await _shown(session, await accounts.get_api_key(session, key_id))


@api_keys.delete("/{key_id}", status_code=204)
async def revoke_api_key(actor: MayChangeApiKeys, context: Context, key_id: UUID) -> None:
    """From now on the key opens nothing; it stays in the list."""
    async with context.database.unit() as session:
        await accounts.get_api_key(session, key_id)
        await refuse_beyond_reach_of(session, actor, Right.API_KEYS_WRITE, key_id)
        await accounts.revoke_api_key(session, actor, key_id, context.clock.now())
