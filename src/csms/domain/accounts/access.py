"""Who stands behind a cookie or an API key."""

import hashlib
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.accounts import store
from csms.domain.accounts.model import ApiKey
from csms.domain.accounts.rules import COMMAND_LINE, Actor, Role
from csms.domain.audit import service as audit
from csms.kit.ids import secret, uuid7

KEY_PREFIX = "csms_"


def fingerprint(token: str) -> bytes:
    """The hash under which a random 256-bit token is kept; such a token needs no salt and no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


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
        role=role,
        created_at=now,
        used_at=None,
        revoked_at=None,
    )
    session.add(key)
    await audit.record(session, actor, "create", "api_key", key.id, None, {"name": name, "role": str(role)}, now)
    await session.flush()
    return key, text


def actor_of_key(key: ApiKey) -> Actor:
    return Actor("api_key", key.id, key.name, key.role, f"{key.hint}…")


async def find_key(session: AsyncSession, text: str) -> ApiKey | None:
    """The key that `text` opens, if it is not revoked."""
    if not text.startswith(KEY_PREFIX):
        return None
    key = await store.api_key_by_hash(session, fingerprint(text))
    return key if key is not None and key.revoked_at is None else None
