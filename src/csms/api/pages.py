"""The few pages the API has by itself: where it lands, its set-up, its reference. Nothing comes from elsewhere."""

import hashlib
import mimetypes
from dataclasses import dataclass
from importlib.resources import files

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

_STATIC = files("csms.api") / "static"


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    media_type: str
    tag: str


def _load() -> dict[str, _File]:
    loaded = {}
    for entry in _STATIC.iterdir():
        content = entry.read_bytes()
        kind = mimetypes.guess_type(entry.name)[0] or "application/octet-stream"
        loaded[entry.name] = _File(content, kind, f'"{hashlib.sha256(content).hexdigest()[:16]}"')
    return loaded


def pages(*, docs: bool) -> APIRouter:
    """Routes to the files in `static/`, which are read once; with `docs` also the API reference."""
    loaded = _load()
    router = APIRouter(include_in_schema=False)

    def send(request: Request, name: str) -> Response:
        file = loaded.get(name)
        if file is None:
            raise HTTPException(404)
        headers = {"ETag": file.tag, "Cache-Control": "no-cache"}
        if request.headers.get("if-none-match") == file.tag:
            return Response(status_code=304, headers=headers)
        return Response(file.content, headers=headers, media_type=file.media_type)

    def page(path: str, name: str) -> None:
        async def endpoint(request: Request) -> Response:
            return send(request, name)

        router.add_api_route(path, endpoint, methods=["GET", "HEAD"], name=name)

    page("/", "index.html")
    page("/setup", "setup.html")
    if docs:
        page("/docs", "docs.html")

    @router.api_route("/static/{name}", methods=["GET", "HEAD"])
    async def static(request: Request, name: str) -> Response:
        return send(request, name)

    return router
