"""Configuration templates: what stations' keys should be, where they drift, and bringing them back."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from csms.api.context import Context
from csms.api.operator.selections import SelectionBody
from csms.api.rights import MayChangeTemplates, MayReadConfiguration, MayReadTemplates
from csms.api.routing import router
from csms.api.schemas import Body, Name, Out
from csms.domain.configuration import service as verbs
from csms.domain.configuration.model import ConfigurationTemplate
from csms.domain.configuration.views import KeyView
from csms.domain.stations.verbs import stations

configuration_templates = router("/configuration-templates", "Configuration")
station_configuration = router("/stations", "Configuration")

Key = Annotated[str, StringConstraints(min_length=1, max_length=50)]
Value = Annotated[str, StringConstraints(max_length=500)]
State = Literal[
    "in_step",
    "drift",
    "unread",
    "queued",
    "sent",
    "reboot_required",
    "rejected",
    "not_supported",
    "too_long",
    "failed",
]


class TemplateIn(Body):
    """Values that keys should have at the stations of a selection."""

    name: Name
    enabled: bool = True
    enforce: bool = Field(default=False, description="send what drifts by itself; else drift is only shown")
    priority: int = Field(default=0, ge=-1000, le=1000, description="of two templates that name a key the higher wins")
    selection: SelectionBody = SelectionBody()
    keys: dict[Key, Value] = Field(min_length=1, max_length=200)


class TemplateOut(Out):
    id: UUID
    name: str
    enabled: bool
    enforce: bool
    priority: int
    selection: SelectionBody
    keys: dict[str, str]
    created_at: datetime
    updated_at: datetime


class ApplyIn(Body):
    stations: list[Annotated[str, StringConstraints(max_length=48)]] | None = Field(
        default=None, max_length=10_000, description="only these of the template's stations"
    )


class AppliedOut(Out):
    keys: int = Field(description="how many keys, over all stations, are to be sent")


class WantedKeyOut(Out):
    key: str
    wanted: str
    reported: str | None
    reported_at: datetime | None
    state: State
    since: datetime | None = Field(description="since when we know that it drifts")
    template: str
    template_id: UUID
    answer: str | None = Field(description="the station's answer when it was last sent")
    command_id: UUID | None


class StationStandingOut(Out):
    """How a station stands with a template, key by key."""

    station: str
    keys: list[WantedKeyOut]


class PendingOut(Out):
    key: str
    value: str
    since: datetime


class ConfigurationStandingOut(Out):
    """A station's wanted keys, and what it will use only after its next boot."""

    wanted: list[WantedKeyOut]
    reboot_required: list[PendingOut]


def _show(row: ConfigurationTemplate) -> TemplateOut:
    columns = {name: getattr(row, name) for name in TemplateOut.model_fields}
    return TemplateOut(**(columns | {"selection": SelectionBody.of(row.selection)}))


def _show_key(view: KeyView) -> WantedKeyOut:
    row = view.row
    columns = {name: getattr(row, name) for name in WantedKeyOut.model_fields if hasattr(row, name)}
    own = {"reported": view.reported, "reported_at": view.reported_at, "template": view.template}
    return WantedKeyOut(**(columns | own))


@configuration_templates.get("")
async def list_configuration_templates(_: MayReadTemplates, context: Context) -> list[TemplateOut]:
    async with context.database.view() as session:
        return [_show(row) for row in await verbs.list_templates(session)]


@configuration_templates.post("", status_code=201)
async def create_configuration_template(actor: MayChangeTemplates, context: Context, body: TemplateIn) -> TemplateOut:
    async with context.database.unit() as session:
        return _show(await verbs.create_template(session, actor, _fields(body), context.clock.now()))


def _fields(body: TemplateIn) -> dict[str, object]:
    return {**body.model_dump(exclude={"selection"}), "selection": body.selection.selection().stored()}


@configuration_templates.get("/{template_id}")
async def get_configuration_template(_: MayReadTemplates, context: Context, template_id: UUID) -> TemplateOut:
    async with context.database.view() as session:
        return _show(await verbs.get_template(session, template_id))


@configuration_templates.put("/{template_id}")
async def change_configuration_template(
    actor: MayChangeTemplates, context: Context, template_id: UUID, body: TemplateIn
) -> TemplateOut:
    async with context.database.unit() as session:
        return _show(await verbs.change_template(session, actor, template_id, _fields(body), context.clock.now()))


@configuration_templates.delete("/{template_id}", status_code=204)
async def remove_configuration_template(actor: MayChangeTemplates, context: Context, template_id: UUID) -> None:
    """Stations keep the values they have."""
    async with context.database.unit() as session:
        await verbs.remove_template(session, actor, template_id, context.clock.now())


@configuration_templates.post("/{template_id}/apply", status_code=202)
async def apply_configuration_template(
    actor: MayChangeTemplates, context: Context, template_id: UUID, body: ApplyIn
) -> AppliedOut:
    """Send what is not in step, a key at a time; the outcome, station by station, is under `/stations`."""
    identities = frozenset(body.stations) if body.stations is not None else None
    async with context.database.unit() as session:
        now = context.clock.now()
        return AppliedOut(keys=await verbs.apply(session, context.bus, actor, template_id, identities, now))


@configuration_templates.get("/{template_id}/stations")
async def list_stations_of_configuration_template(
    _: MayReadTemplates, context: Context, template_id: UUID
) -> list[StationStandingOut]:
    async with context.database.view() as session:
        found: dict[str, list[WantedKeyOut]] = {}
        for view in await verbs.standing_of_template(session, template_id):
            found.setdefault(view.identity, []).append(_show_key(view))
    return [StationStandingOut(station=identity, keys=keys) for identity, keys in found.items()]


@station_configuration.get("/{identity}/configuration/standing")
async def get_configuration_standing(
    _: MayReadConfiguration, context: Context, identity: str
) -> ConfigurationStandingOut:
    """What the station's keys should be beside what it reported, and what waits for its next boot."""
    async with context.database.view() as session:
        station = await stations.get_station(session, identity)
        views, waiting = await verbs.standing_of_station(session, station)
        pending = [PendingOut.model_validate(row) for row in waiting]
        return ConfigurationStandingOut(wanted=[_show_key(view) for view in views], reboot_required=pending)
