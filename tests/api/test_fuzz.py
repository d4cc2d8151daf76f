"""No input, however odd, crashes a request."""

import json
import re
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

NIL = "00000000-0000-0000-0000-000000000000"
ODD = st.characters()  # lone surrogates and NUL among them
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(ODD, max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(ODD, max_size=8), inner, max_size=3),
    max_leaves=8,
)
ALMOST_RIGHT = JSON | st.sampled_from(
    ["administrator", NIL, "a@b.example", "three random words", "2030-01-31T12:00:00Z", "", 1, True]
)
FUZZ = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def operations(app: FastAPI) -> list[tuple[str, str, dict[str, Any]]]:
    document = app.openapi()
    schemas = document["components"]["schemas"]
    found = []
    for path, item in document["paths"].items():
        for method, operation in item.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            name = content.get("schema", {}).get("$ref", "/").split("/")[-1]
            operation["fields"] = sorted(schemas.get(name, {}).get("properties", {}))
            found.append((method, path, operation))
    return found


IDS = st.sampled_from([NIL, "1", "CS-1", "%ff%00", "9" * 40])
WHICH = st.integers(0, 10_000)  # chosen by number, so that what is drawn does not depend on what there is


def address(path: str, given_id: str) -> str:
    return re.sub(r"\{\w+\}", given_id, path)


def check(answer: httpx.Response) -> None:
    # 503 is no crash: what an installation has not been given (a certificate authority, say) is said so.
    assert answer.status_code < 500 or answer.status_code == 503, answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code


@FUZZ
@given(
    which=WHICH, known=st.dictionaries(WHICH, ALMOST_RIGHT, max_size=6), odd=JSON, is_odd=st.booleans(), given_id=IDS
)
async def test_bodies(
    admin: httpx.AsyncClient,
    operations: list[Any],
    which: int,
    known: dict[int, Any],
    odd: Any,
    is_odd: bool,
    given_id: str,
) -> None:
    with_body = [operation for operation in operations if "requestBody" in operation[2]]
    method, path, operation = with_body[which % len(with_body)]
    fields = [*operation["fields"], "unknown"]
    body = odd if is_odd else {fields[number % len(fields)]: value for number, value in known.items()}
    headers = {"Content-Type": "application/json"}
    check(await admin.request(method, address(path, given_id), content=json.dumps(body).encode(), headers=headers))


@FUZZ
@given(
    content=st.binary(max_size=60),
    kind=st.sampled_from(["application/json", "application/json; charset=utf-16", "text/plain", "; ;"]),
)
async def test_bytes(admin: httpx.AsyncClient, content: bytes, kind: str) -> None:
    check(await admin.post("/api/v1/users", content=content, headers={"Content-Type": kind}))


VALUES = st.text(max_size=12) | st.sampled_from(["-1", "1", "9" * 30, "true", NIL, "2030-01-31T12:00:00Z", "nan"])


@FUZZ
@given(which=WHICH, values=st.dictionaries(WHICH, VALUES, max_size=3), given_id=IDS)
async def test_queries(
    admin: httpx.AsyncClient, operations: list[Any], which: int, values: dict[int, str], given_id: str
) -> None:
    lists = [item for item in operations if item[0] == "get" and item[2].get("parameters") and "live" not in item[1]]
    _, path, operation = lists[which % len(lists)]
    names = [*(parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "query"), "unknown"]
    query = {names[number % len(names)]: value for number, value in values.items()}
    check(await admin.get(address(path, given_id), params=query))


HEADER = st.text(st.characters(min_codepoint=33, max_codepoint=255), max_size=30).map(
    lambda text: text.encode("latin-1")
)
NAMES = st.sampled_from(["Authorization", "Cookie", "Origin", "User-Agent", "Sec-Fetch-Site", "X-Request-Id"])


@FUZZ
@given(headers=st.dictionaries(NAMES, HEADER | HEADER.map(lambda text: b"csms_session=" + text)))
async def test_sign_in_by_anybody(client: httpx.AsyncClient, headers: dict[str, bytes]) -> None:
    check(await client.post("/api/v1/sign-out", headers=headers))
    check(await client.get("/api/v1/me", headers=headers))
