"""The verbs on API keys."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.accounts import store
from csms.domain.accounts.errors import ApiKeyNotFound
from csms.domain.accounts.model import ApiKey
from csms.domain.accounts.rules import COMMAND_LINE, Actor, Role
from csms.domain.accounts.tokens import KEY_PREFIX, fingerprint
from csms.domain.audit import service as audit
from csms.kit.ids import secret, uuid7
from csms.kit.paging import Page, Slice

NOTE_USE_EVERY = timedelta(minutes=1)


def _snapshot(key: ApiKey) -> dict[str, Any]:
    return {"name": key.name, "hint": key.hint, "role": key.role}


async def create_api_key(
    session: AsyncSession, name: str, role: Role, now: datetime, *, actor: Actor = COMMAND_LINE
) -> tuple[ApiKey, str]:
    """A new key and its text, which is kept nowhere and can be shown this once only."""
    text = KEY_PREFIX + secret()
    key = ApiKey(
        id=uuid7(now),
        name=name,
        key_hash=fingerprint(text),
        hint=text[: len(KEY_PREFIX) + 6],
        role=str(role),
        created_at=now,
        used_at=None,
        revoked_at=None,
    )
    session.add(key)
    await audit.record(session, actor, "create", "api_key", key.id, None, _snapshot(key), now)
    await session.flush()
    return key, text


async def list_api_keys(session: AsyncSession, part: Slice, *, revoked: bool | None = None) -> Page[ApiKey]:
    return await store.api_keys(session, part, revoked=revoked)


async def get_api_key(session: AsyncSession, key_id: UUID) -> ApiKey:
    key = await store.api_key(session, key_id)
    if key is None:
        raise ApiKeyNotFound
    return key


async def revoke_api_key(session: AsyncSession, actor: Actor, key_id: UUID, now: datetime) -> None:
    """Revoking a revoked key changes nothing; the key stays in the list."""
    key = await get_api_key(session, key_id)
    if await store.revoke_api_key(session, key_id, now):
        await audit.record(session, actor, "revoke", "api_key", key_id, _snapshot(key), None, now)


async def find_api_key(session: AsyncSession, text: str) -> ApiKey | None:
    """The key that `text` opens, if it is not revoked."""
    if not text.startswith(KEY_PREFIX):
        return None
    key = await store.api_key_by_hash(session, fingerprint(text))
    return key if key is not None and key.revoked_at is None else None


def actor_of_key(key: ApiKey) -> Actor:
    return Actor("api_key", key.id, key.name, key.role, f"{key.hint}…")


async def note_key_use(session: AsyncSession, key_id: UUID, now: datetime) -> None:
    """Remember that the key was used, unless that was remembered within the last minute."""
    await store.note_key_use(session, key_id, now, now - NOTE_USE_EVERY)
