"""The verbs on id tokens."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.accounts.rules import Actor
from csms.domain.audit import service as audit
from csms.domain.authorization import store
from csms.domain.authorization.errors import IdTokenExists, IdTokenNotFound, ImportRefused, InvalidUid, Repeated
from csms.domain.authorization.model import IdToken
from csms.domain.authorization.rules import token_key
from csms.domain.authorization.store import IdTokenFilter
from csms.domain.stations.checks import check_text
from csms.kit.errors import Invalid, Problem
from csms.kit.ids import uuid7
from csms.kit.paging import Page, Slice

__all__ = [
    "IdTokenFilter",
    "Imported",
    "NewIdToken",
    "change_id_token",
    "create_id_token",
    "get_id_token",
    "import_id_tokens",
    "list_id_tokens",
    "remove_id_token",
]

_UID = re.compile(r"(?! )[ -~]{1,20}(?<! )", re.ASCII)  # CiString20Type, OCPP 1.6 §7.28


@dataclass(frozen=True, slots=True)
class NewIdToken:
    """An id token as it is given; `group_id` is the parent id token that a group shares."""

    uid: str
    status: str = "active"
    expires_at: datetime | None = None
    group_id: str | None = None
    label: str | None = None
    organisation_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of the rows of an import."""

    created: int
    updated: int
    skipped: int


async def list_id_tokens(session: AsyncSession, asked: IdTokenFilter, wanted: Slice, now: datetime) -> Page[IdToken]:
    items, total = await store.page(session, asked, wanted, now)
    return Page(items, total, wanted.offset, wanted.limit)


async def get_id_token(session: AsyncSession, token_id: UUID) -> IdToken:
    """Raises IdTokenNotFound."""
    token = await store.find(session, token_id)
    if token is None:
        raise IdTokenNotFound
    return token


async def create_id_token(session: AsyncSession, actor: Actor, new: NewIdToken, now: datetime) -> IdToken:
    """Raises IdTokenExists, InvalidUid."""
    token = IdToken(**_row(new, now))
    if await store.find_by_key(session, token.key) is not None:
        raise IdTokenExists(uid=new.uid)
    session.add(token)
    await audit.record(
        session,
        actor,
        "create",
        "id_token",
        token.id,
        None,
        snapshot(token),
        now,
        organisation_id=token.organisation_id,
    )
    await session.flush()
    return token


async def change_id_token(
    session: AsyncSession, actor: Actor, token_id: UUID, changes: Mapping[str, Any], now: datetime
) -> IdToken:
    """Set what `changes` has of status, expires_at, group_id, label and organisation_id; a uid stays what it is."""
    token = await get_id_token(session, token_id)
    before = snapshot(token)
    for name, value in _checked(changes).items():
        setattr(token, name, value)
    after = snapshot(token)
    if after != before:
        token.updated_at = now
        await audit.record(
            session, actor, "change", "id_token", token_id, before, after, now, organisation_id=token.organisation_id
        )
    return token


async def remove_id_token(session: AsyncSession, actor: Actor, token_id: UUID, now: datetime) -> None:
    """Sessions it was used for keep its uid."""
    token = await get_id_token(session, token_id)
    await audit.record(
        session,
        actor,
        "remove",
        "id_token",
        token_id,
        snapshot(token),
        None,
        now,
        organisation_id=token.organisation_id,
    )
    await session.delete(token)


async def import_id_tokens(
    session: AsyncSession,
    actor: Actor,
    rows: Sequence[NewIdToken],
    on_existing: Literal["skip", "update", "refuse"],
    now: datetime,
) -> Imported:
    """All rows or none: raises ImportRefused with an error for each row that cannot be accepted."""
    made, errors = _rows(rows, now)
    known = await store.known_keys(session, list(made))
    if on_existing == "refuse":
        indexes = {token_key(row.uid): index for index, row in enumerate(rows)}
        errors += [_row_error(indexes[key], IdTokenExists(field="uid")) for key in made if key in known]
    if errors:
        raise ImportRefused(errors=sorted(errors, key=lambda error: error["field"]))
    new = [row for key, row in made.items() if key not in known]
    old = [row for key, row in made.items() if key in known] if on_existing == "update" else []
    await store.insert_all(session, new)
    await store.update_all(session, old)
    done = Imported(len(new), len(old), len(rows) - len(new) - len(old))
    organisations = {row.organisation_id for row in rows}
    whose = organisations.pop() if len(organisations) == 1 else None
    after = {"created": done.created, "updated": done.updated, "skipped": done.skipped}
    await audit.record(session, actor, "import", "id_token", "*", None, after, now, organisation_id=whose)
    return done


def _rows(rows: Sequence[NewIdToken], now: datetime) -> tuple[dict[str, dict[str, Any]], list[dict[str, str]]]:
    made: dict[str, dict[str, Any]] = {}
    errors = []
    for index, new in enumerate(rows):
        try:
            row = _row(new, now)
            if row["key"] in made:
                raise Repeated(field="uid")
            made[row["key"]] = row
        except Invalid as error:
            errors.append(_row_error(index, error))
    return made, errors


def _row_error(row: int, error: Problem) -> dict[str, str]:
    """One problem of one row, named as in the request: `items[3].uid`."""
    return {"in": "body", "field": f"items[{row}].{error.facts['field']}", "code": error.code, "message": error.detail}


def _row(new: NewIdToken, now: datetime) -> dict[str, Any]:
    if _UID.fullmatch(new.uid) is None:
        raise InvalidUid(field="uid")
    given = {
        "status": new.status,
        "expires_at": new.expires_at,
        "group_id": new.group_id,
        "label": new.label,
        "organisation_id": new.organisation_id,
    }
    own = {"id": uuid7(now), "uid": new.uid, "key": token_key(new.uid), "created_at": now, "updated_at": now}
    return {**own, **_checked(given)}


def _checked(fields: Mapping[str, Any]) -> dict[str, Any]:
    checked = dict(fields)
    group = checked.get("group_id")
    if group is not None and _UID.fullmatch(group) is None:
        raise InvalidUid("A group has 1 to 20 printable ASCII characters and no space at either end.", field="group_id")
    if checked.get("expires_at") is not None:
        checked["expires_at"] = _in_utc(checked["expires_at"])
    if checked.get("label") is not None:
        checked["label"] = check_text(checked["label"], "label")
    return checked


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise Invalid("This time is beyond the calendar.", field="expires_at") from None


def snapshot(token: IdToken) -> dict[str, Any]:
    """What the audit trail says of an id token."""
    return {
        "uid": token.uid,
        "status": token.status,
        "expires_at": token.expires_at.isoformat() if token.expires_at else None,
        "group_id": token.group_id,
        "label": token.label,
        "organisation_id": str(token.organisation_id) if token.organisation_id else None,
    }
