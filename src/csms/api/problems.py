"""RFC 9457 problems: one shape for everything that can go wrong, whoever noticed it."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import IntegrityError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from csms.api.words import in_words
from csms.domain.accounts.errors import NotSignedIn, TooManyAttempts, WrongSignIn
from csms.kit.errors import Conflict, Forbidden, Invalid, NotFound, Problem, Unavailable

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 5


class BadRequest(Problem):
    """This request cannot be read."""

    code = "bad_request"


class MalformedJson(BadRequest):
    """The body is not proper JSON."""

    code = "malformed_json"


class TooLarge(Problem):
    """The body is too large."""

    code = "too_large"


class NotJson(Problem):
    """Send the body as application/json."""

    code = "unsupported_media_type"


class NoAnswer(Unavailable):
    """The answer did not come in time."""

    code = "no_answer"


# The first kind that fits decides, so subclasses stand before their parents.
STATUS: tuple[tuple[type[Problem], HTTPStatus], ...] = (
    (NotSignedIn, HTTPStatus.UNAUTHORIZED),
    (WrongSignIn, HTTPStatus.UNAUTHORIZED),
    (TooManyAttempts, HTTPStatus.TOO_MANY_REQUESTS),
    (NoAnswer, HTTPStatus.GATEWAY_TIMEOUT),
    (BadRequest, HTTPStatus.BAD_REQUEST),
    (TooLarge, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (NotJson, HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
    (NotFound, HTTPStatus.NOT_FOUND),
    (Conflict, HTTPStatus.CONFLICT),
    (Forbidden, HTTPStatus.FORBIDDEN),
    (Invalid, HTTPStatus.UNPROCESSABLE_ENTITY),
    (Unavailable, HTTPStatus.SERVICE_UNAVAILABLE),
)


class FieldError(BaseModel):
    """One thing wrong with the request."""

    place: str = Field(alias="in", description="body, query, path or header")
    field: str = Field(description="where in there, as in `connectors[2].standard`; empty for the whole")
    code: str
    message: str


class ProblemOut(BaseModel):
    """RFC 9457 problem details."""

    model_config = ConfigDict(extra="allow", title="Problem")

    type: str = Field(description="urn:csms:problem:<code>")
    title: str
    status: int
    detail: str
    code: str = Field(description="the problem's name, for programs")
    instance: str = Field(description="the path that was asked for")
    request_id: str = Field(description="the name of this request in the server's log")
    errors: list[FieldError] | None = Field(default=None, description="what is wrong with the request, field by field")


PROBLEM: dict[str, Any] = {"model": ProblemOut, "description": "A problem (RFC 9457)"}  # for `responses`


def problem_response(
    request: Request,
    status: int,
    code: str,
    title: str,
    detail: str,
    *,
    errors: Sequence[Mapping[str, str]] = (),
    more: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem as a response; `more` are extension members, which cannot take the place of the standard ones."""
    body: dict[str, Any] = {
        **(more or {}),
        "type": f"urn:csms:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "instance": request.url.path,
        "request_id": request.scope.get("request_id", ""),
    }
    if errors:
        body["errors"] = list(errors)
    content = json.dumps(body, default=str, ensure_ascii=False).encode("utf-8", "replace")
    return Response(content, status, headers, MEDIA_TYPE)


def _title(kind: type[Problem]) -> str:
    return (kind.__doc__ or "").strip().splitlines()[0]


async def on_problem(request: Request, error: Exception) -> Response:
    """Translate the five kinds of domain errors, and the API's own."""
    assert isinstance(error, Problem)
    status = next((status for kind, status in STATUS if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR)
    more = dict(error.facts)
    headers: dict[str, str] = {}
    reason = more.pop("reason", None)  # for the log only: it may tell of our insides
    if isinstance(error, Unavailable):
        log.warning("unavailable", code=error.code, reason=reason)
        headers["Retry-After"] = str(more.get("retry_after_s", RETRY_AFTER_S))
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="csms"'
    errors = more.pop("errors", ())
    if field := more.pop("field", None):
        errors = [{"in": "body", "field": field, "code": error.code, "message": error.detail}]
    return problem_response(
        request, status, error.code, _title(type(error)), error.detail, errors=errors, more=more, headers=headers
    )


async def on_invalid_request(request: Request, error: Exception) -> Response:
    """Name every field that is wrong, in plain words."""
    assert isinstance(error, RequestValidationError)
    errors = [in_words(item) for item in error.errors()]
    detail = f"{errors[0]['field'] or errors[0]['in']}: {errors[0]['message']}" if errors else _title(Invalid)
    if len(errors) > 1:
        detail += f" ({len(errors) - 1} more)"
    return problem_response(
        request, HTTPStatus.UNPROCESSABLE_ENTITY, Invalid.code, _title(Invalid), detail, errors=errors
    )


async def on_http_error(request: Request, error: Exception) -> Response:
    """What the framework itself refuses: no such path, wrong method."""
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    code = status.name.lower()
    details = {
        HTTPStatus.NOT_FOUND: f"There is nothing at {request.url.path}.",
        HTTPStatus.METHOD_NOT_ALLOWED: f"{request.method} is not possible at {request.url.path}.",
    }
    detail = details.get(status) or str(error.detail)
    headers = dict(error.headers or {})
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods_at(request))
    return problem_response(request, status, code, status.phrase, detail, headers=headers)


def _methods_at(request: Request) -> list[str]:
    """The framework names only the methods of the first route that fits the path; RFC 9110 §15.5.6 wants them all."""
    plain = {"type": "http", "path": request.scope["path"], "root_path": request.scope.get("root_path", "")}
    return [
        method
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
        if any(route.matches({**plain, "method": method})[0] is Match.FULL for route in request.app.routes)
    ]


async def on_integrity_error(request: Request, error: Exception) -> Response:
    """Two requests raced for the same name, or what this one points at has just gone."""
    log.warning("the database refused a change", error=str(getattr(error, "orig", error)))
    detail = "This contradicts what was stored in the meantime; look again and retry."
    return problem_response(request, HTTPStatus.CONFLICT, Conflict.code, _title(Conflict), detail)


def crashed(request: Request) -> Response:
    """A defect of ours; the log has the rest under the request's id."""
    detail = "The server failed at this request. Nothing was changed. Its log has more under this request id."
    return problem_response(
        request, HTTPStatus.INTERNAL_SERVER_ERROR, "internal", "Something went wrong on our side.", detail
    )


def install(app: FastAPI) -> None:
    """Make the app answer with problems only."""
    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(RequestValidationError, on_invalid_request)
    app.add_exception_handler(HTTPException, on_http_error)
    app.add_exception_handler(IntegrityError, on_integrity_error)
