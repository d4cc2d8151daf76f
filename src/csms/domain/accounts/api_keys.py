"""The verbs on API keys."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.accounts import store
from csms.domain.accounts.errors import ApiKeyNotFound
from csms.domain.accounts.grants import NewGrant, grant_snapshots, granted_to, grants_of, place_of, set_grants
from csms.domain.accounts.model import ApiKey, Grant
from csms.domain.accounts.rules import COMMAND_LINE, Actor
from csms.domain.accounts.tokens import KEY_PREFIX, fingerprint
from csms.domain.audit import service as audit
from csms.kit.ids import secret, uuid7
from csms.kit.paging import Page, Slice

NOTE_USE_EVERY = timedelta(minutes=1)


def _snapshot(key: ApiKey, grants: Sequence[Grant]) -> dict[str, Any]:
    return {"name": key.name, "hint": key.hint, "grants": grant_snapshots(grants)}


async def create_api_key(
    session: AsyncSession, name: str, grants: Sequence[NewGrant], now: datetime, *, actor: Actor = COMMAND_LINE
) -> tuple[ApiKey, str]:
    """A new key and its text, which is kept nowhere and can be shown this once only."""
    text = KEY_PREFIX + secret()
    key = ApiKey(
        id=uuid7(now),
        name=name,
        key_hash=fingerprint(text),
        hint=text[: len(KEY_PREFIX) + 6],
        created_at=now,
        used_at=None,
        revoked_at=None,
    )
    session.add(key)
    await session.flush()
    given = await set_grants(session, key, grants, now)
    after = _snapshot(key, given)
    await audit.record(session, actor, "create", "api_key", key.id, None, after, now, **place_of(given))
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
        held = await grants_of(session, key_id)
        before = _snapshot(key, held)
        await audit.record(session, actor, "revoke", "api_key", key_id, before, None, now, **place_of(held))


async def find_api_key(session: AsyncSession, text: str) -> ApiKey | None:
    """The key that `text` opens, if it is not revoked."""
    if not text.startswith(KEY_PREFIX):
        return None
    key = await store.api_key_by_hash(session, fingerprint(text))
    return key if key is not None and key.revoked_at is None else None


async def actor_of_key(session: AsyncSession, key: ApiKey) -> Actor:
    return Actor("api_key", key.id, key.name, await granted_to(session, key.id), f"{key.hint}…")


async def note_key_use(session: AsyncSession, key_id: UUID, now: datetime) -> None:
    """Remember that the key was used, unless that was remembered within the last minute."""
    await store.note_key_use(session, key_id, now, now - NOTE_USE_EVERY)
