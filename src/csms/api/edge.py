"""The request edge: every request gets an id, a line in the log, safe headers, and an answer even when we crash."""

import re
from collections.abc import MutableMapping
from typing import Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from csms.api.problems import BadRequest, crashed, on_problem
from csms.kit.clock import Clock
from csms.kit.ids import uuid7

log = structlog.get_logger(__name__)

_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
SAFE_HEADERS = {
    "Content-Security-Policy": _CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class RequestEdge:
    """Stands around the whole app. `X-Request-Id` is taken from the caller when it looks like one."""

    def __init__(self, app: ASGIApp, clock: Clock, secure: bool) -> None:
        self._app = app
        self._clock = clock
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = self._request_id(Headers(scope=scope))
        scope["request_id"] = request_id
        began = self._clock.monotonic()
        status = 0

        async def send_safely(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
                self._add_headers(message, scope, request_id)
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._serve(scope, receive, send_safely)
            except ClientDisconnect:
                log.info("the client left before its request was complete", path=scope["path"])
            except Exception:
                log.exception("a request crashed", method=scope["method"], path=scope["path"])
                if status == 0:
                    await crashed(Request(scope))(scope, receive, send_safely)
            finally:
                took = round((self._clock.monotonic() - began) * 1000, 1)
                log.debug("request", method=scope["method"], path=scope["path"], status=status, ms=took)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if "\x00" in scope["path"]:
            response = await on_problem(Request(scope), BadRequest("The path contains a NUL character."))
            await response(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _request_id(self, headers: Headers) -> str:
        given = headers.get("x-request-id", "")
        return given if _SANE_ID.fullmatch(given) else uuid7(self._clock.now()).hex

    def _add_headers(self, message: MutableMapping[str, Any], scope: Scope, request_id: str) -> None:
        headers = MutableHeaders(scope=message)
        headers["X-Request-Id"] = request_id
        for name, value in SAFE_HEADERS.items():
            headers.setdefault(name, value)
        if scope["path"].startswith("/api/"):
            headers.setdefault("Cache-Control", "no-store")
        if self._secure or scope["scheme"] == "https":
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
