"""Id tokens: the credentials that drivers present."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import Field, StringConstraints
from sqlalchemy.ext.asyncio import AsyncSession

from csms.api.context import Context
from csms.api.paging import PageOut, slice_of
from csms.api.rights import MayChangeIdTokens, MayReadIdTokens
from csms.api.routing import router
from csms.api.schemas import Body, Change, Name, Out, Time
from csms.domain.accounts.rules import Actor, Right
from csms.domain.accounts.service import get_organisation
from csms.domain.authorization import service as verbs
from csms.domain.authorization.service import IdTokenFilter, NewIdToken
from csms.domain.sessions import decisions
from csms.kit.errors import Invalid
from csms.kit.paging import Slice

IMPORT_LIMIT = 8 << 20

id_tokens = router("/id-tokens", "Id tokens", body_limit=IMPORT_LIMIT)

Uid = Annotated[str, StringConstraints(min_length=1, max_length=20)]
Group = Annotated[
    str, StringConstraints(min_length=1, max_length=20), Field(description="the parent id token that a group shares")
]
Status = Literal["active", "blocked"]


class IdTokenOut(Out):
    id: UUID
    uid: str
    status: Status
    expires_at: datetime | None
    group_id: str | None
    label: str | None
    organisation_id: UUID | None = Field(description="whose it is; null: of everybody's")
    created_at: datetime
    updated_at: datetime


class IdTokenIn(Body):
    uid: Uid = Field(description="as the driver presents it; case does not matter when uids are compared")
    status: Status = "active"
    expires_at: Time | None = None
    group_id: Group | None = None
    label: Name | None = None
    organisation_id: UUID | None = Field(default=None, description="without it your own, if you work for one only")


class IdTokenChange(Change):
    """Only what is sent is changed."""

    status: Status = "active"
    expires_at: Time | None = None
    group_id: Group | None = None
    label: Name | None = None
    organisation_id: UUID | None = None


class IdTokensIn(Body):
    items: list[IdTokenIn] = Field(min_length=1, max_length=10_000)
    on_existing: Literal["skip", "update", "refuse"] = Field(
        default="skip", description="what to do about uids that are known already"
    )


class ImportedOut(Out):
    created: int
    updated: int
    skipped: int


class OrganisationNeeded(Invalid):
    """Name an organisation of yours that the id token is to belong to."""

    code = "organisation_needed"


async def _organisation(session: AsyncSession, actor: Actor, organisation_id: UUID | None) -> UUID | None:
    """Whose a token is to be: the organisation named, if the actor may write there; else the actor's own.

    Only who may write everywhere makes tokens that are nobody's in particular. Raises OrganisationNeeded.
    """
    if organisation_id is not None:
        return (await get_organisation(session, organisation_id, field="organisation_id")).id
    right = Right.ID_TOKENS_WRITE
    if actor.scope_of(right).everything:
        return None
    own = {granted.organisation_id for granted in actor.granted if right in granted.rights} - {None}
    if len(own) != 1:
        raise OrganisationNeeded(field="organisation_id")
    return own.pop()


@id_tokens.get("")
async def list_id_tokens(
    _: MayReadIdTokens,
    context: Context,
    part: Annotated[
        Slice,
        slice_of("uid", "label", "group_id", "status", "expires_at", "created_at", "updated_at", default="-created_at"),
    ],
    search: Annotated[str | None, Query(max_length=200, description="part of uid, label or group")] = None,
    status: Status | None = None,
    group_id: Annotated[str | None, Query(max_length=20)] = None,
    expired: bool | None = None,
) -> PageOut[IdTokenOut]:
    asked = IdTokenFilter(search, status, group_id, expired)
    async with context.database.view() as session:
        page = await verbs.list_id_tokens(session, asked, part, context.clock.now())
        return PageOut.of(page, IdTokenOut.model_validate)


@id_tokens.post("", status_code=201)
async def create_id_token(actor: MayChangeIdTokens, context: Context, body: IdTokenIn) -> IdTokenOut:
    async with context.database.unit() as session:
        whose = await _organisation(session, actor, body.organisation_id)
        new = NewIdToken(**{**body.model_dump(), "organisation_id": whose})
        return IdTokenOut.model_validate(await verbs.create_id_token(session, actor, new, context.clock.now()))


@id_tokens.post("/import")
async def import_id_tokens(actor: MayChangeIdTokens, context: Context, body: IdTokensIn) -> ImportedOut:
    """All of them or none; the errors name the rows."""
    async with context.database.unit() as session:
        given = {item.organisation_id for item in body.items}
        whose = {organisation_id: await _organisation(session, actor, organisation_id) for organisation_id in given}
        rows = [
            NewIdToken(**{**item.model_dump(), "organisation_id": whose[item.organisation_id]}) for item in body.items
        ]
        done = await verbs.import_id_tokens(session, actor, rows, body.on_existing, context.clock.now())
    return ImportedOut.model_validate(done)


class DecisionOut(Out):
    """What a station was told of an id token. Refusals are kept; of what was accepted, the start that followed."""

    at: datetime
    station: str | None
    asked: Literal["authorize", "start"]
    authorization: str = Field(description="accepted, invalid, blocked, expired or concurrent")
    words: str
    evse: int | None
    connector: int | None
    session_uid: UUID | None
    frame_id: int | None = Field(description="the Authorize behind a refusal before a start")


Newest = Annotated[Slice, slice_of("at", default="-at")]


@id_tokens.get("/decisions")
async def list_decisions(
    _: MayReadIdTokens,
    context: Context,
    part: Newest,
    uid: Annotated[str, Query(min_length=1, max_length=20, description="as presented, known here or not")],
) -> PageOut[DecisionOut]:
    """Why was this card refused? Newest first."""
    async with context.database.view() as session:
        return PageOut.of(await decisions.list_decisions(session, uid, part), DecisionOut.model_validate)


@id_tokens.get("/{id_token_id}/decisions")
async def list_decisions_of_id_token(
    _: MayReadIdTokens, context: Context, part: Newest, id_token_id: UUID
) -> PageOut[DecisionOut]:
    """The same of one of ours."""
    async with context.database.view() as session:
        token = await verbs.get_id_token(session, id_token_id)
        return PageOut.of(await decisions.list_decisions(session, token.uid, part), DecisionOut.model_validate)


@id_tokens.get("/{id_token_id}")
async def get_id_token(_: MayReadIdTokens, context: Context, id_token_id: UUID) -> IdTokenOut:
    async with context.database.view() as session:
        return IdTokenOut.model_validate(await verbs.get_id_token(session, id_token_id))


@id_tokens.patch("/{id_token_id}")
async def change_id_token(
    actor: MayChangeIdTokens, context: Context, id_token_id: UUID, body: IdTokenChange
) -> IdTokenOut:
    changes = body.model_dump(exclude_unset=True)
    async with context.database.unit() as session:
        if "organisation_id" in changes:
            changes["organisation_id"] = await _organisation(session, actor, body.organisation_id)
        changed = await verbs.change_id_token(session, actor, id_token_id, changes, context.clock.now())
        return IdTokenOut.model_validate(changed)


@id_tokens.delete("/{id_token_id}", status_code=204)
async def remove_id_token(actor: MayChangeIdTokens, context: Context, id_token_id: UUID) -> None:
    async with context.database.unit() as session:
        await verbs.remove_id_token(session, actor, id_token_id, context.clock.now())
