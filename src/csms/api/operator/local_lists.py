"""Local authorization lists: rules for who may charge where, and what each station holds of it."""

import asyncio
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import Field, StringConstraints

from csms.api.context import ApiContext, Context
from csms.api.operator.commands import Wait
from csms.api.operator.selections import SelectionBody
from csms.api.paging import PageOut, slice_of
from csms.api.rights import MayChangeLocalListRules, MayReadLocalListRules, MayReadLocalLists, MaySendLocalLists
from csms.api.routing import router
from csms.api.schemas import Body, Name, Out
from csms.domain.commands import service as commands
from csms.domain.local_lists import service as verbs
from csms.domain.local_lists.model import ListRule, LocalList
from csms.domain.local_lists.service import ListFilter, Standing
from csms.domain.stations.model import Station
from csms.domain.stations.verbs import stations
from csms.kit.paging import Slice

list_rules = router("/local-list-rules", "Local lists")
local_lists = router("/local-lists", "Local lists")
station_local_list = router("/stations", "Local lists")

SHOWN = 100  # of each kind of difference, at most

State = Literal["unknown", "checking", "sending", "synced", "failed", "unsupported", "unmanaged"]
Uid = Annotated[str, StringConstraints(min_length=1, max_length=20)]


class RuleIn(Body):
    """Which id tokens may charge at which stations, without asking us."""

    name: Name
    enabled: bool = True
    selection: SelectionBody = Field(default=SelectionBody(), description="the stations; nothing given: all")
    everyone: bool = Field(default=False, description="every active id token")
    labels: list[Name] = Field(default=[], max_length=1000, description="id tokens with one of these labels")
    groups: list[Uid] = Field(default=[], max_length=1000, description="id tokens of these groups")
    id_tokens: list[Uid] = Field(default=[], max_length=10_000, description="these id tokens")

    def fields(self) -> dict[str, Any]:
        return {**self.model_dump(exclude={"selection"}), "selection": self.selection.selection().stored()}


class RuleOut(Out):
    id: UUID
    name: str
    enabled: bool
    selection: SelectionBody
    everyone: bool
    labels: list[str]
    groups: list[str]
    id_tokens: list[str]
    created_at: datetime
    updated_at: datetime


class LocalListOut(Out):
    """`version` and `entries` are what the station acknowledged; `wanted` is what it should hold."""

    station: str
    state: State
    version: int | None
    reported_version: int | None = Field(description="what the station last said itself; 0 empty, -1 not supported")
    reported_at: datetime | None
    entries: int
    wanted: int
    left_out: int = Field(description="wanted, but more than the station can hold")
    last_answer: str | None
    attempts: int = Field(description="full lists that were not taken, one after the other")
    retry_at: datetime | None
    synced_at: datetime | None
    updated_at: datetime | None
    command_id: UUID | None = Field(description="the command whose answer is awaited")


class StationLocalListOut(LocalListOut):
    """With the difference: what the station must still be told (the first hundred of each kind)."""

    rules: list[str] = Field(description="the rules that apply to this station")
    to_put: list[str]
    to_remove: list[str]
    to_put_count: int
    to_remove_count: int


def _show_rule(row: ListRule) -> RuleOut:
    columns = {name: getattr(row, name) for name in RuleOut.model_fields}
    return RuleOut(**(columns | {"selection": SelectionBody.of(row.selection)}))


def _columns(row: LocalList | None, identity: str) -> dict[str, Any]:
    if row is None:
        empty = dict.fromkeys(LocalListOut.model_fields)
        return empty | {
            "station": identity,
            "state": "unmanaged",
            "entries": 0,
            "wanted": 0,
            "left_out": 0,
            "attempts": 0,
        }
    own = {"station": identity, "entries": row.entry_count, "wanted": row.wanted_count}
    return {name: own[name] if name in own else getattr(row, name) for name in LocalListOut.model_fields}


