"""Whatever goes wrong has one shape."""

import json
from datetime import UTC, datetime
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from csms.api.context import Context
from csms.api.problems import NoAnswer
from csms.api.routing import router
from csms.domain.accounts.errors import TooManyAttempts
from csms.kit.errors import Conflict, Forbidden, Invalid, NotFound, Problem, Unavailable

PROBLEM = "application/problem+json"


class BatteryEmpty(Conflict):
    """The battery is empty."""

    code = "battery_empty"


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, object]:
    """What every problem has, whoever noticed it."""
    assert answer.headers["content-type"] == PROBLEM
    problem = answer.json()
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code), problem
    assert problem["type"] == f"urn:csms:problem:{code}"
    assert problem["instance"] == answer.request.url.path
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert problem["title"]
    assert problem["detail"]
    return problem


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (NotFound(), 404, "not_found"),
        (Conflict(), 409, "conflict"),
        (BatteryEmpty(), 409, "battery_empty"),
        (Forbidden(), 403, "forbidden"),
        (Invalid(), 422, "invalid"),
        (Unavailable(), 503, "unavailable"),
        (TooManyAttempts(retry_after_s=7), 429, "too_many_attempts"),
        (NoAnswer(), 504, "no_answer"),
        (Problem(), 500, "problem"),
    ],
)
async def test_each_kind_of_error_has_its_status(
    app: FastAPI, client: httpx.AsyncClient, error: Problem, status: int, code: str
) -> None:
    @app.get("/broken")
    async def broken() -> None:
        raise error

    refused(await client.get("/broken"), status, code)


async def test_title_is_the_kind_and_detail_the_case(app: FastAPI, client: httpx.AsyncClient) -> None:
    @app.get("/broken")
    async def broken() -> None:
        raise BatteryEmpty("Battery 7 is empty since noon.", battery=7, reason="SELECT secret", field="battery")

    problem = refused(await client.get("/broken"), 409, "battery_empty")
    assert problem["title"] == "The battery is empty."
    assert problem["detail"] == "Battery 7 is empty since noon."
    assert problem["battery"] == 7
    assert problem["errors"] == [
        {"in": "body", "field": "battery", "code": "battery_empty", "message": "Battery 7 is empty since noon."}
    ]
    assert "reason" not in problem


async def test_what_an_error_adds_cannot_hide_what_every_problem_has(app: FastAPI, client: httpx.AsyncClient) -> None:
    @app.get("/broken")
    async def broken() -> None:
        at = datetime(2030, 1, 31, tzinfo=UTC)
        raise BatteryEmpty(status="charging", code="odd", at=at, id=UUID(int=7), odd="\ud800")

    problem = refused(await client.get("/broken"), 409, "battery_empty")
    assert problem["at"] == "2030-01-31 00:00:00+00:00"
    assert str(problem["id"]).endswith("7")


async def test_unavailable_says_when_to_come_back(app: FastAPI, client: httpx.AsyncClient) -> None:
    @app.get("/soon")
    async def soon() -> None:
        raise Unavailable

    @app.get("/later")
    async def later() -> None:
        raise Unavailable(retry_after_s=90)

    assert (await client.get("/soon")).headers["retry-after"] == "5"
    assert (await client.get("/later")).headers["retry-after"] == "90"


async def test_a_crash_tells_the_caller_nothing_and_the_log_everything(
    app: FastAPI, client: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    @app.get("/crash")
    async def crash() -> None:
        raise ZeroDivisionError("the secret inside")

    answer = await client.get("/crash", headers={"X-Request-Id": "find-me"})
    problem = refused(answer, 500, "internal")
    assert "secret" not in answer.text
    assert problem["request_id"] == "find-me"
    logged = capsys.readouterr().out
    assert "find-me" in logged
    assert "the secret inside" in logged


async def test_a_race_the_database_noticed_is_a_conflict(app: FastAPI, client: httpx.AsyncClient) -> None:
    twice = "INSERT INTO counters (name, value) VALUES ('n', 1), ('n', 2)"

    @app.get("/race")
    async def race(context: Context) -> None:
        async with context.database.unit() as session:
            await session.execute(text(twice))

    answer = await client.get("/race")
    refused(answer, 409, "conflict")
    assert "counters" not in answer.text


async def test_no_such_path(client: httpx.AsyncClient) -> None:
    problem = refused(await client.get("/api/v1/nowhere"), 404, "not_found")
    assert problem["detail"] == "There is nothing at /api/v1/nowhere."
    refused(await client.get("/api/v1/organisations/"), 404, "not_found")


async def test_wrong_method_names_the_right_ones(client: httpx.AsyncClient) -> None:
    answer = await client.put("/api/v1/organisations", json={})
    refused(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, POST"


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[1,]",
        b"\xff\xfe",
        b'{"name": NaN}',
        b'{"name": "\\ud800"}',
        b'{"name": "nul \\u0000"}',
        b'{"name": 1e999}',
        b"[" * 100_000,
    ],
)
async def test_what_is_not_json_is_refused(admin: httpx.AsyncClient, body: bytes) -> None:
    answer = await admin.post("/api/v1/organisations", content=body, headers={"Content-Type": "application/json"})
    refused(answer, 400, "malformed_json")


