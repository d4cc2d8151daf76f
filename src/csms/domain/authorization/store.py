"""Every query on id tokens."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.authorization.model import IdToken
from csms.domain.stations.listing import containing, read_keys
from csms.kit.paging import Slice

SORTABLE = {
    "created_at": IdToken.created_at,
    "updated_at": IdToken.updated_at,
    "uid": IdToken.key,
    "label": IdToken.label,
    "group_id": IdToken.group_id,
    "status": IdToken.status,
    "expires_at": IdToken.expires_at,
}
_A_STATEMENT = 500


@dataclass(frozen=True, slots=True)
class IdTokenFilter:
    """`search` looks in uid, label and group; `expired_at` tells whether tokens have expired by then, if `expired` is asked."""

    search: str | None = None
    status: str | None = None
    group_id: str | None = None
    expired: bool | None = None


async def find(session: AsyncSession, token_id: UUID) -> IdToken | None:
    return await session.get(IdToken, token_id)


async def find_by_key(session: AsyncSession, key: str) -> IdToken | None:
    return await session.scalar(select(IdToken).where(IdToken.key == key))


async def page(session: AsyncSession, asked: IdTokenFilter, wanted: Slice, now: datetime) -> tuple[list[IdToken], int]:
    matching = select(IdToken.id).where(*_conditions(asked, now))
    keys, total = await read_keys(session, matching, IdToken.id, SORTABLE, wanted, dear=bool(asked.search))
    rows = await session.scalars(select(IdToken).where(IdToken.id.in_(keys)))
    by_key = {row.id: row for row in rows}
    return [by_key[key] for key in keys if key in by_key], total


def _conditions(asked: IdTokenFilter, now: datetime) -> Iterator[ColumnElement[bool]]:
    if asked.search:
        yield containing(asked.search, IdToken.uid, IdToken.label, IdToken.group_id)
    if asked.status is not None:
        yield IdToken.status == asked.status
    if asked.group_id is not None:
        yield IdToken.group_id == asked.group_id
    if asked.expired is True:
        yield IdToken.expires_at <= now
    elif asked.expired is False:
        yield or_(IdToken.expires_at.is_(None), IdToken.expires_at > now)


async def known_keys(session: AsyncSession, keys: Sequence[str]) -> set[str]:
    known: set[str] = set()
    for start in range(0, len(keys), _A_STATEMENT):
        part = keys[start : start + _A_STATEMENT]
        known.update(await session.scalars(select(IdToken.key).where(IdToken.key.in_(part))))
    return known


async def insert_all(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        await session.execute(insert(IdToken), rows)


async def update_all(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Overwrite what tokens of these keys have; every row has the same columns."""
    if not rows:
        return
    columns = [name for name in rows[0] if name not in ("key", "id", "created_at")]
    statement = (
        update(IdToken.__table__)  # type: ignore[arg-type]
        .where(IdToken.key == bindparam("of_key"))
        .values({name: bindparam(f"new_{name}") for name in columns})
    )
    connection = await session.connection()
    await connection.execute(
        statement, [{"of_key": row["key"], **{f"new_{name}": row[name] for name in columns}} for row in rows]
    )