def _show(found: Standing, identity: str) -> StationLocalListOut:
    put = [str(entry["uid"]) for entry in found.change.put.values()]
    held = found.row.entries if found.row is not None else {}
    removed = [str(held[key]["uid"]) for key in found.change.removed]
    columns = _columns(found.row, identity) | {"wanted": len(found.wanted), "left_out": found.left_out}
    return StationLocalListOut(
        **columns,
        rules=[rule.name for rule in found.rules],
        to_put=put[:SHOWN],
        to_remove=removed[:SHOWN],
        to_put_count=len(put),
        to_remove_count=len(removed),
    )


@list_rules.get("")
async def list_local_list_rules(_: MayReadLocalListRules, context: Context) -> list[RuleOut]:
    async with context.database.view() as session:
        return [_show_rule(rule) for rule in await verbs.list_rules(session)]


@list_rules.post("", status_code=201)
async def create_local_list_rule(actor: MayChangeLocalListRules, context: Context, body: RuleIn) -> RuleOut:
    async with context.database.unit() as session:
        return _show_rule(await verbs.create_rule(session, actor, body.fields(), context.clock.now()))


@list_rules.get("/{rule_id}")
async def get_local_list_rule(_: MayReadLocalListRules, context: Context, rule_id: UUID) -> RuleOut:
    async with context.database.view() as session:
        return _show_rule(await verbs.get_rule(session, rule_id))


@list_rules.put("/{rule_id}")
async def change_local_list_rule(
    actor: MayChangeLocalListRules, context: Context, rule_id: UUID, body: RuleIn
) -> RuleOut:
    async with context.database.unit() as session:
        return _show_rule(await verbs.change_rule(session, actor, rule_id, body.fields(), context.clock.now()))


@list_rules.delete("/{rule_id}", status_code=204)
async def remove_local_list_rule(actor: MayChangeLocalListRules, context: Context, rule_id: UUID) -> None:
    """Stations that no other rule applies to keep the list they have."""
    async with context.database.unit() as session:
        await verbs.remove_rule(session, actor, rule_id, context.clock.now())


Part = Annotated[Slice, slice_of("station", "state", "updated_at", "synced_at", "version", default="station")]


@local_lists.get("")
async def list_local_lists(
    _: MayReadLocalLists, context: Context, part: Part, state: State | None = None
) -> PageOut[LocalListOut]:
    async with context.database.view() as session:
        page = await verbs.list_lists(session, ListFilter(state), part)
        return PageOut.of(page, lambda view: LocalListOut(**_columns(view.row, view.identity)))


@station_local_list.get("/{identity}/local-list")
async def get_station_local_list(_: MayReadLocalLists, context: Context, identity: str) -> StationLocalListOut:
    """What the station holds beside what it should hold."""
    station = await _station(context, identity)
    async with context.whole.view() as session:
        return _show(await verbs.standing(session, station, context.clock.now()), identity)


async def _station(context: ApiContext, identity: str) -> Station:
    """What its list should hold follows from id tokens of every organisation, so the rest is done with the whole."""
    async with context.database.view() as session:
        return await stations.get_station(session, identity)


@station_local_list.post("/{identity}/local-list/send")
async def send_station_local_list(
    actor: MaySendLocalLists,
    context: Context,
    identity: str,
    full: Annotated[bool, Query(description="send the whole list, whatever the station seems to hold")] = False,
    wait: Wait = 0,
) -> StationLocalListOut:
    """Bring the station's list to what the rules want, now; it happens by itself too, within seconds."""
    await _station(context, identity)
    async with context.whole.unit() as session:
        station = await stations.get_station(session, identity)
        await verbs.resend(session, context.bus, actor, station, context.clock.now(), full=full)
    await _follow(context, identity, wait)
    async with context.whole.view() as session:
        station = await stations.get_station(session, identity)
        return _show(await verbs.standing(session, station, context.clock.now()), identity)


async def _follow(context: ApiContext, identity: str, wait_s: float) -> None:
    """Take one step after the other as the station answers, until there is none or the time is up."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + wait_s
    while (left_s := deadline - loop.time()) > 0 and not context.leaving.is_set():
        async with context.whole.unit() as session:
            station = await stations.get_station(session, identity)
            command_id = await verbs.advance(session, context.bus, station, context.clock.now())
        if command_id is None:
            return
        await commands.wait_until_settled(context.database, context.bus, command_id, left_s, context.leaving.is_set)
