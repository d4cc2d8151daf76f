"""The OpenAPI description is whole and true."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012


@pytest.fixture
async def document(client: httpx.AsyncClient) -> dict[str, Any]:
    return (await client.get("/api/openapi.json")).json()


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if path.startswith("/api/v1")
    ]


async def test_it_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert document["info"]["title"] == "Bluesky"
    assert set(document["components"]["securitySchemes"]) == {"apiKey", "session"}


def inside(part: Any) -> Iterator[dict[str, Any]]:
    """Every object of the document."""
    if isinstance(part, dict):
        yield part
    for child in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from inside(child)


async def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    registry: Registry[Any] = Registry().with_resource("", DRAFT202012.create_resource(document))
    references = {part["$ref"] for part in inside(document) if isinstance(part.get("$ref"), str)}
    assert "#/components/schemas/Profile" in references
    for reference in references:
        assert registry.resolver().lookup(reference).contents, reference


async def test_every_schema_is_one_of_json_schema_2020_12(document: dict[str, Any]) -> None:
    """Which OpenAPI 3.1 takes as it is (§4.8.24)."""
    schemas = [part["schema"] for part in inside(document["paths"]) if isinstance(part.get("schema"), dict)]
    schemas += document["components"]["schemas"].values()
    assert len(schemas) > 200
    for schema in schemas:
        Draft202012Validator.check_schema(schema)


async def test_every_operation_describes_its_parameters_and_answers(document: dict[str, Any]) -> None:
    """What OpenAPI 3.1 demands of operations: each part of the path is a parameter, each answer has a description."""
    for method, path, operation in operations(document):
        named = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "path" and one["required"]}
        assert named == set(re.findall(r"{(\w+)}", path)), (method, path)
        assert all(answer["description"] for answer in operation["responses"].values()), (method, path)


async def test_every_operation_has_one_name_a_group_and_its_problems(document: dict[str, Any]) -> None:
    found = operations(document)
    assert len(found) > 15
    names = Counter(operation["operationId"] for _, _, operation in found)
    assert [name for name, count in names.items() if count > 1] == []
    for method, path, operation in found:
        assert operation["tags"], (method, path)
        assert list(operation["responses"]["default"]["content"]) == ["application/problem+json"], (method, path)
        assert "422" not in operation["responses"], (method, path)


async def test_every_request_body_refuses_unknown_fields(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for method, path, operation in operations(document):
        content = operation.get("requestBody", {}).get("content", {})
        reference = content.get("application/json", {}).get("schema", {}).get("$ref")
        if reference is not None:
            assert schemas[reference.split("/")[-1]].get("additionalProperties") is False, (method, path)


async def test_nothing_is_open_but_what_is_said_to_be(document: dict[str, Any], client: httpx.AsyncClient) -> None:
    for method, path, operation in operations(document):
        if operation.get("security") == []:
            continue
        answer = await client.request(method, re.sub(r"\{\w+\}", "1", path))
        assert answer.status_code == 401, (method, path, answer.text)


async def test_a_viewer_changes_nothing(document: dict[str, Any], viewer: httpx.AsyncClient) -> None:
    for method, path, operation in operations(document):
        if method == "get" or operation.get("security") == [] or path.startswith("/api/v1/me"):
            continue
        answer = await viewer.request(method, path.replace("{", "").replace("}", ""))
        assert answer.status_code == 403, (method, path, answer.text)
