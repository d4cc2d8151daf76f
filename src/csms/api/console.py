"""The operators' console: the files that `make web` built, with a content policy that allows nothing from elsewhere.

Without built files there is no console, and the API's own small pages stay.
"""

import gzip
import mimetypes
import secrets
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final
from urllib.parse import urlsplit

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

NONCE: Final = b"__NONCE__"
_BUILT: Final = files("csms.api") / "console_dist"
_FOREVER: Final = "public, max-age=31536000, immutable"
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; style-src-attr 'unsafe-inline'; "
    "img-src 'self' data: blob:{tiles}; font-src 'self'; connect-src 'self'{tiles}; manifest-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'; object-src 'none'"
)
PAGES: Final = (
    "/", "/sign-in", "/setup", "/stations", "/sessions", "/access", "/inbox", "/map", "/settings", "/review", "/start",
)  # fmt: skip


def built(folder: Traversable = _BUILT) -> bool:
    return (folder / "index.html").is_file()


def tile_origin(url: str | None) -> str | None:
    """Where map tiles come from, as the content policy names it."""
    if url is None:
        return None
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


@cache
def console(folder: Traversable = _BUILT, *, tiles: str | None = None) -> APIRouter:
    """Routes to the console's pages and files; every address below one of `PAGES` is a page of the one application.

    Pages may get images from the origin `tiles` too. The files are read once a process.
    """
    router = APIRouter(include_in_schema=False)
    index = (folder / "index.html").read_bytes()
    loaded = {entry.name: entry.read_bytes() for entry in (folder / "assets").iterdir() if entry.is_file()}
    beside = {
        entry.name: entry.read_bytes() for entry in folder.iterdir() if entry.is_file() and entry.name != "index.html"
    }

    async def page(_: Request) -> Response:
        nonce = secrets.token_urlsafe(16)
        headers = {
            "Cache-Control": "no-store",
            "Content-Security-Policy": _POLICY.format(nonce=nonce, tiles=f" {tiles}" if tiles else ""),
        }
        return Response(index.replace(NONCE, nonce.encode()), headers=headers, media_type="text/html")

    packed: dict[str, bytes] = {}

    async def asset(request: Request, name: str) -> Response:
        content = loaded.get(name)
        if content is None:
            return Response(status_code=404)
        headers = {"Cache-Control": _FOREVER, "Vary": "Accept-Encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            if name not in packed:
                packed[name] = gzip.compress(content, 6, mtime=0)
            return Response(packed[name], headers={**headers, "Content-Encoding": "gzip"}, media_type=_kind(name))
        return Response(content, headers=headers, media_type=_kind(name))

    async def other(request: Request) -> Response:
        name = request.url.path.removeprefix("/")
        return Response(beside[name], headers={"Cache-Control": "no-cache"}, media_type=_kind(name))

    for path in PAGES:
        router.add_api_route(path, page, methods=["GET", "HEAD"])
        if path not in ("/", "/sign-in", "/setup"):
            router.add_api_route(f"{path}/{{rest:path}}", page, methods=["GET", "HEAD"])
    router.add_api_route("/assets/{name}", asset, methods=["GET", "HEAD"])
    for name in beside:
        router.add_api_route(f"/{name}", other, methods=["GET", "HEAD"])
    return router


def _kind(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"
