"""Default deny: every route says what it takes, and takes it from every role, in its places and beyond them."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

import httpx
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from sqlalchemy import insert, select

from csms.api import scoping
from csms.api.context import ApiContext
from csms.api.health import health
from csms.api.rights import May
from csms.api.routers import OPERATOR
from csms.api.scoping import RULES, rule_of
from csms.domain.accounts import service as accounts
from csms.domain.accounts.grants import NewGrant
from csms.domain.accounts.rules import NETWORK, RIGHTS, Right, Role
from csms.domain.certificates.model import StationCertificate
from csms.kit.ids import uuid7
from csms.kit.tables import Base

from ..harness.certificates import maker
from .operator.conftest import World

OPEN = {
    "/health/live", "/health/ready", "/api/v1/sign-in", "/api/v1/sign-out", "/api/v1/setup",
    "/api/v1/certificates/revocation-list",
}  # fmt: skip
ABOUT_ONESELF = {
    "/api/v1/me", "/api/v1/me/password", "/api/v1/me/web-sessions", "/api/v1/me/web-sessions/{web_session_id}",
}  # fmt: skip
STREAMS = {"/api/v1/live"}
QUERIES = {
    "ask_composite_schedule": {"wait": "0"}, "list_decisions": {"uid": "NORTH-CARD"},
    "list_daily_totals": {"from": "2030-01-01", "to": "2030-01-31"},
}  # fmt: skip
NO_AUTHORITY = {"/api/v1/certificates/authority", "/api/v1/stations/{identity}/certificates/installed"}

PROFILE = {
    "purpose": "session_default", "kind": "relative", "unit": "A", "periods": [{"start_s": 0, "limit": 16}],
}  # fmt: skip
HASHES = {
    "hash_algorithm": "SHA256", "issuer_name_hash": "aa", "issuer_key_hash": "bb", "serial_number": "01",
}  # fmt: skip
CAMPAIGN = {"name": "C", "image_id": "{image_id}", "selection": {"identities": []}}
BODIES: dict[str, Any] = {
    "change_organisation": {"name": "Renamed"}, "change_user": {"name": "Renamed"}, "change_location": {"name": "Renamed"},
    "create_organisation": {"name": "New", "parent_id": "{organisation_id}"},
    "create_user": {"email": "new@example.org", "name": "New", "password": "a long password", "grants": [
        {"role": "viewer", "organisation_id": "{organisation_id}"}]},
    "create_api_key": {"name": "New", "grants": [{"role": "viewer", "location_id": "{location_id}"}]},
    "create_location": {"name": "New", "time_zone": "UTC", "organisation_id": "{organisation_id}"},
    "create_station": {"identity": "NEW-1", "location_id": "{location_id}"},
    "import_stations": {"items": [{"identity": "NEW-2", "location_id": "{location_id}"}]},
    "change_station": {"name": "Renamed"}, "change_station_password": {},
    "adopt_station": {"location_id": "{location_id}"}, "command_start": {"id_token": "A"},
    "command_stop": {"session": "{uid}"}, "command_reset": {"kind": "soft"}, "command_unlock": {"evse": 1},
    "command_change_availability": {"evse": 0, "available": True}, "command_trigger": {"message": "boot"},
    "command_get_configuration": {}, "command_change_configuration": {"key": "A", "value": "1"},
    "command_clear_cache": {}, "command_data_transfer": {"vendor_id": "V"}, "call_action": {"type": "Soft"},
    "create_id_token": {"uid": "NEW", "organisation_id": "{organisation_id}"},
    "import_id_tokens": {"items": [{"uid": "NEW2", "organisation_id": "{organisation_id}"}]},
    "change_id_token": {"label": "Renamed"},
    "create_reservation": {"station": "{identity}", "id_token": "A", "expires_at": "2031-01-01T00:00:00Z"},
    "create_local_list_rule": {"name": "R", "everyone": True}, "change_local_list_rule": {"name": "R", "everyone": True},
    "create_charging_profile": {"name": "P", "profile": PROFILE},
    "change_charging_profile": {"name": "P", "profile": PROFILE}, "set_station_charging_profile": {"profile": PROFILE},
    "clear_station_charging_profiles": {}, "ask_composite_schedule": {},
    "create_configuration_template": {"name": "T", "keys": {"A": "1"}},
    "change_configuration_template": {"name": "T", "keys": {"A": "1"}}, "apply_configuration_template": {},
    "ask_diagnostics": {}, "ask_log": {"kind": "diagnostics"}, "give_firmware": {"image_id": "{image_id}"},
    "sign_firmware_image": {"signing_certificate": maker(b"")[0], "signature": maker(b"")[1]}, "create_firmware_campaign": CAMPAIGN,
    "revoke_certificate": {"reason": "lost"}, "install_certificate": {"certificate": "x"}, "delete_certificate": HASHES,
    "read_installed_certificates": {}, "require_security_profile": {"profile": 0}, "raise_security_profile": {"profile": 1},
    "change_evse": {"name": "Left"},
    "change_connector": {"max_power_w": 22_000}, "rotate_password": {}, "resolve_review_item": {}, "set_quirks": {"repairs": []},
}  # fmt: skip
# What a body may name of other places, where the path names none.
CREATING = {
    "create_organisation", "create_user", "create_api_key", "create_location", "create_station", "import_stations",
    "create_id_token", "import_id_tokens", "create_reservation",
}  # fmt: skip
# What is the same for everybody, wherever they are.
PLACELESS = {"evse", "connector", "action", "verb", "profile_id", "image_id"}
READ_FIRST = {"install_certificate"}  # the certificate of the body is read before the station is looked for
NIL = "00000000-0000-0000-0000-000000000000"


class Route(NamedTuple):
    """A method at a path, and the right it takes."""

    method: str
    path: str
    name: str
    right: Right | None
    has_body: bool


def _routes() -> Iterator[Route]:
    for prefix, router in (("", health), *(("/api/v1", router) for router in OPERATOR)):
        for route in router.routes:
            assert isinstance(route, APIRoute)
            for method in route.methods:
                has_body = route.body_field is not None
                yield Route(method, prefix + route.path, route.name, right_of(route.dependant), has_body)


def right_of(dependant: Dependant) -> Right | None:
    if isinstance(dependant.call, May):
        return dependant.call.right
    return next((right for part in dependant.dependencies if (right := right_of(part)) is not None), None)


# Reading before changing before removing.
ROUTES = sorted(_routes(), key=lambda route: ("GET", "POST", "PUT", "PATCH", "DELETE").index(route.method))


def filled(template: Any, things: dict[str, str]) -> Any:
    if isinstance(template, dict):
        return {name: filled(value, things) for name, value in template.items()}
    if isinstance(template, list):
        return [filled(value, things) for value in template]
    return (
        re.sub(r"{(\w+)(?::\w+)?}", lambda name: things[name[1]], template) if isinstance(template, str) else template
    )


async def asked(client: httpx.AsyncClient, route: Route, things: dict[str, str]) -> httpx.Response:
    if route.name == "create_firmware_image":
        query = {"name": "a.bin", "version": "1"}
        return await client.post(route.path, params=query, content=b"firmware")
    body = filled(BODIES.get(route.name), things)
    return await client.request(route.method, filled(route.path, things), json=body, params=QUERIES.get(route.name))


async def test_these_are_all_routes_there_are(client: httpx.AsyncClient) -> None:
    document = (await client.get("/api/openapi.json")).json()
    described = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    assert {(route.method, re.sub(r":\w+}", "}", route.path)) for route in ROUTES} == described


def test_every_route_declares_what_it_takes() -> None:
    assert {route.path for route in ROUTES if route.right is None} == OPEN | ABOUT_ONESELF


def test_every_right_is_taken_by_a_route_or_decides_what_is_shown() -> None:
    assert {route.right for route in ROUTES} - {None} == set(Right) - {Right.IDENTITIES_READ}


def test_every_body_is_tried() -> None:
    assert {route.name for route in ROUTES if route.right is not None and route.has_body} == set(BODIES)


def test_every_table_says_where_its_rows_are_or_shows_none() -> None:
    """A new table without a station falls to nothing, until somebody thought of it."""
    entities = {mapper.class_ for mapper in Base.registry.mappers}
    assert set(RULES) <= entities
    unnamed = {
        entity.__tablename__ for entity in entities
        if entity not in RULES and not hasattr(entity, "station_id")
    }  # fmt: skip
    assert unnamed == {
        "web_sessions", "sign_in_failures", "setup_links", "counters", "processes", "firmware_campaigns",
        "recorder_marks", "counted_sessions", "relay_claims",
    }  # fmt: skip
    assert all(rule_of(entity) for entity in entities)


@pytest.fixture
def world(context: ApiContext, admin: httpx.AsyncClient) -> World:
    return World(context, admin)


async def keyed(context: ApiContext, connect: Any, *grants: NewGrant) -> httpx.AsyncClient:
    async with context.database.unit() as session:
        _, text = await accounts.create_api_key(session, "matrix", list(grants), context.clock.now())
    client: httpx.AsyncClient = connect(headers={"Authorization": f"Bearer {text}"})
    return client


@pytest.mark.parametrize("role", Role)
async def test_a_role_everywhere_does_what_its_rights_say(context: ApiContext, connect: Any, role: Role) -> None:
    client = await keyed(context, connect, NewGrant(role))
    nothing = dict.fromkeys(re.findall(r"{(\w+)", " ".join(route.path for route in ROUTES)), NIL)
    for route in ROUTES:
        if route.right is None or (route.path in STREAMS and route.right in RIGHTS[role]):
            continue
        answer = await client.request(route.method, filled(route.path, nothing))
        assert (answer.status_code == 403) is (route.right not in RIGHTS[role]), (route, answer.text)


async def place(world: World, context: ApiContext, admin: httpx.AsyncClient, side: str) -> dict[str, str]:
    """An organisation with one of everything, all of it named after it; gives the ids as the paths call them."""

    async def made(path: str, body: dict[str, Any], key: str = "id") -> str:
        answer = await admin.post(f"/api/v1/{path}", json=body)
        assert answer.is_success, (path, answer.text)
        return str(answer.json()[key])

    organisation = await made("organisations", {"name": side})
    location = await made("locations", {"name": f"{side} harbour", "time_zone": "UTC", "organisation_id": organisation})
    identity, now = f"{side}-1", context.clock.now()
    station_id = await world.station(identity, online=False, location_id=location)
    await world.connector(identity, 1, "charging")
    uid = await world.session(identity, id_token=f"{side}-CARD", group_id=f"{side}-GROUP")
    await world.frame(identity, f'[2,"1","Authorize",{{"idTag":"{side}-CARD"}}]'.encode())
    await world.fact(identity, "SessionStarted", detail={"place": side})
    await world.review(identity, "not_stopped", side, detail=side)
    item = (await admin.get("/api/v1/review", params={"station": identity})).json()["items"][0]["id"]
    certificate = uuid7(now)
    async with context.database.unit() as session:
        await session.execute(
            insert(StationCertificate).values(
                id=certificate, station_id=station_id, identity=identity, state="installed", requested_at=now,
                request="x", frame_id=1, subject=side, serial_number="1",
            )
        )  # fmt: skip
    grants = [{"role": "viewer", "organisation_id": organisation}]
    user = {"email": f"{side}@example.org", "name": side, "password": "a long password", "grants": grants}
    reservation = {"station": identity, "id_token": f"{side}-CARD", "expires_at": "2031-01-01T00:00:00Z"}
    return {
        "organisation_id": organisation, "location_id": location, "identity": identity, "uid": uid,
        "item_id": str(item), "certificate_id": str(certificate),
        "user_id": await made("users", user), "key_id": await made("api-keys", {"name": side, "grants": grants}),
        "id_token_id": await made("id-tokens", {"uid": f"{side}-CARD", "organisation_id": organisation}),
        "reservation_id": await made("reservations", reservation),
        "command_id": await made(f"stations/{identity}/commands/start", {"id_token": f"{side}-CARD"}),
        "job_id": await made(f"stations/{identity}/diagnostics", {}), "action": "Reset", "verb": "pause",
        "fact_id": "1", "reaction": "totals", "evse": "1", "connector": "1",
        "rule_id": NIL, "template_id": NIL, "campaign_id": NIL, "file_id": NIL, "profile_id": NIL, "image_id": NIL,
    }  # fmt: skip


def scoped(role: Role, things: dict[str, str]) -> NewGrant:
    return NewGrant(role, organisation_id=UUID(things["organisation_id"]))


@pytest.mark.parametrize("few", [scoping.FEW, 0], ids=["few stations", "many stations"])
@pytest.mark.parametrize("role", Role)
async def test_a_role_of_one_organisation_stays_there(
    context: ApiContext, connect: Any, admin: httpx.AsyncClient, world: World, role: Role, few: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Beyond its organisation: not found. Within: what its rights allow, and else a reason. Nothing of the other shows."""
    monkeypatch.setattr(scoping, "FEW", few)
    south, north = await place(world, context, admin, "SOUTH"), await place(world, context, admin, "NORTH")
    client = await keyed(context, connect, scoped(role, north))
    for route in ROUTES:
        if (right := route.right) is None:
            continue
        allowed = right in RIGHTS[role] and right not in NETWORK
        named = set(re.findall(r"{(\w+)", route.path)) - PLACELESS
        if named or route.name in CREATING:
            beyond = await asked(client, route, south)
            wanted = {404, 422} if route.name in CREATING | READ_FIRST else {404}
            assert beyond.status_code in (wanted if allowed else {403}), (route, beyond.text)
        if route.path in STREAMS:
            continue
        within = await asked(client, route, north)
        assert (within.status_code == 403) is not allowed, (route, within.text)
        if not allowed:
            assert within.json()["code"] == "not_allowed"
            assert role.replace("_", " ") in within.json()["detail"]
        elif route.method == "GET" and NIL not in filled(route.path, north) and route.path not in NO_AUTHORITY:
            assert within.status_code == 200, (route.path, within.text)
            theirs = {"SOUTH", *(thing for thing in south.values() if len(thing) > 8)} - set(north.values())
            assert not [thing for thing in theirs if thing in within.text], route.path
            if Right.IDENTITIES_READ not in RIGHTS[role]:
                assert "NORTH-CARD" not in within.text, route.path


async def everything(context: ApiContext) -> str:
    async with context.database.view() as session:
        return repr([(await session.execute(select(table))).all() for table in Base.metadata.sorted_tables])


async def test_nothing_beyond_was_changed(
    context: ApiContext, connect: Any, admin: httpx.AsyncClient, world: World, settle: Any
) -> None:
    south, north = await place(world, context, admin, "SOUTH"), await place(world, context, admin, "NORTH")
    client = await keyed(context, connect, scoped(Role.ADMINISTRATOR, north))
    await client.get("/api/v1/me")
    await settle()
    before = await everything(context)
    for route in ROUTES:
        if route.right is not None and route.path not in STREAMS and route.method != "GET":
            await asked(client, route, south)
    assert await everything(context) == before