async def test_an_escaped_backslash_before_u0000_is_no_nul(admin: httpx.AsyncClient) -> None:
    made = await admin.post("/api/v1/organisations", json={"name": "\\u0000"})
    assert made.json()["name"] == "\\u0000"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
async def test_only_json_is_read(admin: httpx.AsyncClient, kind: str) -> None:
    answer = await admin.post("/api/v1/organisations", content=b'{"name": "A"}', headers={"Content-Type": kind})
    refused(answer, 415, "unsupported_media_type")


async def test_a_body_has_a_limit_announced_or_not(admin: httpx.AsyncClient) -> None:
    large = json.dumps({"name": "x" * (1 << 20)}).encode()
    headers = {"Content-Type": "application/json"}
    announced = await admin.post("/api/v1/organisations", content=large, headers=headers)
    problem = refused(announced, 413, "too_large")
    assert "1048576 bytes" in str(problem["detail"])

    async def chunks():
        yield large

    refused(await admin.post("/api/v1/organisations", content=chunks(), headers=headers), 413, "too_large")


async def test_an_import_may_take_more(app: FastAPI, client: httpx.AsyncClient) -> None:
    imports = router("/imports", "Imports", body_limit=1 << 21)

    @imports.post("")
    async def take(body: list[str]) -> int:
        return len(body[0])

    app.include_router(imports)
    assert (await client.post("/imports", json=["x" * (1 << 20)])).json() == 1 << 20
    refused(await client.post("/imports", json=["x" * (1 << 21)]), 413, "too_large")


async def test_every_wrong_field_is_named_in_plain_words(admin: httpx.AsyncClient) -> None:
    body = {"email": 7, "name": " ", "role": "king", "organisation_id": "here", "colour": "red"}
    problem = refused(await admin.post("/api/v1/users", json=body), 422, "invalid")
    told = {(error["in"], error["field"]): error["message"] for error in problem["errors"]}
    assert told == {
        ("body", "email"): "must be text",
        ("body", "name"): "must have at least 1 character",
        ("body", "role"): "must be 'administrator', 'operator', 'technician', 'site_host' or 'viewer'",
        ("body", "password"): "is required",
        ("body", "organisation_id"): "must be an id (a UUID)",
        ("body", "colour"): "is not known here",
    }
    assert (
        problem["detail"] == "role: must be 'administrator', 'operator', 'technician', 'site_host' or 'viewer' (5 more)"
    )


async def test_a_missing_body_is_said_to_be_missing(admin: httpx.AsyncClient) -> None:
    problem = refused(await admin.post("/api/v1/organisations"), 422, "invalid")
    assert problem["detail"] == "body: is required"


async def test_a_body_of_which_nothing_is_required_may_be_left_out(admin: httpx.AsyncClient) -> None:
    await admin.post("/api/v1/stations", json={"identity": "A"})
    with_one = await admin.post("/api/v1/stations/A/password", json={})
    without = await admin.post("/api/v1/stations/A/password")
    assert (with_one.status_code, without.status_code) == (200, 200)
    assert with_one.json().keys() == without.json().keys()
    assert refused(await admin.patch("/api/v1/stations/A"), 422, "invalid")["detail"] == "body: is required"
    described = (await admin.get("/api/openapi.json")).json()["paths"]
    bodies = [described[f"/api/v1/stations{path}"]["post"]["requestBody"] for path in ("", "/{identity}/password")]
    assert [body.get("required", False) for body in bodies] == [True, False]


async def test_unknown_query_parameters_are_refused(admin: httpx.AsyncClient) -> None:
    problem = refused(await admin.get("/api/v1/organisations?limit=5&serach=x"), 422, "invalid")
    assert problem["errors"] == [
        {"in": "query", "field": "serach", "code": "extra_forbidden", "message": "is not known here"}
    ]


@pytest.mark.parametrize("path", ["/api/v1/organisations?search=a%00b", "/api/v1/%00"])
async def test_nul_characters_in_an_address_are_refused(admin: httpx.AsyncClient, path: str) -> None:
    refused(await admin.get(path), 400, "bad_request")
