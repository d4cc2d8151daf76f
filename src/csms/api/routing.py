"""Routers whose routes refuse what they do not understand."""

import inspect
import re
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, ClassVar

import msgspec
from fastapi import APIRouter, params
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from csms.api.problems import PROBLEM, BadRequest, MalformedJson, NotJson, TooLarge
from csms.api.schemas import Body, Change

BODY_LIMIT = 1 << 20
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_JSON = re.compile(r"application/([\w.-]+\+)?json\s*(;|$)", re.IGNORECASE)


class StrictRequest(Request):
    """A request whose body is bounded and proper JSON: no NaN, no lone surrogates, no NUL characters."""

    content: bytes
    document: Any

    async def load(self, limit: int) -> None:
        self.content = await self._bounded(limit)
        self.document = _parse(self.content, self.headers.get("content-type", "")) if self.content else None

    async def _bounded(self, limit: int) -> bytes:
        too_large = f"The body may have at most {limit} bytes."
        announced = self.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > limit:
            raise TooLarge(too_large)
        content = bytearray()
        async for chunk in self.stream():
            content += chunk
            if len(content) > limit:
                raise TooLarge(too_large)
        return bytes(content)

    async def body(self) -> bytes:
        return self.content

    async def json(self) -> Any:
        return self.document


def _parse(content: bytes, content_type: str) -> Any:
    if not _JSON.match(content_type):
        raise NotJson
    if _NUL.search(content):
        raise MalformedJson("The body contains a NUL character, which cannot be stored.")
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedJson(f"The body is not proper JSON: {error}.") from error
    except RecursionError as error:
        raise MalformedJson("The body is nested too deeply.") from error


class StrictRoute(APIRoute):
    """Refuses unknown query parameters, bodies that are too large or not JSON, and NUL characters.

    A body of which nothing is required may be left out, unless it says what to change.
    """

    body_limit: ClassVar[int] = BODY_LIMIT

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        _spare_body(endpoint)
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        fields = (field for field in get_flat_params(self.dependant) if isinstance(field.field_info, params.Query))
        known = frozenset(field.alias for field in fields)

        async def strict(request: Request) -> Response:
            _check_query(request, known)
            if self.body_field is None:
                return await handle(request)
            loaded = StrictRequest(request.scope, request.receive)
            await loaded.load(self.body_limit)
            return await handle(loaded)

        return strict


def _spare_body(endpoint: Any) -> None:
    """Give the body its default, where all of its fields have one; by keyword, so that the order is of no account."""
    signature = inspect.signature(endpoint)
    body = signature.parameters.get("body")
    model = body.annotation if body is not None else None
    if not isinstance(model, type) or not issubclass(model, Body) or issubclass(model, Change):
        return
    with suppress(ValidationError):
        given = {"body": model()}
        endpoint.__signature__ = signature.replace(
            parameters=[
                one.replace(kind=inspect.Parameter.KEYWORD_ONLY, default=given.get(one.name, one.default))
                for one in signature.parameters.values()
            ]
        )


def _check_query(request: Request, known: frozenset[str]) -> None:
    if not request.scope["query_string"]:
        return
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        raise RequestValidationError(
            [{"type": "extra_forbidden", "loc": ("query", name), "msg": "", "ctx": {}} for name in unknown]
        )
    if any("\x00" in value for _, value in request.query_params.multi_items()):
        raise BadRequest("The query contains a NUL character.")


def router(prefix: str, tag: str, *, body_limit: int = BODY_LIMIT) -> APIRouter:
    """A resource's router; `prefix` as in `/stations`. Endpoints that import may raise `body_limit` (bytes)."""
    route = type("BoundedRoute", (StrictRoute,), {"body_limit": body_limit})
    return APIRouter(prefix=prefix, tags=[tag], route_class=route, responses={"default": PROBLEM})
