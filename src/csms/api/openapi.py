"""The OpenAPI description: how to sign in, what a problem looks like, one name for every operation."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from csms.api.operator.commands import VERB_SCHEMAS
from csms.api.problems import MEDIA_TYPE
from csms.api.security import COOKIE

DESCRIPTION = """\
The charging station management system over HTTP.

**Signing in.** A script sends an API key: `Authorization: Bearer csms_…`. A browser signs in with
`POST /api/v1/sign-in` and gets a cookie that scripts cannot read and other sites cannot send. A request that changes
something by cookie must say that it comes from this system's own pages, as browsers do by themselves
(`Sec-Fetch-Site: same-origin`, or `Origin`), else it is refused with 403 `foreign_origin`. Bodies are
`application/json`, nothing else.

**Roles.** A user or API key has roles (*administrator*, *operator*, *technician*, *site host*, *viewer*), each everywhere, in
an organisation and all below it, or at a location. What lies beyond is not found (404); what the role does not allow within
is refused with 403 `not_allowed`, which says who may. `GET /api/v1/me` lists the rights and where they hold. Who has no
right to identities sees id tokens masked. To look at a part of it only, send `Bluesky-Within: organisation=<id>` (and all below
it) or `Bluesky-Within: location=<id>` with a GET: lists and figures are then of that place.

**Problems.** Whatever goes wrong is answered as RFC 9457 `application/problem+json`: `code` names the problem for
programs, `detail` says it in words, `errors` lists the fields at fault, and `request_id` finds the request in the
server's log. Unknown query parameters and unknown fields are refused rather than ignored. 429 and 503 carry
`Retry-After`.

**Lists.** `offset` and `limit` (at most 500) choose a page, `sort` its order (`-` in front: descending); `total` counts
all that match. Times are UTC in RFC 3339.
"""

_SPELLING = {"api": "API", "ocpp": "OCPP"}
_SCHEMES = {
    "apiKey": {"type": "http", "scheme": "bearer", "description": "An API key, `csms_…`"},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "The cookie of `POST /api/v1/sign-in`",
    },
}


def operation_id(route: APIRoute) -> str:
    """The endpoint's own name; it is unique."""
    return route.name


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI 3.1 document, made once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, description=DESCRIPTION, routes=app.routes, summary=app.summary
        )
        components = document.setdefault("components", {})
        components["securitySchemes"] = _SCHEMES
        components.setdefault("schemas", {}).update(VERB_SCHEMAS)
        document["security"] = [{name: []} for name in _SCHEMES]
        for operations in document["paths"].values():
            for operation in operations.values():
                _mend(operation)
        app.openapi_schema = document
    return app.openapi_schema


def _mend(operation: dict[str, Any]) -> None:
    words = operation["operationId"].split("_")
    operation["summary"] = " ".join(_SPELLING.get(word, word) for word in words).replace(words[0], words[0].title(), 1)
    for status, response in operation["responses"].items():
        if status.isdecimal():
            response["description"] = HTTPStatus(int(status)).phrase
    for content in operation.get("requestBody", {}).get("content", {}).values():
        content.get("schema", {}).pop("default", None)  # said by its fields
    default = operation["responses"].get("default")
    if default is not None:
        default["content"] = {MEDIA_TYPE: default["content"]["application/json"]}
